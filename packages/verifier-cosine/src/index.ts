export { cosine, type Embedder } from './cosine.ts'
export { lexicalEmbedder } from './lexicalEmbedder.ts'
export type { CosineParameters, CosinePolicyOptions, PairThresholds } from './policy.ts'
