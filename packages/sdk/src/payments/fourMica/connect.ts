import type { Client as FourMicaClient } from '@4mica/sdk'
import { type Address, bytesToHex, type Hex, keccak256 } from 'viem'
import { readContract } from 'viem/actions'
import { core4MicaAbi, validationRegistryGuaranteeDecoderAbi } from '../../abis/fourMica.ts'
import { assertChainId, assertContract } from '../../deployments/assertContract.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { FourMicaFailedError, FourMicaMismatchError } from '../../errors/payments.ts'
import { RegistryMissingError } from '../../errors/receipts.ts'
import { OptionalDependencyMissingError } from '../../errors/verification.ts'
import type { Journal } from '../journal.ts'
import { compressKey, guaranteeDomain, type VerificationKey } from './guarantee.ts'
import type { Service } from './service.ts'
import type { FourMicaConfig } from './types.ts'

/** 4Mica's client, and what the chain says of its contract. */
export type Connection = {
  readonly sdk: typeof import('@4mica/sdk')
  readonly client: FourMicaClient
  readonly key: VerificationKey
  readonly domain: Hex
  readonly registry: Address
  /** Seconds. */
  readonly remunerationGracePeriod: number
  readonly tabExpirationTime: number
  readonly synchronizationDelay: number
}

/** Connects, and makes sure that service and contract are what was configured: by the chain, not by what they say. */
export async function connect(config: FourMicaConfig, journal: Journal, service: Service): Promise<Connection> {
  const { client, deployment, core, rpcUrl } = config
  const registry = deployment.validationRegistry
  if (registry === null) throw new RegistryMissingError({})
  const sdk = await import('@4mica/sdk').catch((cause: unknown) => {
    throw new OptionalDependencyMissingError({ name: '@4mica/sdk', install: 'npm install @4mica/sdk', cause })
  })
  await assertDeployment(client, deployment)
  const { chainId } = deployment
  await assertChainId(client, chainId)
  const coreContract = { contract: 'core4Mica', address: core.contract } as const

  const same = (fact: string, expected: string, actual: string) => {
    if (expected.toLowerCase() !== actual.toLowerCase())
      throw new FourMicaMismatchError({ url: core.url, fact, expected, actual })
  }
  same('contract code', core.codeHash, keccak256(await assertContract(client, coreContract)))
  const read = <result>(call: Promise<result>) =>
    call.catch((cause: unknown) => {
      throw new FourMicaFailedError({ action: 'reading the contract', cause })
    })
  const contract = { address: core.contract, abi: core4MicaAbi } as const
  const [[key, domain, decoder, isEnabled], grace, expiration, synchronization] = await read(
    Promise.all([
      readContract(client, { ...contract, functionName: 'getGuaranteeVersionConfig', args: [2n] }),
      readContract(client, { ...contract, functionName: 'remunerationGracePeriod' }),
      readContract(client, { ...contract, functionName: 'tabExpirationTime' }),
      readContract(client, { ...contract, functionName: 'synchronizationDelay' }),
    ]),
  )
  same('guarantee version', '2 is enabled', isEnabled ? '2 is enabled' : '2 is disabled')
  same('guarantee domain', guaranteeDomain(chainId, core.contract), domain)
  const isTrusted = await read(
    readContract(client, {
      address: decoder,
      abi: validationRegistryGuaranteeDecoderAbi,
      functionName: 'isTrustedValidationRegistry',
      args: [registry],
    }),
  )
  same('trusted validation registry', registry, isTrusted ? registry : 'not trusted')

  const settings = new sdk.ConfigBuilder()
    .rpcUrl(core.url)
    .ethereumHttpRpcUrl(rpcUrl)
    .contractAddress(core.contract)
    .signer(journal.signer)
    .build()
  const connected = await service.attempt('connecting', () => sdk.Client.new(settings))
  const { params } = connected
  same('chain id', String(chainId), String(params.chainId))
  same('contract address', core.contract, params.contractAddress)
  same('public key', bytesToHex(compressKey(key)), bytesToHex(params.publicKey))
  same('EIP-712 version', '1', params.eip712Version)
  same('hash of validation requests', '4MICA_VALIDATION_REQUEST_V2', params.validationHashCanonicalizationVersion)
  const trusted = params.trustedValidationRegistries.find((each) => each.toLowerCase() === registry.toLowerCase())
  same('trusted validation registry', registry, trusted ?? 'not among those of the service')
  return {
    sdk,
    client: connected,
    key,
    domain,
    registry,
    remunerationGracePeriod: Number(grace),
    tabExpirationTime: Number(expiration),
    synchronizationDelay: Number(synchronization),
  }
}
