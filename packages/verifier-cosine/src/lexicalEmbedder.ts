import type { Digest } from '@proof-of-inference/sdk/payload'
import type { Embedder } from './cosine.ts'

/** All that decides the vectors. The embedder's digest is the sha2-256 of it. */
export const specification =
  'lexicalEmbedder@1: float32[1024], from zeros; for each 3 bytes in a row of 0x02 ‖ utf-8 ‖ 0x03: ' +
  'h = FNV-1a (32 bits) of the 3 bytes; element h mod 1024 += 1 if h < 2^31, else -= 1'

const dimensions = 1_024
const digest: Digest = '0xace030a56ffbf2936fe63ebf6618f2d6cdd3ca76ad5471ea7d1a5a26c86db8cc'

/**
 * Embeds texts by their letters: how often each three bytes of UTF-8 come in a row, hashed into 1,024 signed counts. Needs
 * no model, and gives the same bits everywhere. Lexical: texts are close if they share spellings, whatever they mean;
 * a changed word in a long text moves it little, and so does a "not". Nothing is normalised: "é" as one character
 * and as two are different.
 *
 * @example
 * const verifiers = [cosine({ embedder: lexicalEmbedder() })]
 * const operator = createOperator({ client, deployment, payloads, store, verifiers, runners })
 */
export function lexicalEmbedder(): Embedder {
  return {
    digest,
    async embed(text) {
      const utf8 = new TextEncoder().encode(text)
      const bytes = new Uint8Array(utf8.length + 2)
      bytes[0] = 2
      bytes.set(utf8, 1)
      bytes[utf8.length + 1] = 3
      const vector = new Float32Array(dimensions)
      for (let start = 0; start + 3 <= bytes.length; start++) {
        const hash = hashOf(bytes.subarray(start, start + 3))
        const at = hash % dimensions
        vector[at] = (vector[at] ?? 0) + (hash < 2 ** 31 ? 1 : -1)
      }
      return vector
    },
  }
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo). */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}
