import type { Client as FourMicaClient } from '@4mica/sdk'
import * as v from 'valibot'
import { isProofOfInferenceError } from '../../errors/base.ts'
import {
  FourMicaAnswerInvalidError,
  FourMicaFailedError,
  FourMicaRefusedError,
  FourMicaUnavailableError,
} from '../../errors/payments.ts'

export type Service = ReturnType<typeof createService>

/** Asks the core service, by 4Mica's client, with what the client does not do: a time limit, typed errors, parsing. */
export function createService({ url, timeout }: { url: string; timeout: number }) {
  async function attempt<result>(action: string, call: () => Promise<result>): Promise<result> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new FourMicaUnavailableError({ url, action, reason: `it did not answer in ${timeout} ms` }))
      }, timeout)
    })
    try {
      return await Promise.race([call(), expired])
    } catch (error) {
      throw toError(error, { url, action })
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    attempt,
    /** Asks something that needs a token; signs in again where the token was revoked. */
    async ask<schema extends v.GenericSchema>(
      client: FourMicaClient,
      action: string,
      schema: schema,
      call: () => Promise<unknown>,
    ): Promise<v.InferOutput<schema>> {
      const answer = await attempt(action, call).catch(async (error: unknown) => {
        if (!(error instanceof FourMicaRefusedError) || error.status !== 401) throw error
        await attempt('signing in', () => client.login())
        return attempt(action, call)
      })
      const result = v.safeParse(schema, answer)
      if (result.success) return result.output
      const issues = v.summarize(result.issues).split('\n')
      throw new FourMicaAnswerInvalidError({ url, action, issues })
    },
  }
}

/** The client's errors have a status where the service answered with one. */
function toError(error: unknown, where: { url: string; action: string }): unknown {
  if (isProofOfInferenceError(error)) return error
  if (!(error instanceof Error)) return new FourMicaFailedError({ action: where.action, cause: error })
  const status = 'status' in error && typeof error.status === 'number' ? error.status : undefined
  const reason = error.message
  if (status !== undefined && status >= 400 && status < 500)
    return new FourMicaRefusedError({ ...where, status, reason, cause: error })
  if (status !== undefined) return new FourMicaUnavailableError({ ...where, reason, cause: error })
  if (/invalid (JSON|auth) response/.test(reason))
    return new FourMicaAnswerInvalidError({ ...where, issues: [reason], cause: error })
  // What `fetch` throws when there is nobody.
  if (error.name === 'AuthTransportError' || error instanceof TypeError)
    return new FourMicaUnavailableError({ ...where, reason, cause: error })
  return new FourMicaFailedError({ action: where.action, cause: error })
}
