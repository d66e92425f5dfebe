import type { Deployment } from '@proof-of-inference/sdk'
import type { OperatorEvent } from '@proof-of-inference/sdk/operator'

/** What an operator's process is started with, as JSON in its environment. */
export type OperatorSettings = {
  readonly rpcUrl: string
  readonly deployment: Omit<Deployment, 'startBlock'> & { readonly startBlock: string }
  readonly payloadsUrl: string
  readonly stateDirectory: string
  /** Indices of the operator's account and of its signing key, of the well-known test mnemonic. */
  readonly accountIndex: number
  readonly signerIndex: number
  /** Says valid to everything, without looking. */
  readonly isDishonest: boolean
}

/** What an operator's process tells: that it runs, or what happened. */
export type OperatorMessage = { readonly type: 'ready' } | { readonly type: 'event'; readonly event: OperatorEvent }

export const settingsVariable = 'OPERATOR_SETTINGS'
export const testMnemonic = 'test test test test test test test test test test test junk'
