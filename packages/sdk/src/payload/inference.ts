import * as v from 'valibot'
import { PayloadInvalidError, PayloadTooLargeError } from '../errors/payload.ts'
import { toLinks } from './batchLinks.ts'
import { decode, encode } from './codec.ts'
import { digest } from './digest.ts'
import { chatInput, ipldValue, named, parse, runtimeFingerprint, tokenId } from './schemas.ts'
import type { PayloadSource } from './store.ts'
import { type Budget, fromWire, toWire } from './tensor.ts'
import { defaultMaxBytes } from './transfer.ts'
import type {
  BatchInput,
  BatchOutput,
  Block,
  EncodedPayload,
  InferenceInput,
  InferenceOutput,
  IpldValue,
  Tensor,
} from './types.ts'

/** How a payload is decoded: where the chunks of large tensors come from, and how much is taken. */
export type DecodeOptions = {
  /** Where the chunks of large tensors are fetched from. */
  readonly store?: PayloadSource | undefined
  readonly signal?: AbortSignal | undefined
  /** Most bytes of the payload with its chunks. Default: 64 MiB. */
  readonly maxBytes?: number | undefined
}

const version = v.literal(1)

/** Tensors by name, each still to be decoded (or encoded) on its own. */
const tensors = v.pipe(
  named(ipldValue),
  v.check((value) => Object.keys(value).length > 0, 'there are no tensors'),
)

const input = v.variant('type', [
  v.strictObject({ type: v.literal('tensors'), tensors }),
  v.strictObject({ type: v.literal('json'), value: ipldValue }),
])

const base = { runtime: runtimeFingerprint, proofs: v.exactOptional(ipldValue) }
const output = v.variant('type', [
  v.strictObject({ type: v.literal('tensors'), tensors, ...base }),
  v.strictObject({
    type: v.literal('text'),
    text: v.string(),
    tokenIds: v.exactOptional(v.array(tokenId)),
    ...base,
  }),
  v.strictObject({ type: v.literal('json'), value: ipldValue, ...base }),
])

/**
 * Encodes a model's input, or a batch of inputs, whose items travel as the blocks of the payload. Throws a
 * `PayloadInvalidError` if it is not of the shape, a `PayloadEncodingError` if a value in it has no encoding.
 *
 * @example
 * const { bytes, digest } = await encodeInput({
 *   type: 'tensors',
 *   tensors: { x: { dtype: 'float32', dims: [2], data: new Float32Array([1, 2]) } },
 * })
 */
export async function encodeInput(value: InferenceInput | BatchInput): Promise<EncodedPayload> {
  return value.type === 'batch' ? encodeBatch(value.items, 'input', encodeInputAs) : encodeInputAs('input', value)
}

/**
 * Encodes a model's output, or a batch of outputs, as {@link encodeInput} does an input.
 *
 * @example
 * const { bytes, digest } = await encodeOutput({ type: 'text', text: 'four', runtime: runner.fingerprint })
 */
export async function encodeOutput(value: InferenceOutput | BatchOutput): Promise<EncodedPayload> {
  return value.type === 'batch' ? encodeBatch(value.items, 'output', encodeOutputAs) : encodeOutputAs('output', value)
}

/**
 * Decodes a model's input. `bytes` are to come from {@link getVerified}, or to have been hashed otherwise. Throws a
 * `PayloadInvalidError` if they are not an input, or what fetching a large tensor's chunks throws. Of a batch, see
 * {@link decodeInference}.
 *
 * @example
 * const input = await decodeInput(await getVerified(store, job.inputDigest), { store })
 */
export async function decodeInput(bytes: Uint8Array, options: DecodeOptions = {}): Promise<InferenceInput> {
  return decodeInputAs('input', bytes, options)
}

/**
 * Decodes a model's output, as {@link decodeInput} does an input.
 *
 * @example
 * const output = await decodeOutput(await getVerified(store, job.outputDigest), { store })
 */
export async function decodeOutput(bytes: Uint8Array, options: DecodeOptions = {}): Promise<InferenceOutput> {
  return decodeOutputAs('output', bytes, options)
}

// `what` names the payload in errors.

async function encodeInputAs(what: string, value: InferenceInput): Promise<EncodedPayload> {
  if (value.type === 'tensors') return encodeTensors(parseShape(input, value, what), value.tensors)
  return seal(value.type === 'chat' ? parse(chatInput, value, { what }) : parseShape(input, value, what))
}

async function encodeOutputAs(what: string, value: InferenceOutput): Promise<EncodedPayload> {
  const shape = parseShape(output, value, what)
  return value.type === 'tensors' ? encodeTensors(shape, value.tensors) : seal(shape)
}

async function encodeBatch<item>(
  items: readonly item[],
  what: string,
  encodeItem: (what: string, item: item) => Promise<EncodedPayload>,
): Promise<EncodedPayload> {
  const encoded: EncodedPayload[] = []
  for (const [index, item] of items.entries()) encoded.push(await encodeItem(`${what} ${index}`, item))
  const { members, blocks } = toLinks(encoded, what)
  return seal(members, blocks)
}

export async function decodeInputAs(what: string, bytes: Uint8Array, options: DecodeOptions): Promise<InferenceInput> {
  return toInput(open(bytes, what, options), what, options)
}

export async function decodeOutputAs(
  what: string,
  bytes: Uint8Array,
  options: DecodeOptions,
): Promise<InferenceOutput> {
  return toOutput(open(bytes, what, options), what, options)
}

/** An opened payload as an input. */
export async function toInput({ members, budget }: Opened, what: string, options: DecodeOptions) {
  if (members.type === 'chat') return parse(chatInput, members, { what })
  const shape = parse(input, members, { what })
  return shape.type === 'tensors' ? { ...shape, tensors: await decodeTensors(shape.tensors, budget, options) } : shape
}

/** An opened payload as an output. */
export async function toOutput({ members, budget }: Opened, what: string, options: DecodeOptions) {
  const shape = parse(output, members, { what })
  return shape.type === 'tensors' ? { ...shape, tensors: await decodeTensors(shape.tensors, budget, options) } : shape
}

/** Checks everything but the tensors, which are typed arrays here and so no values of the codec. */
function parseShape<schema extends typeof input | typeof output>(
  schema: schema,
  value: unknown,
  what: string,
): v.InferOutput<schema> {
  return parse<v.InferOutput<schema>>(schema, value, { what })
}

async function encodeTensors(
  shape: { readonly [key: string]: unknown },
  tensors: { readonly [name: string]: Tensor },
): Promise<EncodedPayload> {
  const blocks: Block[] = []
  const wires: Record<string, IpldValue> = {}
  for (const [name, tensor] of Object.entries(tensors)) {
    const { wire, blocks: chunks } = await toWire(tensor, `tensors.${name}`)
    wires[name] = wire
    blocks.push(...chunks)
  }
  return seal({ ...shape, tensors: wires }, blocks)
}

async function decodeTensors(
  wires: { readonly [name: string]: unknown },
  budget: Budget,
  { store, signal }: DecodeOptions,
): Promise<Record<string, Tensor>> {
  const tensors: Record<string, Tensor> = {}
  for (const [name, wire] of Object.entries(wires))
    tensors[name] = await fromWire(wire, `tensors.${name}`, { store, signal, budget })
  return tensors
}

async function seal(members: object, blocks: readonly Block[] = []): Promise<EncodedPayload> {
  const bytes = encode({ v: 1, ...members })
  return { bytes, digest: await digest(bytes), blocks }
}

/** A payload of which only `v` and that there is a `type` were checked. */
type Opened = ReturnType<typeof open>

export function open(bytes: Uint8Array, what: string, { maxBytes = defaultMaxBytes }: DecodeOptions) {
  if (bytes.length > maxBytes) throw new PayloadTooLargeError({ limit: maxBytes, size: bytes.length })
  const value = decode(bytes)
  if (typeof value !== 'object' || value === null || !('v' in value) || !('type' in value))
    throw new PayloadInvalidError({ what, issues: ['it is not a map with `v` and `type`'] })
  const { v: versionNumber, ...members } = value
  parse(version, versionNumber, { what: `${what}'s version` })
  return { members, budget: { left: maxBytes, limit: maxBytes } }
}
