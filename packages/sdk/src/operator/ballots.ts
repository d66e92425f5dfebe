import { encodeFunctionData, type Hash, type Hex, zeroHash } from 'viem'
import * as proofOfInferenceAvsAbi from '../abis/calls/proofOfInferenceAvs.ts'
import { encodeSubmitVerifications } from '../actions/avs/submitVerifications.ts'
import { ballotGas, readBallotResults } from '../actions/internal/ballotResults.ts'
import type { Deployment } from '../deployments/deployment.ts'
import type { Job, Request } from '../utils/typedData.ts'
import type { SignedAttestation } from '../utils/vote.ts'
import type { TransactionSender } from './transactions.ts'

/** Votes in one transaction, so that it fits any block. */
const maxVotes = 20

/** A vote on an open request, without a commit window. */
export type BallotEntry = {
  readonly requestId: Hex
  readonly request: Request
  readonly job: Job
  readonly vote: SignedAttestation
  readonly isWanted: () => boolean
}

type Sent = { readonly transactionHash: Hash; readonly blockNumber: bigint }
type Waiting = { entry: BallotEntry; resolve: (sent: Sent) => void; reject: (error: unknown) => void }

/**
 * Sends an operator's votes on open requests: at once when there is nothing to wait for, or else several in one
 * transaction.
 *
 * @param parameters.interval Milliseconds that a vote waits for others at most; 0 to send each alone.
 * @param parameters.expectsMore Whether other votes are likely to come soon.
 */
export function createBallotBox({
  deployment,
  sender,
  interval,
  expectsMore,
  signal,
}: {
  deployment: Deployment
  sender: TransactionSender
  interval: number
  expectsMore: () => boolean
  signal: AbortSignal
}) {
  let box: Waiting[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  async function send(entries: readonly BallotEntry[], data: Hex) {
    const isWanted = () => entries.some((entry) => entry.isWanted())
    return sender.send({ to: deployment.avs, data, gasHeadroom: ballotGas }, { signal, isWanted })
  }

  async function sendOne({ entry, resolve, reject }: Waiting): Promise<void> {
    const { request, job, vote } = entry
    const data = encodeFunctionData({
      abi: proofOfInferenceAvsAbi.submitVerification,
      functionName: 'submitVerification',
      args: [request, job, vote.attestation, vote.signature, zeroHash],
    })
    await send([entry], data).then(resolve, reject)
  }

  async function sendTogether(votes: readonly Waiting[]): Promise<void> {
    const entries = votes.map(({ entry }) => entry)
    const data = encodeSubmitVerifications(entries.map(({ request, job, vote }) => ({ request, job, votes: [vote] })))
    const receipt = await send(entries, data)
    const avs = deployment.avs.toLowerCase()
    const logs = receipt.logs.filter(({ address }) => address.toLowerCase() === avs)
    const results = await readBallotResults(
      logs,
      entries.map(({ requestId }) => requestId),
    )
    for (const [index, { resolve, reject }] of votes.entries()) {
      const result = results[index]
      const [found] = result?.votes ?? []
      const error = result?.error ?? found?.error
      if (error) reject(error)
      else if (found) resolve(receipt)
      else reject(new Error(`The transaction ${receipt.transactionHash} says nothing of the vote.`))
    }
  }

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    const taken = box
    box = []
    const votes = taken.filter(({ entry, reject }) => {
      const isWanted = entry.isWanted() && !signal.aborted
      if (!isWanted) reject(signal.reason ?? new Error('The vote is not wanted any more.'))
      return isWanted
    })
    const [first] = votes
    if (!first) return
    if (votes.length === 1) void sendOne(first)
    // A bad vote is skipped. What fails the whole is told to each alone, or spares the others.
    else sendTogether(votes).catch(() => votes.map(sendOne))
  }

  signal.addEventListener('abort', flush, { once: true })

  return {
    /**
     * Sends a vote; resolves once it is mined.
     *
     * Throws why it does not count, what sending throws, or the signal's reason.
     */
    cast(entry: BallotEntry, { isUrgent }: { isUrgent: boolean }): Promise<Sent> {
      return new Promise((resolve, reject) => {
        box.push({ entry, resolve, reject })
        if (interval === 0 || isUrgent || !expectsMore() || box.length >= maxVotes || signal.aborted) flush()
        else timer ??= setTimeout(flush, interval)
      })
    },
  }
}
