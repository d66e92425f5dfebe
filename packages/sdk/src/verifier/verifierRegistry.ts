import type { Hex } from 'viem'
import { InvalidDefinitionError, UnknownMethodError } from '../errors/verification.ts'
import { methodId } from './methodId.ts'
import type { Verifier, VerifierRegistry } from './types.ts'

/**
 * Verifiers by method id. Throws an `InvalidDefinitionError` if two have the same.
 *
 * @example
 * const verifier = verifierRegistry([exact(), cosine()]).get(version.methodId)
 */
export function verifierRegistry(verifiers: readonly Verifier[]): VerifierRegistry {
  const byMethod = new Map<Hex, Verifier>()
  for (const verifier of verifiers) {
    const id = methodId(verifier)
    if (byMethod.has(id))
      throw new InvalidDefinitionError({
        what: 'verifier',
        reason: `${verifier.name}@${verifier.revision} is there twice`,
      })
    byMethod.set(id, verifier)
  }
  return {
    methodIds: [...byMethod.keys()],
    get(id) {
      const verifier = byMethod.get(id)
      if (verifier) return verifier
      throw new UnknownMethodError({
        methodId: id,
        known: verifiers.map(({ name, revision }) => `${name}@${revision}`),
      })
    },
  }
}
