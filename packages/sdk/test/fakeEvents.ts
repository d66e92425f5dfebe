import { proofOfInferenceAvsAbi } from '@proof-of-inference/sdk/abis'
import { type ContractEventName, encodeAbiParameters, encodeEventTopics, type Hex, keccak256, toHex } from 'viem'
import { fakeDeployment } from './fakeContracts.ts'

/** A log of the AVS as a node gives it, with the event's indexed and other arguments by name. */
export function fakeEvent(
  eventName: ContractEventName<typeof proofOfInferenceAvsAbi>,
  args: { [name: string]: unknown },
  { blockNumber, logIndex = 0 }: { blockNumber: bigint; logIndex?: number },
) {
  const item = proofOfInferenceAvsAbi.find((item) => item.type === 'event' && item.name === eventName)
  if (item?.type !== 'event') throw new Error(`There is no event ${eventName}.`)
  const inputs: readonly { name: string; type: string; indexed?: boolean }[] = item.inputs
  const rest = inputs.filter(({ indexed }) => !indexed)
  const named: { [name: string]: unknown } = { verdict: toVerdict(args), ...args }
  return {
    address: fakeDeployment.avs,
    topics: encodeEventTopics({ abi: [item], eventName, args } as Parameters<typeof encodeEventTopics>[0]),
    data: encodeAbiParameters(
      rest,
      rest.map(({ name }) => named[name]),
    ),
    blockHash: keccak256(toHex(blockNumber)),
    blockNumber: toHex(blockNumber),
    transactionHash: keccak256(toHex(`transaction of block ${blockNumber}`)),
    transactionIndex: '0x0' as const,
    logIndex: toHex(logIndex),
    removed: false,
  }
}

type FakeLog = ReturnType<typeof fakeEvent>

/** What `eth_getLogs` answers on a chain with these logs. */
export function answerLogs(logs: readonly FakeLog[]) {
  return (filter: { fromBlock: Hex; toBlock: Hex; topics: (Hex | Hex[] | null)[] }) =>
    logs.filter(
      (log) =>
        BigInt(log.blockNumber) >= BigInt(filter.fromBlock) &&
        BigInt(log.blockNumber) <= BigInt(filter.toBlock) &&
        filter.topics.every(
          (topic, index) => topic === null || [topic].flat().some((hex) => hex === log.topics[index]),
        ),
    )
}

/** The word in which `VerificationSubmitted` has what it says of a vote. */
export function toVerdict({ isValid = true, isCounted = true, confidence = 9900, weight = 1n }: VerdictParts): bigint {
  return BigInt(Number(isValid)) | (BigInt(Number(isCounted)) << 8n) | (BigInt(confidence) << 16n) | (weight << 32n)
}

type VerdictParts = { isValid?: boolean; isCounted?: boolean; confidence?: number; weight?: bigint }
