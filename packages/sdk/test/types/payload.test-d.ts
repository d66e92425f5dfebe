import type { CID } from 'multiformats/cid'
import type { Hex } from 'viem'
import { expectTypeOf } from 'vitest'
import * as payload from '../../src/exports/payload.ts'
import { bytes, hash, input, manifest, output, payloads, policy, signal } from './stage.ts'

expectTypeOf(payload.encode({ list: [1n, 'two', null, bytes] })).toExtend<Uint8Array>()
// @ts-expect-error nothing stands for undefined
payload.encode({ value: undefined })
// @ts-expect-error dates are no values of the data model
payload.encode(new Date())
expectTypeOf(payload.decode(bytes)).toEqualTypeOf<payload.IpldValue>()
expectTypeOf(payload.decodeCanonical(bytes)).toEqualTypeOf<payload.IpldValue>()

expectTypeOf(payload.digest(bytes)).resolves.toEqualTypeOf<payload.Digest>()
expectTypeOf<payload.Digest>().toEqualTypeOf<Hex>()
expectTypeOf(payload.digestToCid(hash, 'raw')).toExtend<CID>()
// @ts-expect-error no such codec
payload.digestToCid(hash, 'json')
expectTypeOf(payload.digestToIpfsUri(hash)).toEqualTypeOf<string>()
expectTypeOf(payload.cidToDigest).returns.toEqualTypeOf<payload.Digest>()

// A tensor's data goes with its element type.
const float: payload.Tensor = { dtype: 'float32', dims: [1, 2], data: new Float32Array(2) }
// @ts-expect-error not of float64
const mixed: payload.Tensor = { dtype: 'float64', dims: [2], data: new Float32Array(2) }
expectTypeOf(float).toExtend<payload.Tensor>()
expectTypeOf(mixed).toExtend<payload.Tensor>()
expectTypeOf<payload.Tensor<'int64'>['data']>().toEqualTypeOf<BigInt64Array>()
expectTypeOf(
  payload.encodeInput({ type: 'tensors', tensors: { x: float } }),
).resolves.toEqualTypeOf<payload.EncodedPayload>()
expectTypeOf(payload.encodeInput({ type: 'batch', items: [input] })).resolves.toEqualTypeOf<payload.EncodedPayload>()
expectTypeOf(payload.encodeOutput(output)).resolves.toEqualTypeOf<payload.EncodedPayload>()
// @ts-expect-error an output names the runtime that it is of
payload.encodeOutput({ type: 'text', text: 'four' })
expectTypeOf(payload.decodeInput(bytes, { store: payloads, signal })).resolves.toEqualTypeOf<payload.InferenceInput>()
expectTypeOf(payload.decodeOutput(bytes)).resolves.toEqualTypeOf<payload.InferenceOutput>()
const decoded = await payload.decodeOutput(bytes)
if (decoded.type === 'text') expectTypeOf(decoded.tokenIds).toEqualTypeOf<readonly number[] | undefined>()
if (decoded.type === 'json') expectTypeOf(decoded.value).toEqualTypeOf<payload.IpldValue>()
expectTypeOf(payload.decodeInference({ input: bytes, output: bytes })).resolves.toEqualTypeOf<
  payload.Inference | { readonly batch: payload.Batch }
>()

expectTypeOf(payload.encodeManifest(manifest)).resolves.toEqualTypeOf<payload.EncodedPayload>()
expectTypeOf(payload.decodeManifest(bytes)).toEqualTypeOf<payload.ModelManifest>()
expectTypeOf(payload.encodePolicy(policy)).resolves.toEqualTypeOf<payload.EncodedPayload>()
expectTypeOf(payload.decodePolicy(bytes)).toEqualTypeOf<payload.PolicyDocument>()
expectTypeOf(payload.runtimeClass({ ...output.runtime })).toEqualTypeOf<string>()

expectTypeOf(payload.memoryPayloadStore()).toEqualTypeOf<payload.PayloadStore>()
expectTypeOf(payload.httpPayloadStore({ url: '' })).toExtend<payload.PayloadSource>()
expectTypeOf(payload.inlinePayloadStore(new Map([[hash, bytes]]))).toEqualTypeOf<payload.PayloadSource>()
expectTypeOf(payload.fallbackPayloadStore([payloads, { get: payloads.get }])).toEqualTypeOf<payload.PayloadStore>()
expectTypeOf(payload.putPayload(payloads, { bytes, digest: hash, blocks: [] })).resolves.toEqualTypeOf<payload.Digest>()
expectTypeOf(payload.getVerified(payloads, hash, { maxBytes: 1 })).resolves.toExtend<Uint8Array>()
