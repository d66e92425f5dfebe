/**
 * ONNX models by onnxruntime-web, in Node and in browsers.
 *
 * @module @proof-of-inference/sdk/runner/onnx
 */

export { type OnnxOptions, onnx } from '../../runner/onnx.ts'
