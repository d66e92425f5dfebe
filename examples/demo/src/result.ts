import type { proofOfInferenceActions } from '@proof-of-inference/sdk'
import { type getFeedbackSummary, type getValidationSummary, receiptTag } from '@proof-of-inference/sdk/erc8004'
import { type Address, formatEther, type Hex } from 'viem'
import { type Progress, paint, short } from './progress.ts'
import { type Claim, price, type Receipt, type Sale, type Settled } from './sales.ts'

type Market = ReturnType<ReturnType<typeof proofOfInferenceActions>>

/** What came of it all. Amounts are in wei. */
export type Result = {
  readonly settled: readonly Settled[]
  /** Of what was sold for a guarantee. */
  readonly claims: readonly Claim[]
  readonly receipts: readonly { readonly sale: Sale; readonly receipt: Receipt }[]
  readonly fees: readonly { readonly operator: Address; readonly stake: bigint; readonly earned: bigint }[]
  readonly deposited: bigint
  readonly depositLeft: bigint
  readonly collateral: bigint
  readonly collateralLeft: bigint
  /** By the AVS. */
  readonly agentEarned: bigint
  readonly model: Awaited<ReturnType<Market['getModelInfo']>>
  readonly modelId: Hex
  readonly agent: Awaited<ReturnType<Market['getAgentRecord']>>
  readonly agentId: bigint
  readonly feedback: getFeedbackSummary.ReturnType
  readonly validations: getValidationSummary.ReturnType
}

/** What is not as it has to be, a sentence each. */
export function findFaults(result: Result): string[] {
  const { settled, claims, agentEarned, feedback, validations } = result
  const faults: string[] = []
  const demand = (isTrue: boolean, fault: string) => {
    if (!isTrue) faults.push(fault)
  }
  for (const { scenario, outcome } of settled)
    demand(outcome.status === scenario.expected, `${scenario.name} is ${outcome.status}, not ${scenario.expected}.`)
  const money = sumMoney(result)
  demand(money.spent === money.paid, `The requester spent ${money.spent} wei, but ${money.paid} wei were paid out.`)

  const receipts = toReceipts(result)
  const decided = settled.filter(({ outcome }) => outcome.status !== 'expired')
  demand(receipts.length === decided.length, `${receipts.length} of ${decided.length} decided requests have receipts.`)
  for (const { requestId, verified } of receipts) demand(verified, `The receipt of ${requestId} proves nothing.`)

  for (const { sale, status, received, reason } of claims) {
    const { name, expected } = sale.scenario
    const isPaid = expected === 'verified'
    demand(status === (isPaid ? 'paid' : 'rejected'), `The guarantee for ${name} is ${status}.`)
    demand(received === (isPaid ? price : 0n), `The guarantee for ${name} brought ${received} wei.`)
    const refusal = isPaid ? undefined : `ValidationScoreTooLow(0, ${sale.promise?.minScore})`
    demand(reason === refusal, `The contract refused the guarantee for ${name} with ${reason}, not ${refusal}.`)
  }
  demand(claims.length === 2, `${claims.length} guarantees were claimed, not 2.`)
  demand(agentEarned === price, `The AVS paid the agent ${agentEarned} wei, not ${price}.`)

  const mean = Math.floor(receipts.reduce((sum, { response }) => sum + (response ?? 0), 0) / receipts.length)
  const means = [Number(feedback.mean), validations.meanResponse]
  const counts = [feedback.count, validations.count]
  demand(
    counts.every((count) => count === BigInt(receipts.length)) && means.every((each) => each === mean),
    `The registries have ${counts.join(' and ')} responses of mean ${means.join(' and ')}, not ${receipts.length} of ${mean}.`,
  )
  return faults
}

/** What the requester spent, and what others got. */
function sumMoney({ deposited, depositLeft, collateral, collateralLeft, agentEarned, claims, fees }: Result) {
  const received = claims.reduce((sum, claim) => sum + claim.received, 0n)
  return {
    escrow: deposited - depositLeft,
    guaranteed: collateral - collateralLeft,
    received,
    spent: deposited - depositLeft + collateral - collateralLeft,
    paid: fees.reduce((sum, { earned }) => sum + earned, agentEarned + received),
  }
}

/** `verified`: every check passed, and the receipt says what the consensus was. */
function toReceipts({ receipts, settled }: Result) {
  return receipts.map(({ sale: { request }, receipt }) => {
    const outcome = settled.find((each) => each.request.id === request.id)?.outcome
    const { requestHash, response, validation, status } = receipt
    const tag = validation.answers.at(-1)?.tag ?? null
    const verified = status === outcome?.status && response === outcome.response && tag === receiptTag
    return { requestId: request.id, requestHash, response, tag, verified }
  })
}

function toPayments({ settled, claims }: Result) {
  return settled.map(({ scenario, request, outcome }) => {
    const { transactionHash: txHash } = outcome
    const requestId = request.id
    const claim = claims.find(({ sale }) => sale.request.id === requestId)
    const payment = { rail: scenario.rail, requestId, amount: price }
    if (claim?.reason !== undefined) return { ...payment, status: claim.status, reason: claim.reason }
    if (claim) return { ...payment, status: claim.status, txHash: claim.transactionHash }
    if (outcome.status === 'verified') return { ...payment, status: 'paid', txHash }
    return { ...payment, status: outcome.status, reason: 'the AVS gave it back to the requester' }
  })
}

/** The result as JSON. */
export function toDocument(result: Result, ok: boolean) {
  const { settled, fees, deposited, depositLeft, collateral, collateralLeft, agentEarned } = result
  const { model, modelId, agent, agentId, feedback, validations } = result
  const { spent, received } = sumMoney(result)
  return {
    requests: settled.map(({ scenario, request, outcome, latencyMs, gas }) => ({
      id: request.id,
      jobId: request.jobId,
      scenario: scenario.name,
      outcome: outcome.status,
      expected: scenario.expected,
      attestations: outcome.attestations.map(({ operator, isValid, confidence, weight }) => ({
        operator,
        isValid,
        confidence,
        weight: weight.toString(),
      })),
      latencyMs,
      gas: Number(gas),
    })),
    receipts: toReceipts(result),
    payments: toPayments(result).map((payment) => ({ ...payment, amount: payment.amount.toString() })),
    balances: {
      requester: {
        deposited: (deposited + collateral).toString(),
        left: (depositLeft + collateralLeft).toString(),
        spent: spent.toString(),
      },
      agent: { earned: (agentEarned + received).toString() },
      operators: fees.map(({ operator, stake, earned }) => ({
        operator,
        stake: stake.toString(),
        earned: earned.toString(),
      })),
    },
    model: {
      id: modelId,
      name: model.name,
      totalInferences: Number(model.totalInferences),
      successfulVerifications: Number(model.successfulVerifications),
      accuracyBps: model.accuracyBps,
    },
    agent: { id: Number(agentId), totalJobs: Number(agent.totalJobs), verifiedJobs: Number(agent.verifiedJobs) },
    reputation: {
      agentId: Number(agentId),
      feedback: { count: Number(feedback.count), mean: feedback.mean === null ? null : Number(feedback.mean) },
      validations: { count: Number(validations.count), mean: validations.meanResponse },
    },
    ok,
  }
}

/** The result as tables. */
export function report(result: Result, progress: Progress) {
  const { settled, fees, agentEarned, model, agent, agentId, feedback, validations } = result
  const totalStake = fees.reduce((sum, { stake }) => sum + stake, 0n)
  const share = (weight: bigint) => `${(weight * 100n) / totalStake} %`
  const nameOf = (requestId: Hex) => settled.find(({ request }) => request.id === requestId)?.scenario.name ?? ''
  progress.title('Requests')
  progress.table(
    ['request', 'scenario', 'outcome', 'response', 'stake: valid', 'invalid', 'latency', 'gas'],
    settled.map(({ scenario, request, outcome, latencyMs, gas }) => {
      const weight = (isValid: boolean) =>
        outcome.attestations.filter((vote) => vote.isValid === isValid).reduce((sum, vote) => sum + vote.weight, 0n)
      return [
        short(request.id),
        scenario.name,
        paint(outcome.status),
        outcome.status === 'expired' ? '' : String(outcome.response),
        share(weight(true)),
        share(weight(false)),
        `${latencyMs} ms`,
        String(gas),
      ]
    }),
  )
  progress.title('Receipts in the ERC-8004 ValidationRegistry')
  progress.table(
    ['request', 'scenario', 'request hash', 'response', 'tag', 'end to end'],
    toReceipts(result).map(({ requestId, requestHash, response, tag, verified }) => [
      short(requestId),
      nameOf(requestId),
      short(requestHash),
      String(response ?? ''),
      tag ?? '',
      verified ? 'proven' : 'not proven',
    ]),
  )
  progress.title('Payments')
  progress.table(
    ['request', 'scenario', 'rail', 'ETH', 'status', 'transaction, or why not'],
    toPayments(result).map(({ requestId, rail, amount, status, ...end }) => [
      short(requestId),
      nameOf(requestId),
      rail,
      formatEther(amount),
      paint(status),
      'txHash' in end ? short(end.txHash) : end.reason,
    ]),
  )
  progress.title('Money')
  const { escrow, guaranteed, received } = sumMoney(result)
  progress.table(
    ['who', 'stake', 'ETH by the AVS', 'by 4Mica'],
    [
      ['requester', '', `-${formatEther(escrow)}`, `-${formatEther(guaranteed)}`],
      ['agent', '', formatEther(agentEarned), formatEther(received)],
      ...fees.map(({ stake, earned }, index) => [
        `operator ${'ABC'[index]}`,
        formatEther(stake),
        formatEther(earned),
        '',
      ]),
    ],
  )
  progress.title('Record and reputation')
  progress.table(
    ['of', 'decided', 'verified', 'accuracy', 'feedback in ERC-8004', 'validations'],
    [
      [
        'model silero-vad',
        String(model.totalInferences),
        String(model.successfulVerifications),
        `${model.accuracyBps / 100} %`,
        '',
        '',
      ],
      [
        `agent ${agentId}`,
        String(agent.totalJobs),
        String(agent.verifiedJobs),
        agent.totalJobs === 0n ? '' : `${Number((agent.verifiedJobs * 10_000n) / agent.totalJobs) / 100} %`,
        feedback.mean === null ? 'none' : `${feedback.count}, mean ${feedback.mean}`,
        validations.meanResponse === null ? 'none' : `${validations.count}, mean ${validations.meanResponse}`,
      ],
    ],
  )
}
