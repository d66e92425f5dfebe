/**
 * ONNX models by onnxruntime-node.
 *
 * @module @proof-of-inference/sdk/runner/onnx-node
 */

export { type OnnxNodeOptions, onnxNode } from '../../runner/onnxNode.ts'
