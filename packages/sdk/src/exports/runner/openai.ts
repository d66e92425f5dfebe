export { type OpenaiOptions, openai } from '../../runner/openai.ts'
