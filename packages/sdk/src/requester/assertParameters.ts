import * as v from 'valibot'
import { toAccount } from '../actions/internal/executeWrite.ts'
import { parse } from '../payload/schemas.ts'
import type { CertifyParameters, JobParameters, RequesterConfig, RequestParameters } from './types.ts'

// What the types say, for those who do without TypeScript: as much as would otherwise fail somewhere else, or in words
// that are about something else. Ranges are checked where they are known.

const object = v.object({})
const optionalBigint = v.optional(v.bigint())
/** NaN is one: a number that is out of range. */
const number = v.custom<number>((value) => typeof value === 'number')
const deadline = v.union([v.object({ timestamp: number }), v.object({ seconds: number })])
const payloads = v.object({ get: v.function() })
const aggregator = v.object({ submitRequest: v.function(), getCertificate: v.function() })
const batch = v.object({ type: v.literal('batch'), items: v.array(object) })
const notBatch = v.pipe(
  v.string(),
  v.check((type) => type !== 'batch'),
)
const byDigest = v.pipe(
  v.object({ digest: v.unknown() }),
  v.check((value) => !('type' in value)),
)
const payloadOrDigest = v.custom<JobParameters['input']>(
  (value) => v.is(v.union([batch, v.object({ type: notBatch }), byDigest]), value),
  'it is neither a payload, which has a `type` (and a batch `items`), nor the `{ digest }` of one that is stored already',
)

function assertIs(schema: v.GenericSchema, value: unknown, otherwise: string): void {
  if (!v.is(schema, value)) throw new TypeError(otherwise)
}

/** Throws an `AccountMissingError` for a client that cannot pay, a `TypeError` for what is no configuration. */
export function assertConfig(config: RequesterConfig): void {
  assertIs(object, config, 'Pass `client`, `deployment` and `payloads` to `createRequester`.')
  assertIs(
    v.object({ request: v.function() }),
    config.client,
    'Pass a client of viem as `client`, see `createWalletClient`.',
  )
  toAccount(config.client, {})
  assertIs(
    v.object({ avs: v.string() }),
    config.deployment,
    'Pass a deployment as `deployment`, see `getDeployment` and `parseDeployment`.',
  )
  assertIs(payloads, config.payloads, 'Pass a payload store as `payloads`, such as `httpPayloadStore({ url })`.')
  assertIs(
    v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
    config.maxPayloadBytes,
    '`maxPayloadBytes` is a number of bytes, at least 1.',
  )
}

/** Throws a `PayloadInvalidError` for what is no payload, a `TypeError` for other parameters that are none of a job. */
export function assertJobParameters(parameters: JobParameters): void {
  assertIs(object, parameters, 'Pass an object with `model`, `input` and `output`.')
  assertIs(
    v.optional(v.object({ id: v.bigint() })),
    parameters.agent,
    '`agent` is `{ id }`, the id of the agent as a bigint.',
  )
  for (const what of ['input', 'output'] as const) parse(payloadOrDigest, parameters[what], { what })
}

/** Throws a `TypeError` for what are no terms of a request. */
export function assertRequestParameters(parameters: RequestParameters): void {
  assertIs(object, parameters, 'Pass an object with `model`, `input` and `output`, `reward` and `deadline`.')
  const { reward, verificationFee, nonce } = parameters
  const amount = 'a bigint in the smallest unit of the asset, such as `parseEther("0.01")`'
  assertIs(v.bigint(), reward, `\`reward\` is ${amount}.`)
  assertIs(optionalBigint, verificationFee, `\`verificationFee\` is ${amount}.`)
  assertIs(optionalBigint, nonce, '`nonce` is a bigint.')
  assertIs(
    deadline,
    parameters.deadline,
    '`deadline` is `{ seconds: 120 }` from now, or `{ timestamp }` in seconds of unix time, as numbers.',
  )
  if ('prepared' in parameters)
    assertIs(
      v.object({ job: object, encoded: object }),
      parameters.prepared,
      '`prepared` is what `prepareJob` returned.',
    )
}

/** As {@link assertRequestParameters}. */
export function assertCertifyParameters(parameters: CertifyParameters): void {
  assertRequestParameters(parameters)
  assertIs(aggregator, parameters.aggregator, '`aggregator` is one of `httpAggregator({ url })`.')
}
