export { cosine, type Embedder } from './cosine.ts'
export type { CosineParameters, CosinePolicyOptions, PairThresholds } from './policy.ts'
