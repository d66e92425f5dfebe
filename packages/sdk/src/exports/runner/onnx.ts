export { type OnnxOptions, onnx } from '../../runner/onnx.ts'
