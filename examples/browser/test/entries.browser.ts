import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire, isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { digest, encodeOutput, type InferenceInput, type ModelManifest } from '@proof-of-inference/sdk/payload'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import type { Browser } from 'playwright-core'
import { build, createLogger, type PreviewServer, preview } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { samples, toInput } from '../src/page/samples.ts'
import { type Faults, launch, openPage } from './browser.ts'

const require = createRequire(import.meta.url)
const nodeOnly = ['./node', './runner/onnx-node', './runner/subprocess', './runner/transformers']
const verifiers = ['exact', 'cosine', 'statistical', 'crossval'].map((name) => `@proof-of-inference/verifier-${name}`)

let directory: string
let browser: Browser
let server: PreviewServer
let entries: string[]
const warnings: string[] = []
/** Imports of what only Node has, for which the bundler puts in stubs. */
const builtins: string[] = []

/** Every entry of the SDK that is not for Node alone, and the verifiers: `e0`, `e1`, … of a module. */
async function buildEntries(): Promise<void> {
  const { exports }: { exports: object } = JSON.parse(
    await readFile(path.resolve(import.meta.dirname, '../../../packages/sdk/package.json'), 'utf8'),
  )
  const subpaths = Object.keys(exports).filter((subpath) => !nodeOnly.includes(subpath))
  entries = [...subpaths.map((subpath) => path.posix.join('@proof-of-inference/sdk', subpath)), ...verifiers]
  const logger = createLogger('warn')
  logger.warn = (message) => void warnings.push(message)
  logger.warnOnce = logger.warn
  const id = path.join(import.meta.dirname, 'entries.virtual.ts')
  await build({
    configFile: false,
    root: import.meta.dirname,
    customLogger: logger,
    logLevel: 'warn',
    resolve: {
      tsconfigPaths: true,
      // 4Mica's client, an optional peer, requires a file by two names of which its own dependency has the second.
      alias: [{ find: /^@noble\/curves\/bls12-381$/, replacement: '@noble/curves/bls12-381.js' }],
    },
    plugins: [
      {
        name: 'entries',
        enforce: 'pre',
        resolveId(source, importer) {
          if (isBuiltin(source)) builtins.push(`${source} by ${importer}`)
          return source === 'entries' ? id : null
        },
        load: (source) =>
          source === id ? entries.map((entry, index) => `export * as e${index} from '${entry}'`).join('\n') : null,
      },
    ],
    build: {
      outDir: directory,
      emptyOutDir: true,
      chunkSizeWarningLimit: Number.POSITIVE_INFINITY,
      target: 'es2022',
      rolldownOptions: {
        input: { entries: 'entries' },
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js' },
      },
    },
  })
}

beforeAll(async () => {
  browser = await launch()
  directory = await mkdtemp(path.join(tmpdir(), 'proof-of-inference-entries-'))
  await buildEntries()
  server = await preview({
    configFile: false,
    root: import.meta.dirname,
    build: { outDir: directory },
    preview: { host: '127.0.0.1', port: 0 },
  })
})
afterAll(async () => {
  await server?.close()
  await browser?.close()
  await rm(directory, { recursive: true, force: true })
})

/** A page with nothing but the entries, in the global `entries`. */
async function openEntries() {
  const { page, faults } = await openPage(browser)
  const [address] = server.resolvedUrls?.local ?? []
  if (address === undefined) throw new TypeError('The server has no address.')
  const body = `<link rel="icon" href="data:,"><script type="module">
    import * as entries from '/entries.js'
    globalThis.entries = entries
  </script>`
  await page.route('**/blank', (route) => route.fulfill({ contentType: 'text/html', body }))
  await page.goto(`${address}blank`)
  await page.waitForFunction(() => 'entries' in globalThis)
  return { page, faults }
}

const none: Faults = { errors: [], foreign: [] }

test('every entry that is not for Node alone bundles without its built-ins, and loads', async () => {
  expect(entries.length).toBeGreaterThan(14)
  expect({ builtins, warnings }).toEqual({ builtins: [], warnings: [] })
  const { page, faults } = await openEntries()
  const found = await page.evaluate(() => {
    const namespaces: Record<string, object> = Reflect.get(globalThis, 'entries')
    return Object.fromEntries(Object.entries(namespaces).map(([name, exports]) => [name, Object.keys(exports).sort()]))
  })
  for (const [index, entry] of entries.entries()) {
    const here: object = await import(/* @vite-ignore */ entry)
    expect({ entry, exports: found[`e${index}`] }).toEqual({ entry, exports: Object.keys(here).sort() })
  }
  expect(faults).toEqual(none)
})

test('onnx() gives the same bits in the browser as in Node, with the default build of onnxruntime-web', async () => {
  const file = path.join(path.dirname(require.resolve('@ricky0123/vad-web')), 'silero_vad_v5.onnx')
  const weights = new Uint8Array(await readFile(file))
  const manifest: ModelManifest = {
    v: 1,
    name: 'Silero VAD v5',
    weights: { digest: await digest(weights), format: 'onnx', size: weights.length },
    runtimes: [],
  }
  const runner = await onnx().load({ manifest, weights })
  const expected: string[] = []
  for (const audio of Object.values(samples))
    expected.push((await encodeOutput(await runner.run(toInput(audio)))).digest)
  await runner.dispose()

  const { page, faults } = await openEntries()
  await page.route('**/weights', (route) => route.fulfill({ path: file }))
  const nameOf = (entry: string) => `e${entries.indexOf(`@proof-of-inference/sdk/${entry}`)}`
  const names = { payload: nameOf('payload'), onnx: nameOf('runner/onnx') }
  const actual = await page.evaluate(
    async ({ names, manifest, sounds }) => {
      const entries = Reflect.get(globalThis, 'entries')
      const { encodeOutput }: typeof import('@proof-of-inference/sdk/payload') = entries[names.payload]
      const { onnx }: typeof import('@proof-of-inference/sdk/runner/onnx') = entries[names.onnx]
      const weights = new Uint8Array(await (await fetch('/weights')).arrayBuffer())
      const runner = await onnx().load({ manifest, weights })
      const digests: string[] = []
      for (const sound of sounds) {
        const input: InferenceInput = {
          type: 'tensors',
          tensors: {
            input: { dtype: 'float32', dims: [1, 576], data: Float32Array.from(sound) },
            state: { dtype: 'float32', dims: [2, 1, 128], data: new Float32Array(256) },
            sr: { dtype: 'int64', dims: [], data: BigInt64Array.of(16_000n) },
          },
        }
        digests.push((await encodeOutput(await runner.run(input))).digest)
      }
      await runner.dispose()
      return digests
    },
    { names, manifest, sounds: Object.values(samples).map((audio) => [...audio]) },
  )
  expect(actual).toEqual(expected)
  expect(faults).toEqual(none)
})
