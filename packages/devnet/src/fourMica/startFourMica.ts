import { createAdaptorServer } from '@hono/node-server'
import { type Address, encodeDeployData, type Hex, keccak256, parseEther, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { type DevnetClient, setupGas, succeed } from '../client.ts'
import { PortInUseError } from '../errors.ts'
import * as artifacts from '../generated/artifacts.ts'
import { createApp } from './app.ts'
import { createAuth } from './auth.ts'
import { deriveBlsKey } from './bls.ts'
import { createLedger } from './ledger.ts'
import { canonicalization, eip712, guaranteeDomain } from './protocol.ts'

/** 4Mica's delays, in seconds. */
export type DevnetFourMicaOptions = {
  /** TCP port of the core service on loopback. Default: a free one. */
  readonly port: number
  /** From a guarantee's timestamp until its recipient can claim it. Default: 5; 14 days in production. */
  readonly remunerationGracePeriod: number
  /** From a guarantee's timestamp until nobody can claim it any more. Default: 3,600; 21 days in production. */
  readonly tabExpirationTime: number
  /** For which a payment may be under way before the core has recorded it. Default: 1; 6 hours in production. */
  readonly synchronizationDelay: number
  /** Before collateral can leave. Default: 7,200; 22 days in production. */
  readonly withdrawalGracePeriod: number
}

/** A running core service, and its contracts. */
export type DevnetFourMica = {
  /** Of the core service; what `fourMica` of the SDK and `@4mica/sdk` take. */
  readonly url: string
  readonly contract: Address
  /** keccak256 of the contract's code. */
  readonly codeHash: Hex
  /** Decodes V2 guarantees. */
  readonly decoder: Address
  /** The account that records payments. */
  readonly operator: Address
}

/** Milliseconds between looks at the chain for payments. */
const scanInterval = 20

/** Deploys 4Mica's contracts, and starts a core service. */
export async function startFourMica(
  client: DevnetClient,
  parameters: { deployer: Address; token: Address; validationRegistry: Address; options: DevnetFourMicaOptions },
): Promise<DevnetFourMica & { stop(): Promise<void> }> {
  const { deployer, token, validationRegistry, options } = parameters
  const { port, ...timing } = options
  const operator = privateKeyToAccount(keccak256(toHex('operator of the devnet core of 4Mica')))
  const key = deriveBlsKey('key of the devnet core of 4Mica')
  await client.setBalance({ address: operator.address, value: parseEther('10000') })

  const deploy = async (data: Hex) => {
    const receipt = await succeed(client, client.sendTransactionSync({ account: deployer, gas: setupGas, data }))
    if (!receipt.contractAddress) throw new TypeError('A deployment made no contract.')
    return receipt.contractAddress
  }
  const decoder = await deploy(
    encodeDeployData({ ...artifacts.devnetValidationRegistryGuaranteeDecoder, args: [[validationRegistry]] }),
  )
  const contract = await deploy(
    encodeDeployData({
      ...artifacts.devnetCore4Mica,
      args: [
        deployer,
        operator.address,
        key.words,
        [token],
        {
          remunerationGracePeriod: BigInt(timing.remunerationGracePeriod),
          tabExpirationTime: BigInt(timing.tabExpirationTime),
          synchronizationDelay: BigInt(timing.synchronizationDelay),
          withdrawalGracePeriod: BigInt(timing.withdrawalGracePeriod),
        },
      ],
    }),
  )
  const chainId = client.chain.id
  const domain = guaranteeDomain(2, chainId, contract)
  await succeed(
    client,
    client.writeContractSync({
      account: deployer,
      gas: setupGas,
      address: contract,
      abi: artifacts.devnetCore4Mica.abi,
      functionName: 'configureGuaranteeVersion',
      args: [2n, key.words, domain, decoder, true],
    }),
  )

  const ledger = createLedger({
    client,
    contract,
    key,
    operator,
    tokens: [token],
    validationRegistries: [validationRegistry],
  })
  const app = createApp({
    auth: createAuth(chainId),
    ledger,
    facts: {
      params: {
        public_key: [...key.publicKey],
        contract_address: contract,
        ethereum_http_rpc_url: client.transport.url,
        eip712_name: eip712.name,
        eip712_version: eip712.version,
        chain_id: chainId,
        max_accepted_guarantee_version: 2,
        accepted_guarantee_versions: [1, 2],
        active_guarantee_domain_separator: domain,
        trusted_validation_registries: [validationRegistry],
        validation_hash_canonicalization_version: canonicalization,
      },
      tokens: { chain_id: chainId, tokens: [{ symbol: 'USDV', address: token, decimals: 18 }] },
    },
  })
  await ledger.scan()
  const server = createAdaptorServer({ fetch: app.fetch })
  const listening = await new Promise<number>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(cause.code === 'EADDRINUSE' ? new PortInUseError({ port, cause }) : cause)
    })
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new TypeError('The server does not listen on TCP.'))
      else resolve(address.port)
    })
  })
  const unwatch = client.watchBlockNumber({
    pollingInterval: scanInterval,
    // What failed is scanned again with the next block.
    onBlockNumber: () => void ledger.scan().catch(() => {}),
    onError: () => {},
  })
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= new Promise<void>((resolve) => {
      unwatch()
      server.close(() => resolve())
      if ('closeAllConnections' in server) server.closeAllConnections()
    })
    return stopped
  }
  const code = await client.getCode({ address: contract })
  return {
    url: `http://127.0.0.1:${listening}`,
    contract,
    codeHash: keccak256(code ?? '0x'),
    decoder,
    operator: operator.address,
    stop,
  }
}
