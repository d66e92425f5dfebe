import { assertChain, chains } from '@proof-of-inference/sdk'
import { registerAgent } from '@proof-of-inference/sdk/erc8004'
import { createWalletClient, http } from 'viem'
import { expect, test } from 'vitest'
import { createRehearsal } from './createRehearsal.ts'

const validationRegistry = '0x5000000000000000000000000000000000000001'

test('has everything of a chain with restaking where it is there', async () => {
  const contracts = { ...chains[1], registries: { ...chains[1].registries, validationRegistry } } as const
  await using chain = await createRehearsal({ contracts, strategies: ['0x5000000000000000000000000000000000000002'] })
  expect(chain.chain.id).toBe(1)
  await assertChain(chain.client, contracts)
  await expect(assertChain(chain.client, chains[11155111])).rejects.toMatchObject({ name: 'ChainMismatchError' })
  const wallet = createWalletClient({ account: chain.accounts.agent, chain: chain.chain, transport: http() })
  expect(await registerAgent(wallet, { registries: contracts.registries })).toMatchObject({ agentId: 0n })

  // each of the checks can fail
  const { allocationManager, crossChainRegistry, keyRegistrar } = chains[1].eigenLayer
  for (const [contract, address] of Object.entries({ allocationManager, crossChainRegistry, keyRegistrar })) {
    const snapshot = await chain.snapshot()
    await chain.client.setCode({ address, bytecode: '0x' })
    const another = createWalletClient({ chain: chain.chain, transport: http() })
    await expect(assertChain(another, contracts)).rejects.toMatchObject({ name: 'ContractCodeMissingError', contract })
    await chain.revert(snapshot)
  }
})

test('has the tables of a chain without restaking', async () => {
  const contracts = chains[84532]
  await using chain = await createRehearsal({ contracts })
  await assertChain(chain.client, contracts)
  expect(await chain.client.getCode({ address: chains[1].eigenLayer.allocationManager })).toBeUndefined()
})

test('refuses what is out of range', async () => {
  await expect(createRehearsal({ contracts: chains[1], delays: { deallocation: -1 } })).rejects.toMatchObject({
    name: 'InvalidDevnetOptionError',
    option: 'delays.deallocation',
  })
})
