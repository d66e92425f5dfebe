import type { Address, Hex } from 'viem'
import { expectTypeOf } from 'vitest'
import type { WriteReturnType } from '../../src/exports/actions.ts'
import * as erc8004 from '../../src/exports/erc8004.ts'
import { account, address, deployment, hash, reader, registries, wallet } from './stage.ts'

const agentId = 7n

expectTypeOf(erc8004.assertRegistries(reader, registries)).resolves.toBeVoid()
expectTypeOf(erc8004.getAgent(reader, { registries, agentId })).resolves.toEqualTypeOf<{
  agentId: bigint
  owner: Address
  uri: string
  wallet: Address | null
}>()
// A deployment of the market is one of registries.
expectTypeOf(erc8004.getAgent(reader, { registries: deployment, agentId })).resolves.toBeObject()
expectTypeOf(erc8004.getAgentRegistration(reader, { registries, agentId }))
  .resolves.toHaveProperty('integrity')
  .toEqualTypeOf<erc8004.FileIntegrity>()
expectTypeOf(erc8004.getFeedback(reader, { registries, agentId, clients: [address] }))
  .resolves.items.toHaveProperty('value')
  .toEqualTypeOf<bigint>()
expectTypeOf(erc8004.getFeedbackSummary(reader, { registries, agentId, clients: [address] })).resolves.toEqualTypeOf<{
  count: bigint
  mean: bigint | null
  decimals: number
}>()
expectTypeOf(erc8004.getValidation(reader, { registries, requestHash: hash, fromBlock: 0n }))
  .resolves.toHaveProperty('answers')
  .toEqualTypeOf<erc8004.getValidation.Answer[]>()
// @ts-expect-error registries do not say where to begin
erc8004.getValidation(reader, { registries, requestHash: hash })
expectTypeOf(
  erc8004.getValidationSummary(reader, { registries, agentId, validators: [address] }),
).resolves.toEqualTypeOf<{ count: bigint; meanResponse: number | null }>()

// @ts-expect-error nobody signs
erc8004.registerAgent(reader, { registries })
expectTypeOf(erc8004.registerAgent(reader, { registries, account })).resolves.toEqualTypeOf<
  WriteReturnType & { agentId: bigint }
>()
expectTypeOf(erc8004.giveFeedback(wallet, { registries, agentId, value: 100n })).resolves.toEqualTypeOf<
  WriteReturnType & { feedbackIndex: bigint }
>()
expectTypeOf(
  erc8004.revokeFeedback(wallet, { registries, agentId, feedbackIndex: 1n }),
).resolves.toEqualTypeOf<WriteReturnType>()
expectTypeOf(
  erc8004.requestValidation(wallet, { registries, validator: address, agentId, requestHash: hash }),
).resolves.toEqualTypeOf<WriteReturnType>()
expectTypeOf(erc8004.setAgentUri(wallet, { registries, agentId, uri: '' })).resolves.toEqualTypeOf<WriteReturnType>()
expectTypeOf(
  erc8004.setAgentWallet(wallet, { registries, agentId, wallet: account }),
).resolves.toEqualTypeOf<WriteReturnType>()

expectTypeOf(erc8004.parseAgentRegistration).parameter(0).toBeUnknown()
expectTypeOf(erc8004.parseAgentRegistration).returns.toExtend<erc8004.AgentRegistration>()
expectTypeOf(erc8004.hashValidationRequest).returns.toEqualTypeOf<Hex>()
