import type { OperatorEvent } from '@proof-of-inference/sdk/operator'

/** What an operator's process is started with, as JSON in its environment. */
export type OperatorSettings = {
  readonly rpcUrl: string
  /** As the deploy script writes it. */
  readonly deployment: unknown
  readonly payloadsUrl: string
  readonly stateDirectory: string
  /** Indices of the operator's account and of its signing key, of the well-known test mnemonic. */
  readonly accountIndex: number
  readonly signerIndex: number
  /** Says valid to everything, without looking. */
  readonly isDishonest: boolean
}

/** What an operator's process tells. */
export type OperatorMessage =
  | { readonly type: 'event'; readonly event: Exclude<OperatorEvent, { type: 'error' }> }
  | { readonly type: 'error'; readonly message: string }

export const settingsVariable = 'OPERATOR_SETTINGS'
export const testMnemonic = 'test test test test test test test test test test test junk'
