import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import { isProofOfInferenceError, ProofOfInferenceError } from './base.ts'
import * as payload from './payload.ts'
import * as verification from './verification.ts'

class ModelLostError extends ProofOfInferenceError<'ModelLostError'> {
  constructor(options: { cause?: unknown; details?: string; docsPath?: string } = {}) {
    super('The model is lost.', { name: 'ModelLostError', metaMessages: ['Model: 7', 'Look again.'], ...options })
  }
}

describe('ProofOfInferenceError', () => {
  test('says what happened, the facts, what to do, and where it is documented', () => {
    expect(new ModelLostError({ details: 'ENOENT' }).message).toMatchInlineSnapshot(`
      "The model is lost.

      Model: 7
      Look again.

      Docs: https://github.com/proof-of-inference/proof-of-inference/blob/main/docs/errors/model-lost-error.md
      Details: ENOENT"
    `)
  })

  test('keeps its cause, and has none unless given one', () => {
    const cause = new Error('disk')
    expect(new ModelLostError({ cause }).cause).toBe(cause)
    expect('cause' in new ModelLostError()).toBe(false)
  })

  test('has a literal name, also in its type', () => {
    const error = new ModelLostError()
    expect(error.name).toBe('ModelLostError')
    expect(String(error)).toMatch(/^ModelLostError: The model is lost\./)
    expectTypeOf(error.name).toEqualTypeOf<'ModelLostError'>()
  })

  test('takes another page', () => {
    expect(new ModelLostError({ docsPath: 'docs/operators.md' }).docsUrl).toMatch(/\/blob\/main\/docs\/operators\.md$/)
  })
})

describe('isProofOfInferenceError', () => {
  test('knows errors of another copy of the SDK, which instanceof does not', async () => {
    vi.resetModules()
    const copy = await import('./payload.ts')
    const error = new copy.PayloadTooLargeError({ limit: 1 })
    expect(error).not.toBeInstanceOf(ProofOfInferenceError)
    expect(isProofOfInferenceError(error)).toBe(true)
    expect(isProofOfInferenceError(error, 'PayloadTooLargeError')).toBe(true)
    expect(isProofOfInferenceError(error, 'PayloadInvalidError')).toBe(false)
    expect(ProofOfInferenceError.is(error, 'PayloadTooLargeError')).toBe(true)
    expect(new ModelLostError({ cause: error }).walk('PayloadTooLargeError')).toBe(error)
  })

  test.each([[new Error('x')], [{ name: 'ModelLostError' }], [null], [undefined], ['ModelLostError']])(
    'refuses %s',
    (value) => {
      expect(isProofOfInferenceError(value)).toBe(false)
    },
  )
})

describe('walk', () => {
  const root = new RangeError('root')
  const inner = new payload.PayloadUnavailableError({ digest: '0x1', sources: [], cause: root })

  test('finds by name, by predicate, and the innermost cause', () => {
    const error = new ModelLostError({ cause: inner })
    expect(error.walk('ModelLostError')).toBe(error)
    expect(error.walk('PayloadUnavailableError')).toBe(inner)
    expect(error.walk((each) => each instanceof RangeError)).toBe(root)
    expect(error.walk()).toBe(root)
    expect(error.walk('PayloadInvalidError')).toBeUndefined()
    expect(error.walk(() => false)).toBeUndefined()
  })

  test('looks into each of several causes', () => {
    const error = new ModelLostError({ cause: new AggregateError([new Error('other'), inner]) })
    expect(error.walk('PayloadUnavailableError')).toBe(inner)
  })

  test('ends on a circle of causes', () => {
    const loop = new Error('loop')
    const error = new ModelLostError({ cause: loop })
    loop.cause = error
    expect(error.walk('PayloadInvalidError')).toBeUndefined()
  })
})

describe('every error of payloads and verification', () => {
  const digest = `0x${'ab'.repeat(32)}`
  const cause = new Error('cause')
  const errors = [
    new payload.PayloadDigestMismatchError({ expected: digest, actual: '0x0', uri: 'http://x', cause }),
    new payload.PayloadTooLargeError({ limit: 10, size: 11, uri: 'http://x' }),
    new payload.PayloadUnavailableError({ digest, sources: ['http://x'], reason: '404', cause }),
    new payload.PayloadNotStoredError({ digest, sources: ['http://x'], reason: 'disk full', cause }),
    new payload.PayloadEncodingError({ path: 'a.b', reason: '-0 would become 0', cause }),
    new payload.PayloadInvalidError({ digest, issues: ['v: 2'], cause }),
    new payload.PayloadNotCanonicalError({ digest, what: 'policy' }),
    new payload.DisallowedUrlError({ url: 'ftp://x', reason: 'the scheme ftp: is not http or https', cause }),
    new verification.UnknownMethodError({ methodId: digest, known: [] }),
    new verification.PolicyInvalidError({ verifier: 'exact@1', issues: ['x'], cause }),
    new verification.BatchMismatchError({ reason: 'it is a batch' }),
    new verification.WeightsDigestMismatchError({ expected: digest, actual: '0x0', source: 'disk', cause }),
    new verification.RunnerUnavailableError({ modelVersionId: '0x1', weightsDigest: digest, reason: 'x', cause }),
    new verification.RunnerFailedError({ runner: 'onnx', reason: 'x', cause }),
    new verification.VerifierFailedError({ verifier: 'exact@1', reason: 'x', cause }),
    new verification.InvalidDefinitionError({ what: 'verifier', reason: 'x' }),
    new verification.OptionalDependencyMissingError({ name: 'x', install: 'npm install x', cause }),
  ]

  test('is listed here', () => {
    const classes = [...Object.keys(payload), ...Object.keys(verification)].sort()
    expect(errors.map(({ name }) => name).sort()).toEqual(classes)
  })

  test.each(errors.map((error) => [error.name, error] as const))('%s has facts, advice and a page', (name, error) => {
    expect(error.constructor.name).toBe(name)
    expect(error.metaMessages.length).toBeGreaterThan(0)
    const page = name.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase()
    expect(error.docsUrl).toMatch(new RegExp(`/docs/errors/${page}\\.md$`))
    expect(error.message).toContain(error.shortMessage)
    expect(error.message).not.toContain('undefined')
  })
})
