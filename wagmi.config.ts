import { defineConfig } from '@wagmi/cli'
import { foundry } from '@wagmi/cli/plugins'

const contracts = [
  'EquivocationSlasher',
  'ModelRegistry',
  'OperatorRegistrar',
  'OperatorTableSet',
  'ProofOfInferenceAVS',
]

/** Run by scripts/generate.mjs after the build: the ABIs of the contracts that the SDK speaks to. */
export default defineConfig({
  out: 'packages/sdk/src/abis/generated.ts',
  plugins: [
    foundry({
      project: 'contracts',
      artifacts: 'out',
      forge: { build: false, rebuild: false },
      include: contracts.map((name) => `${name}.sol/${name}.json`),
    }),
  ],
})
