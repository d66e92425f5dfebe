import { CID } from 'multiformats/cid'
import * as v from 'valibot'
import { PayloadInvalidError, PayloadTooLargeError, PayloadUnavailableError } from '../errors/payload.ts'
import { cidToDigest, digest, digestToCid, isRawCid } from './digest.ts'
import { parse } from './schemas.ts'
import type { PayloadSource } from './store.ts'
import { getVerified } from './transfer.ts'
import type { Block, Dtype, Tensor, TensorDataByDtype } from './types.ts'

/** Most bytes of tensor data inside a payload, and the size of the chunks that more is split into: 1 MiB. */
export const chunkSize = 1024 * 1024

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const satisfies { [dtype in Dtype]: { new (length: number): TensorDataByDtype[dtype] } }

/** A tensor as it is encoded: data as little-endian bytes, or links to its raw chunks. */
export type WireTensor = {
  readonly dtype: Dtype
  readonly dims: readonly number[]
  readonly data: Uint8Array | readonly CID[]
}

const wireTensor: v.GenericSchema<unknown, WireTensor> = v.strictObject({
  dtype: v.picklist(Object.keys(arrays) as Dtype[]),
  dims: v.pipe(v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))), v.maxLength(16)),
  data: v.union([v.instance(Uint8Array), v.array(v.custom<CID>((value) => CID.asCID(value) !== null, 'a CID'))]),
})

/** Number of elements of a shape. Throws a `PayloadInvalidError` if it exceeds 2^53 − 1. */
export function elementCount(dims: readonly number[]): number {
  if (dims.includes(0)) return 0
  let count = 1
  for (const dim of dims) {
    if (dim > Number.MAX_SAFE_INTEGER / count) throw invalid(`dims ${dims.join('×')} are too large`)
    count *= dim
  }
  return count
}

/** Whether a name is an element type that payloads carry. */
export function isDtype(name: string): name is Dtype {
  return Object.hasOwn(arrays, name)
}

/** A tensor with a copy of the bytes, which are in the platform's order, as its data. */
export function tensorOf(dtype: Dtype, dims: readonly number[], bytes: Uint8Array): Tensor {
  // A buffer of its own: aligned, and nobody else's.
  const { buffer } = new Uint8Array(bytes)
  // The type of the array follows from `dtype`, which TypeScript cannot see.
  return { dtype, dims: [...dims], data: new arrays[dtype](buffer) } as Tensor
}

/** A tensor for the wire, and the chunks its data is split into when it exceeds 1 MiB. */
export async function toWire(tensor: Tensor, place: string): Promise<{ wire: WireTensor; blocks: Block[] }> {
  const { dtype, dims, data } = tensor
  if (!isDtype(dtype)) throw invalid(`${place}.dtype: "${dtype}" is not an element type`)
  const array = arrays[dtype]
  // By tag rather than instanceof, as arrays of another realm are as good.
  const actual = Object.prototype.toString.call(data).slice(8, -1)
  if (actual !== array.name) throw invalid(`${place}.data: ${dtype} takes a ${array.name}, not ${actual}`)
  const bytes = littleEndian(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), data.BYTES_PER_ELEMENT)
  if (bytes.length <= chunkSize) {
    const wire = parse(wireTensor, { dtype, dims: [...dims], data: bytes }, { what: place })
    assertData(wire, bytes, place)
    return { wire, blocks: [] }
  }
  const blocks: Block[] = []
  for (let offset = 0; offset < bytes.length; offset += chunkSize) {
    const chunk = bytes.slice(offset, offset + chunkSize)
    blocks.push({ bytes: chunk, digest: await digest(chunk) })
  }
  const links = blocks.map((block) => digestToCid(block.digest, 'raw'))
  const wire = parse(wireTensor, { dtype, dims: [...dims], data: links }, { what: place })
  assertData(wire, bytes, place)
  return { wire, blocks }
}

/** Budget of bytes that may still be fetched and kept. */
export type Budget = { left: number; readonly limit: number }

/** A tensor of decoded bytes, its chunks fetched from the store and checked. */
export async function fromWire(
  value: unknown,
  place: string,
  { store, signal, budget }: { store?: PayloadSource | undefined; signal?: AbortSignal | undefined; budget: Budget },
): Promise<Tensor> {
  const wire = parse(wireTensor, value, { what: place })
  const width = arrays[wire.dtype].BYTES_PER_ELEMENT
  const size = elementCount(wire.dims) * width
  budget.left -= size
  if (budget.left < 0) throw new PayloadTooLargeError({ limit: budget.limit, size: budget.limit - budget.left })
  let bytes: Uint8Array
  if (wire.data instanceof Uint8Array) {
    if (wire.data.length > chunkSize) throw invalid(`${place}.data: over ${chunkSize} bytes must be linked chunks`)
    bytes = wire.data
  } else {
    bytes = await fetchChunks(wire.data, size, place, { store, signal })
  }
  assertData(wire, bytes, place)
  return tensorOf(wire.dtype, wire.dims, littleEndian(bytes, width))
}

async function fetchChunks(
  links: readonly CID[],
  size: number,
  place: string,
  { store, signal }: { store?: PayloadSource | undefined; signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  if (size <= chunkSize) throw invalid(`${place}.data: up to ${chunkSize} bytes must be inside the payload`)
  if (links.length !== Math.ceil(size / chunkSize))
    throw invalid(`${place}.data: ${links.length} chunks cannot hold ${size} bytes`)
  const digests = links.map((link) => {
    if (!isRawCid(link)) throw invalid(`${place}.data: ${link} does not link to a raw block`)
    return cidToDigest(link)
  })
  const bytes = new Uint8Array(size)
  await Promise.all(
    digests.map(async (digest, index) => {
      const offset = index * chunkSize
      const expected = Math.min(chunkSize, size - offset)
      if (!store)
        throw new PayloadUnavailableError({ digest, sources: [], reason: 'no store was given to fetch it from' })
      const chunk = await getVerified(store, digest, { signal, maxBytes: expected })
      if (chunk.length !== expected) throw invalid(`${place}.data: chunk ${index} has ${chunk.length} bytes`)
      bytes.set(chunk, offset)
    }),
  )
  return bytes
}

function assertData({ dtype, dims }: WireTensor, bytes: Uint8Array, place: string): void {
  const size = elementCount(dims) * arrays[dtype].BYTES_PER_ELEMENT
  if (bytes.length !== size)
    throw invalid(`${place}: dims [${dims.join(', ')}] of ${dtype} take ${size} bytes, the data has ${bytes.length}`)
  if (dtype === 'bool' && bytes.some((byte) => byte > 1)) throw invalid(`${place}.data: a bool is 0 or 1`)
}

const platformIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** Bytes of numbers between the platform's order and little-endian, in either direction. */
function littleEndian(bytes: Uint8Array, width: number): Uint8Array {
  if (platformIsLittleEndian || width === 1) return bytes
  const swapped = bytes.slice()
  for (let offset = 0; offset < swapped.length; offset += width) swapped.subarray(offset, offset + width).reverse()
  return swapped
}

function invalid(issue: string): PayloadInvalidError {
  return new PayloadInvalidError({ what: 'tensor', issues: [issue] })
}
