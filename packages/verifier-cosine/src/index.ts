/**
 * As close to a reference run as honest runtimes are: cosine, relative L2 and largest difference.
 *
 * @module @proof-of-inference/verifier-cosine
 */

export { cosine, type Embedder } from './cosine.ts'
export { lexicalEmbedder } from './lexicalEmbedder.ts'
export type { CosineParameters, CosinePolicyOptions, PairThresholds } from './policy.ts'
