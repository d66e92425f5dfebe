export { type OnnxNodeOptions, onnxNode } from '../../runner/onnxNode.ts'
