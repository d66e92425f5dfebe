import type { Dtype, Tensor } from '@proof-of-inference/sdk/payload'
import { defineRunner, type Runner, RunnerFailedError } from '@proof-of-inference/sdk/runner'
import * as ort from 'onnxruntime-node'

/** ONNX models on the native ONNX Runtime, one thread: the other runtime that agents have. */
export const native = () =>
  defineRunner({
    name: 'native',
    formats: ['onnx'],
    supports: () => true,
    async load({ manifest, weights }): Promise<Runner> {
      const session = await ort.InferenceSession.create(weights, { intraOpNumThreads: 1, logSeverityLevel: 4 })
      const version = ort.env.versions.node
      if (version === undefined)
        throw new RunnerFailedError({ runner: 'native', reason: 'it does not say its version' })
      const fingerprint = {
        ...{ engine: 'onnxruntime-node', version, provider: 'cpu', threads: 1, optimization: 'all' },
        weightsDigest: manifest.weights.digest,
      }
      return {
        fingerprint,
        deterministic: true,
        async run(input) {
          if (input.type !== 'tensors') throw new RunnerFailedError({ runner: 'native', reason: 'it takes tensors' })
          const feeds = Object.entries(input.tensors).map(
            ([name, { dtype, dims, data }]) =>
              [name, new ort.Tensor(dtype as 'float32', data as Float32Array, dims)] as const,
          )
          const results = await session.run(Object.fromEntries(feeds))
          const tensors = Object.entries(results).map(([name, { type, dims, data }]) => {
            const tensor = { dtype: type as Dtype, dims, data: (data as Float32Array).slice() } as Tensor
            return [name, tensor] as const
          })
          return { type: 'tensors', tensors: Object.fromEntries(tensors), runtime: fingerprint }
        },
        dispose: () => session.release(),
      }
    },
  })
