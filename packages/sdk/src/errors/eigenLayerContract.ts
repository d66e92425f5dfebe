/**
 * The error of the SDK for a failed call of EigenLayer: an `EigenLayerRevertedError` for the custom errors that operators
 * can cause, and what `toContractError` says for any other, such as one of the registrar of an AVS.
 *
 * The errors are loaded when a call fails, and not before.
 */
export async function toEigenLayerError(error: unknown): Promise<unknown> {
  const { explainEigenLayerError } = await import('./eigenLayerContractErrors.ts')
  return explainEigenLayerError(error)
}

/** Resolves as the call does, or rejects with the error of the SDK for it. */
export async function withEigenLayerErrors<result>(call: Promise<result>): Promise<result> {
  try {
    return await call
  } catch (error) {
    throw await toEigenLayerError(error)
  }
}
