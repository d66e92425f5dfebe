export {
  equivocationSlasherAbi,
  modelRegistryAbi,
  operatorRegistrarAbi,
  operatorTableSetAbi,
  proofOfInferenceAvsAbi,
} from './generated.ts'
