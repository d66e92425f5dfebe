/**
 * The error of the SDK for a failed call: the one that stands for the contract's custom error, a
 * `ContractRevertedError` for any other revert. What is no revert, such as an unreachable node, is returned as it is.
 *
 * The errors are loaded when a call fails, and not before: they are larger than any action.
 */
export async function toContractError(error: unknown): Promise<unknown> {
  const { explainContractError } = await import('./contractErrors.ts')
  return explainContractError(error)
}

/** Resolves as the call does, or rejects with the error of the SDK for it. */
export async function withContractErrors<result>(call: Promise<result>): Promise<result> {
  try {
    return await call
  } catch (error) {
    throw await toContractError(error)
  }
}
