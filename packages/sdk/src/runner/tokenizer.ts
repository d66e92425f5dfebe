/** Turns text into the tokens of a model, and back. */
export interface Tokenizer {
  /** As `ModelManifest.tokenizer.format` names it. */
  readonly format: string
  /** Tokens that end a text, and are not part of it. Default: none. */
  readonly endOfSequence?: readonly number[]
  /** The tokens of a text. */
  encode(text: string): number[]
  /** The text of generated tokens. The same tokens must always give the same text. */
  decode(tokenIds: readonly number[]): string
}

/** UTF-8: a token is a byte. Bytes that are not UTF-8 become U+FFFD. Known to every runner of language models. */
export const byteTokenizer: Tokenizer = {
  format: 'bytes',
  encode: (text) => [...new TextEncoder().encode(text)],
  decode: (tokenIds) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(tokenIds)),
}
