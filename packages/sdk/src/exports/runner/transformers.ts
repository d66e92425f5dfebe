/**
 * Language models in folders with the layout of the Hugging Face hub.
 *
 * @module @proof-of-inference/sdk/runner/transformers
 */

export { type TransformersOptions, transformers } from '../../runner/transformers.ts'
export { type TransformersModel, transformersWeights } from '../../runner/transformersWeights.ts'
