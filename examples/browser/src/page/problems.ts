import { isProofOfInferenceError, type ProofOfInferenceError } from '@proof-of-inference/sdk'
import { formatEther } from 'viem'

/** What went wrong, in words, and what to do about it. */
export type Problem = {
  readonly what: string
  /** A line for each thing. */
  readonly todo: string
  /** As thrown. */
  readonly details: string
  /** The page of the error, where it is one of the SDK's. */
  readonly docsUrl: string | undefined
}

/** The server of the page does not say where the market is. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

/** What the page knows of where it stands. */
export type Circumstances = {
  readonly rpcUrl?: string | undefined
  /** Of the requester, in wei; `undefined` where the chain could not be asked. */
  readonly funds?: bigint | undefined
}

const restart = 'Start it with `npm start -w examples/browser`'
const nameChain = ({ rpcUrl }: Circumstances) => `The chain${rpcUrl === undefined ? '' : ` at ${rpcUrl}`}`

/** By the name of an error, among those that led to one another; the first that fits. */
const known: readonly (readonly [
  names: readonly string[],
  explain: (circumstances: Circumstances) => Pick<Problem, 'what' | 'todo'>,
])[] = [
  [
    ['SettingsError'],
    () => ({
      what: 'The server of this page does not say where the market is.',
      todo: `${restart}, open the address that it prints, and keep it running.`,
    }),
  ],
  [
    ['InsufficientFundsError', 'IncorrectPaymentError'],
    ({ funds }) => ({
      what: `The requester's account does not have the funds${funds === undefined ? '' : `: it has ${formatEther(funds)} ETH`}.`,
      todo: 'Send it enough for the reward, the fee and the gas, then try again.',
    }),
  ],
  [
    ['ChainMismatchError', 'ContractCodeMissingError'],
    (circumstances) => ({
      what: `${nameChain(circumstances)} does not have the market.`,
      todo: `It is another chain, or was started anew. ${restart}, then load this page again.`,
    }),
  ],
  [
    ['WeightsDigestMismatchError', 'PayloadDigestMismatchError'],
    () => ({
      what: 'The payload store gave other bytes than the digest names.',
      todo: 'Nothing was done with them. Use a payload store that works.',
    }),
  ],
  [
    ['PayloadUnavailableError', 'PayloadNotStoredError'],
    () => ({
      what: 'The payload store does not answer, or does not hold what it should.',
      todo: `${restart}, or try again.`,
    }),
  ],
  [
    ['RunnerFailedError', 'RunnerUnavailableError', 'OptionalDependencyMissingError'],
    () => ({
      what: 'The model did not load, or did not run.',
      todo: 'Check that this browser runs WebAssembly, then load this page again.',
    }),
  ],
  [
    ['QuorumUnreachableError'],
    () => ({
      what: 'The operators that may vote now do not come to a quorum.',
      todo: 'Nothing was paid. Try again when more of them are there.',
    }),
  ],
]

/** Says an error in words. */
export function explain(error: unknown, circumstances: Circumstances): Problem {
  const causes = listCauses(error)
  const ours = causes.find((cause) => isProofOfInferenceError(cause))
  const details = causes.map(({ name, message }) => `${name}: ${message.split('\n')[0]}`).join('\n')
  return { ...toWords(causes, ours, circumstances), details, docsUrl: ours?.docsUrl }
}

/** In the page's own words where it has some, otherwise in those of the SDK. */
function toWords(
  causes: readonly Error[],
  ours: ProofOfInferenceError | undefined,
  circumstances: Circumstances,
): Pick<Problem, 'what' | 'todo'> {
  const names = causes.map(({ name }) => name)
  const entry = known.find(([candidates]) => candidates.some((name) => names.includes(name)))
  if (entry) return entry[1](circumstances)
  if (ours) return { what: ours.shortMessage, todo: ours.metaMessages.join('\n') }
  if (names.includes('HttpRequestError') || names.includes('TimeoutError'))
    return {
      what: `${nameChain(circumstances)} does not answer.`,
      todo: `It was stopped, or cannot be reached. ${restart}, then load this page again.`,
    }
  return { what: 'Something failed that this page does not expect.', todo: 'Try again. The details say more.' }
}

/** An error, and what led to it. */
function listCauses(error: unknown): Error[] {
  const causes: Error[] = []
  for (let cause = error; cause instanceof Error && !causes.includes(cause); cause = cause.cause) causes.push(cause)
  return causes
}
