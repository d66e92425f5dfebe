import { onnx } from '../../src/runner/onnx.ts'

export default () => onnx()
