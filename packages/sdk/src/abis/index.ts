export {
  equivocationSlasherAbi,
  modelRegistryAbi,
  operatorRegistrarAbi,
  proofOfInferenceAvsAbi,
} from './generated.ts'
