export { type TransformersOptions, transformers } from '../../runner/transformers.ts'
export { type TransformersModel, transformersWeights } from '../../runner/transformersWeights.ts'
