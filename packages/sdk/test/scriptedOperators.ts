import type { DevnetChain, DevnetOperator } from '@proof-of-inference/devnet'
import {
  type Attestation,
  commitmentHash,
  commitmentTypes,
  type Deployment,
  hashAttestation,
  hashRequest,
  type Request,
  toTypedDataDomain,
} from '@proof-of-inference/sdk'
import { signAttestation } from '@proof-of-inference/sdk/actions'
import {
  type AggregatorConfig,
  createAggregator,
  type HttpAggregator,
  httpAggregator,
  type RevealedVote,
  type SignedCommitment,
} from '@proof-of-inference/sdk/aggregator'
import { serveAggregator } from '@proof-of-inference/sdk/node'
import { createWalletClient, type Hex, http, keccak256, toHex, zeroHash } from 'viem'
import { vi } from 'vitest'

type Verdict = Partial<Pick<Attestation, 'isValid' | 'confidence'>>

/** Operators that do as they are told, and an aggregator to serve them. `stop` ends what was started. */
export function createOperators(devnet: DevnetChain & { readonly deployment: Deployment }, method: Hex) {
  const { deployment } = devnet
  const running: (() => Promise<void>)[] = []
  const { signal } = new AbortController()

  function operatorAt(index: number): DevnetOperator {
    const operator = devnet.accounts.operators[index]
    if (!operator) throw new Error(`There is no operator ${index}.`)
    return operator
  }

  /** Starts an aggregator; its account is the devnet's deployer. */
  async function start(config: Partial<AggregatorConfig> = {}, port = 0) {
    const client = createWalletClient({
      account: devnet.accounts.deployer,
      chain: devnet.chain,
      transport: http(),
      pollingInterval: 10,
      cacheTime: 0,
    })
    const aggregator = createAggregator({ client, deployment, batchInterval: 20, drainTimeout: 5_000, ...config })
    const server = await serveAggregator({ aggregator, port })
    const controller = new AbortController()
    const run = aggregator.run({ signal: controller.signal })
    await vi.waitUntil(() => aggregator.status().isRunning)
    const stop = async () => {
      controller.abort()
      await run
      await server.stop()
    }
    running.push(stop)
    return { aggregator, server, stop, api: httpAggregator({ url: server.url }) }
  }

  /** What an operator commits to and reveals. */
  async function decide(request: Request, index: number, verdict: Verdict = {}) {
    const { account, signer } = operatorAt(index)
    const operator = account.address
    const requestId = hashRequest({ deployment, request })
    const attestation: Attestation = {
      requestId,
      operator,
      isValid: true,
      confidence: 9900,
      method,
      evidenceDigest: zeroHash,
      ...verdict,
    }
    const operatorSalt = keccak256(toHex(`salt of ${index}`))
    const message = {
      requestId,
      operator,
      commitment: commitmentHash(hashAttestation({ deployment, attestation }), operatorSalt),
    }
    const commitment: SignedCommitment = {
      ...message,
      signature: await signer.signTypedData({
        domain: toTypedDataDomain(deployment),
        types: commitmentTypes,
        primaryType: 'Commitment',
        message,
      }),
    }
    const signature = await signAttestation(devnet.client, { deployment, account: signer, attestation })
    const vote: RevealedVote = { attestation, signature, operatorSalt }
    return { commitment, vote }
  }

  /** Commits, waits for a quorum of commitments, reveals. */
  async function takePart(api: HttpAggregator, request: Request, index: number, verdict?: Verdict) {
    const { commitment, vote } = await decide(request, index, verdict)
    await api.postCommitment(commitment, { signal })
    await api.getCommitments(commitment.requestId, { signal })
    await api.postVote(vote, { signal })
  }

  /** Takes part in all that is handed in. */
  function operate(api: HttpAggregator, index: number): void {
    const controller = new AbortController()
    const run = async () => {
      for await (const { request } of api.watchRequests({ signal: controller.signal })) {
        // One that comes too late is refused.
        await takePart(api, request, index).catch(() => {})
      }
    }
    const ended = run().catch(() => {})
    running.unshift(async () => {
      controller.abort()
      await ended
    })
  }

  const stop = async () => {
    for (const end of running.splice(0)) await end()
  }
  return { decide, operate, operatorAt, start, stop, takePart }
}
