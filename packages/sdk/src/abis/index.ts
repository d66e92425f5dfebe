export { modelRegistryAbi, operatorRegistrarAbi, proofOfInferenceAvsAbi } from './generated.ts'
