/**
 * Language models behind an OpenAI-compatible server.
 *
 * @module @proof-of-inference/sdk/runner/openai
 */

export { type OpenaiOptions, openai } from '../../runner/openai.ts'
