import { BatchMismatchError } from '../errors/verification.ts'
import type { PolicyDocument } from '../payload/types.ts'

/**
 * Makes sure that a policy is for a job.
 *
 * @param size Items of the batch; `undefined` for a single inference.
 * @throws `BatchMismatchError`
 */
export function assertTakes({ batch }: Pick<PolicyDocument, 'batch'>, size: number | undefined): void {
  if (size === undefined) {
    if (batch === 'verifier')
      throw new BatchMismatchError({ reason: 'it is a single inference, and the verifier judges batches' })
  } else if (batch === undefined) {
    throw new BatchMismatchError({ reason: 'it is a batch, and the policy says nothing of batches' })
  } else if (batch !== 'verifier' && size < batch.sample) {
    throw new BatchMismatchError({ reason: `it is a batch of ${size}, and the policy samples ${batch.sample} items` })
  }
}
