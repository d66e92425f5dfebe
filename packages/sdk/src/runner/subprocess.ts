import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import * as v from 'valibot'
import { RunnerFailedError } from '../errors/verification.ts'
import { encodeOutput } from '../payload/inference.ts'
import { tokenId } from '../payload/schemas.ts'
import { isDtype, tensorOf } from '../payload/tensor.ts'
import type { InferenceInput, InferenceOutput, Tensor } from '../payload/types.ts'
import { abortable, withTimeout } from '../utils/abort.ts'
import { defineRunner } from './defineRunner.ts'
import type { Runner, RunnerFactory } from './types.ts'

/** Which program to run, and what it loads. */
export type SubprocessOptions = {
  /** The program, such as `python3`; started without a shell. */
  readonly command: string
  readonly args?: readonly string[]
  /** Weight formats that it loads, such as `safetensors`. */
  readonly formats: readonly string[]
  /** Directory and environment of the program. Default: those of this process. */
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds for one answer, that to `load` too. Default: 600,000. */
  readonly timeout?: number
  /** Most characters of an answer. Default: 2^28. */
  readonly maxLineLength?: number
}

const text = v.pipe(v.string(), v.nonEmpty(), v.maxLength(256))
const loaded = v.strictObject({
  runtime: v.strictObject({
    engine: text,
    version: text,
    provider: text,
    threads: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
    optimization: text,
  }),
  deterministic: v.boolean(),
  methods: v.array(v.picklist(['run', 'score', 'decode'])),
})
const base64 = v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]*={0,2}$/, 'base64'))
const tensor = v.pipe(
  v.strictObject({
    dtype: v.custom<Tensor['dtype']>((name) => typeof name === 'string' && isDtype(name), 'an element type'),
    dims: v.array(tokenId),
    data: base64,
  }),
  v.rawTransform(({ dataset, addIssue, NEVER }): Tensor => {
    const { dtype, dims, data } = dataset.value
    try {
      return tensorOf(dtype, dims, new Uint8Array(Buffer.from(data, 'base64')))
    } catch (error) {
      addIssue({ message: `the data is not of the shape: ${error instanceof Error ? error.message : String(error)}` })
      return NEVER
    }
  }),
)
const output = v.variant('type', [
  v.strictObject({ type: v.literal('tensors'), tensors: v.record(v.string(), tensor) }),
  v.strictObject({ type: v.literal('text'), text: v.string(), tokenIds: v.exactOptional(v.array(tokenId)) }),
  v.strictObject({
    type: v.literal('json'),
    value: v.custom<string | number | boolean | null>((value) => value !== undefined),
  }),
])
const scored = v.strictObject({ logits: tensor })
const answer = v.union([
  v.strictObject({ id: tokenId, result: v.unknown() }),
  v.strictObject({ id: tokenId, error: v.string() }),
])

/**
 * Runs models in a program of any language, for what JavaScript cannot run. The program reads a request per line from
 * standard input and writes an answer per line to standard output, both JSON, one after the other; what it writes to
 * standard error is quoted when it fails. See docs/guides/subprocess-runners.md for the protocol and a program in Python.
 *
 * `load` starts the program, once for each model, with the weights in a file that is there until the runner is disposed.
 * A run that is aborted or takes too long ends the program, since it cannot be told to stop; the runner then fails until
 * it is loaded again. `load` and `run` throw a `RunnerFailedError` when the program ends, answers something else, or
 * says it failed.
 *
 * @example
 * const runner = subprocess({ command: 'python3', args: ['serve.py'], formats: ['safetensors'] })
 */
export function subprocess(options: SubprocessOptions): RunnerFactory {
  return defineRunner({
    name: 'subprocess',
    formats: options.formats,
    supports: () => true,
    async load({ manifest, weights, signal }) {
      const directory = await mkdtemp(path.join(tmpdir(), 'runner-'))
      const program = start(options, directory)
      try {
        const weightsPath = path.join(directory, 'weights')
        await writeFile(weightsPath, weights)
        const found = await program.ask('load', { weightsPath, manifest }, loaded, signal)
        return createRunner(program, { ...found.runtime, weightsDigest: manifest.weights.digest }, found)
      } catch (error) {
        await program.end()
        throw error
      }
    },
  })
}

type Program = ReturnType<typeof start>

function createRunner(
  program: Program,
  fingerprint: Runner['fingerprint'],
  { deterministic, methods }: v.InferOutput<typeof loaded>,
): Runner {
  return {
    fingerprint,
    deterministic,
    async run(input, { seed, signal } = {}) {
      const parameters = { input: toJson(input), ...(seed !== undefined && { seed }) }
      const found = await program.ask('run', parameters, output, signal)
      const result = { ...found, runtime: fingerprint } as InferenceOutput
      // The shape is right; whether the payload can carry it, only its encoding says.
      await encodeOutput(result).catch((cause: unknown) => {
        throw failure('the program answered what a payload does not carry', cause)
      })
      return result
    },
    ...(methods.includes('score') && {
      async *score(input, tokenIds, { signal } = {}) {
        const { logits } = await program.ask('score', { input: toJson(input), tokenIds }, scored, signal)
        const [count, size = 0] = logits.dims
        if (logits.dtype !== 'float32' || logits.dims.length !== 2 || count !== tokenIds.length)
          throw failure(`the logits are ${logits.dtype} [${logits.dims.join(', ')}] for ${tokenIds.length} tokens`)
        for (let position = 0; position < count; position++)
          yield { kind: 'logits', position, logits: logits.data.slice(position * size, (position + 1) * size) }
      },
    }),
    ...(methods.includes('decode') && {
      decode: (tokenIds, { signal } = {}) => program.ask('decode', { tokenIds }, v.string(), signal),
    }),
    dispose: () => program.end(),
  }
}

/** A program that answers one request at a time. */
function start(options: SubprocessOptions, directory: string) {
  const { command, args = [], cwd, env, timeout = 600_000, maxLineLength = 2 ** 28 } = options
  const child: ChildProcessWithoutNullStreams = spawn(command, args, {
    ...(cwd !== undefined && { cwd }),
    ...(env && { env }),
    stdio: 'pipe',
  })
  let stderr = ''
  let dead: RunnerFailedError | undefined
  let ended: Promise<void> | undefined
  let queue: Promise<unknown> = Promise.resolve()
  let id = 0
  let pending: { resolve: (line: string) => void; reject: (error: Error) => void } | undefined

  const die = (reason: string, cause?: unknown) => {
    dead ??= failure(stderr === '' ? reason : `${reason}; it said: ${stderr.trim().slice(-1_000)}`, cause)
    child.kill('SIGKILL')
    pending?.reject(dead)
    pending = undefined
    return dead
  }
  const exited = new Promise<void>((resolve) => {
    child.once('error', (cause) => {
      die(`${command} could not be started`, cause)
      if (child.pid === undefined) resolve()
    })
    child.once('close', (code, signal) => {
      die(`${command} ended with ${signal ?? `code ${code}`}`)
      resolve()
    })
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-4_096)
  })
  // A line without an end must not fill the memory.
  let length = 0
  child.stdout.on('data', (chunk: Buffer) => {
    const end = chunk.lastIndexOf(10)
    length = end < 0 ? length + chunk.length : chunk.length - end
    if (length > maxLineLength) die(`an answer has more than ${maxLineLength} characters`)
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.length > maxLineLength) return void die(`an answer has more than ${maxLineLength} characters`)
    if (!pending) return void die('the program answered without being asked')
    pending.resolve(line)
    pending = undefined
  })
  // What breaks the pipe shows as the end of the program.
  child.stdin.on('error', () => undefined)

  async function exchange(method: string, parameters: object, signal: AbortSignal | undefined): Promise<unknown> {
    signal?.throwIfAborted()
    if (dead) throw dead
    const request = { id: ++id, method, ...parameters }
    const line = new Promise<string>((resolve, reject) => {
      pending = { resolve, reject }
    })
    // It may come after the abort.
    line.catch(() => undefined)
    const limit = withTimeout(signal, timeout)
    child.stdin.write(`${JSON.stringify(request)}\n`)
    try {
      const found = v.safeParse(v.pipe(v.string(), v.parseJson(), answer), await abortable(line, limit.signal))
      if (!found.success || found.output.id !== id) throw die('the program did not answer by the protocol')
      if ('error' in found.output) throw failure(`the program says: ${found.output.error.slice(0, 1_000)}`)
      return found.output.result
    } catch (error) {
      if (limit.timedOut()) throw die(`the program did not answer within ${timeout} ms`)
      if (signal?.aborted) die('a run was aborted, which ended the program')
      throw error
    } finally {
      limit.clear()
    }
  }

  return {
    async ask<result>(
      method: string,
      parameters: object,
      schema: v.GenericSchema<unknown, result>,
      signal: AbortSignal | undefined,
    ): Promise<result> {
      if (ended) throw failure('it was disposed')
      const found = queue.then(() => exchange(method, parameters, signal))
      queue = found.catch(() => undefined)
      const parsed = v.safeParse(schema, await found)
      if (parsed.success) return parsed.output
      throw failure(`the program's answer to ${method} is wrong: ${v.summarize(parsed.issues).slice(0, 1_000)}`)
    },
    end(): Promise<void> {
      ended ??= queue.then(async () => {
        child.kill('SIGKILL')
        await exited
        await rm(directory, { recursive: true, force: true })
      })
      return ended
    },
  }
}

/** An input as JSON: tensors with their little-endian bytes in base64. Throws where JSON would lose something. */
function toJson(input: InferenceInput): unknown {
  if (input.type === 'tensors') {
    const entries = Object.entries(input.tensors).map(([name, { dtype, dims, data }]) => {
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
      return [name, { dtype, dims, data: bytes.toString('base64') }]
    })
    return { type: 'tensors', tensors: Object.fromEntries(entries) }
  }
  assertJson(input)
  return input
}

function assertJson(value: unknown): void {
  if (typeof value === 'bigint' || value instanceof Uint8Array)
    throw failure('the input holds bytes or large integers, which JSON does not carry')
  if (typeof value !== 'object' || value === null) return
  const prototype = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null)
    throw failure('the input holds a link, which JSON does not carry')
  for (const each of Object.values(value)) assertJson(each)
}

function failure(reason: string, cause?: unknown): RunnerFailedError {
  return new RunnerFailedError({ runner: 'subprocess', reason, cause })
}
