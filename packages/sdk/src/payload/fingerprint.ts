import type { RuntimeProfile } from './types.ts'

/**
 * The class of a runtime: its fingerprint without the weights' digest, as one string. Outputs of the same weights in
 * the same class can be compared bit for bit.
 *
 * @example
 * runtimeClass(runner.fingerprint) // 'onnxruntime-web@1.30.0/wasm/threads=1/optimization=all'
 */
export function runtimeClass(runtime: RuntimeProfile): string {
  const part = encodeURIComponent
  return `${part(runtime.engine)}@${part(runtime.version)}/${part(runtime.provider)}/threads=${runtime.threads}/optimization=${part(runtime.optimization)}`
}
