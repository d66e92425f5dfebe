import { bytesToHex, type Hex } from 'viem'
import { canarySalt } from '../utils/canarySalt.ts'

/** What it takes to reveal, later, that a job was a canary. Keep it: nobody can recover it. */
export type Canary = {
  /** The right verdict on the job. */
  readonly isValid: boolean
  /** 32 random bytes. Whoever knows them knows the canary. */
  readonly secret: Hex
  /** The salt to make the job with. It looks like any other. */
  readonly salt: Hex
}

/**
 * Makes a canary: a job whose right verdict the requester knows, commits to by the job's salt, and tells after the
 * operators voted.
 *
 * Until then nothing in the job or the request gives it away; who asks, how often, and what for, can. See
 * [canaries and audits](https://github.com/proof-of-inference/proof-of-inference/blob/main/docs/guides/canaries-and-audits.md).
 *
 * @param parameters.isValid The verdict that an honest operator comes to: true for an output of the model, false for any
 * other.
 *
 * @example
 * const canary = createCanary({ isValid: false })
 * await save(canary)
 * const { job, outcome } = await requester.request({ model, input, output: wrong, salt: canary.salt, ...terms })
 * await outcome()
 * await requester.revealCanary({ job, ...canary })
 */
export function createCanary({ isValid }: { isValid: boolean }): Canary {
  const secret = bytesToHex(crypto.getRandomValues(new Uint8Array(32)))
  return { isValid, secret, salt: canarySalt({ isValid, secret }) }
}
