import { type Address, getAddress } from 'viem'
import { expect, expectTypeOf, test } from 'vitest'
import { createFakeContracts } from '../../test/fakeContracts.ts'
import { assertChain } from './assertChain.ts'
import { type ChainContracts, chains } from './chains.ts'
import type { Deployment } from './deployment.ts'
import { deployments } from './deployments.ts'
import { getDeployment } from './getDeployment.ts'

const listed: readonly ChainContracts[] = Object.values(chains)

test('is typed to the last field', () => {
  expectTypeOf(chains[1].eigenLayer.allocationManager).toExtend<Address>()
  expectTypeOf(chains[8453].certificateVerifier).toExtend<Address>()
  expectTypeOf(chains[8453].eigenLayer).toEqualTypeOf<null>()
  expectTypeOf(chains[84532].registries.identityRegistry).toExtend<Address>()
  // @ts-expect-error: a chain that is not listed
  expect(chains[31337]).toBeUndefined()
})

test('every chain is under its own id, in all its parts, with checksummed addresses', () => {
  expect(listed).toHaveLength(15)
  expect(Object.keys(chains)).toEqual(listed.map(({ chainId }) => String(chainId)))
  for (const { chainId, eigenLayer, registries, certificateVerifier } of listed) {
    expect(registries.chainId).toBe(chainId)
    expect(eigenLayer?.chainId ?? chainId).toBe(chainId)
    const parts = [...Object.values(eigenLayer ?? {}), ...Object.values(registries), certificateVerifier]
    const addresses = parts.filter((part) => typeof part === 'string')
    expect(addresses.map((address) => getAddress(address))).toEqual(addresses)
  }
})

test('names the services that 4Mica names', async () => {
  const { NETWORKS } = await import('@4mica/sdk')
  for (const { chainId, fourMica } of listed) {
    if (fourMica === null) continue
    const network = Object.values(NETWORKS).find(({ caip2 }) => caip2 === `eip155:${chainId}`)
    expect(fourMica.url).toBe(network?.rpcUrl)
  }
})

test('has no deployment of the market where there is none', () => {
  expectTypeOf(getDeployment).returns.toEqualTypeOf<Deployment>()
  // @ts-expect-error: nothing is deployed there
  expect(deployments[1]).toBeUndefined()
  expect(() => getDeployment(1)).toThrow(expect.objectContaining({ name: 'DeploymentNotFoundError', chainId: 1 }))
})

test('refuses a client of another chain, and one where nothing is', async () => {
  const { client } = createFakeContracts()
  await expect(assertChain(client, chains[1])).rejects.toMatchObject({
    name: 'ChainMismatchError',
    expected: 1,
    actual: 31_337,
  })
  const empty = createFakeContracts({ rpc: { eth_chainId: () => '0x2105', eth_getCode: () => '0x' } })
  await expect(assertChain(empty.client, { ...chains[8453], certificateVerifier: null })).rejects.toMatchObject({
    name: 'ContractCodeMissingError',
    contract: 'identityRegistry',
  })
  await expect(assertChain(empty.client, chains[8453])).rejects.toMatchObject({
    name: 'ContractCodeMissingError',
    contract: 'certificateVerifier',
  })
})
