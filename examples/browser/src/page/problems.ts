import { isProofOfInferenceError } from '@proof-of-inference/sdk'
import { formatEther } from 'viem'

/** What went wrong, in words, and what to do about it. */
export type Problem = {
  readonly what: string
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
    ['HttpRequestError', 'TimeoutError', 'RpcRequestError'],
    ({ rpcUrl }) => ({
      what: `The chain${rpcUrl === undefined ? '' : ` at ${rpcUrl}`} does not answer.`,
      todo: `It was stopped, or cannot be reached. ${restart}, then load this page again.`,
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
  const names = causes.map(({ name }) => name)
  const entry = known.find(([candidates]) => candidates.some((name) => names.includes(name)))
  const ours = causes.find((cause) => isProofOfInferenceError(cause))
  const { what, todo } = entry?.[1](circumstances) ?? {
    what: isProofOfInferenceError(error) ? error.shortMessage : 'Something failed that this page does not expect.',
    todo: isProofOfInferenceError(error) ? error.metaMessages.join(' ') : 'Try again. The details say more.',
  }
  const details = causes.map(({ name, message }) => `${name}: ${message.split('\n')[0]}`).join('\n')
  return { what, todo, details, docsUrl: isProofOfInferenceError(ours) ? ours.docsUrl : undefined }
}

/** An error, and what led to it. */
function listCauses(error: unknown): Error[] {
  const causes: Error[] = []
  for (let cause = error; cause instanceof Error && !causes.includes(cause); cause = cause.cause) causes.push(cause)
  return causes
}
