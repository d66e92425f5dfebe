export { cosine, type Embedder } from './cosine.ts'
export type { Distances, Measurement, MeasureOptions } from './measure.ts'
export type { CosineParameters, CosinePolicyOptions, PairThresholds, Saturation } from './policy.ts'
