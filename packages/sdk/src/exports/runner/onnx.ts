export { onnx } from '../../runner/onnx.ts'
