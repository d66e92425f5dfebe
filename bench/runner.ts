// What an operator's thread runs models with.
import { onnx } from '@proof-of-inference/sdk/runner/onnx'

export default () => onnx()
