import { readFile } from 'node:fs/promises'
import { defineConfig } from 'tsup'

/**
 * Says of schemas and ABIs that building them has no effect, so that a bundle leaves out those it does not use: several
 * modules are in one file here, which `sideEffects` cannot tell apart.
 */
const pure = {
  name: 'pure',
  setup(build: { onLoad: (options: { filter: RegExp }, load: (file: { path: string }) => Promise<Loaded>) => void }) {
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const builders = /(?<![\w.])(v\.(?!(?:parse|safeParse|assert|is)\()\w+|parseAbi\w*|getAbiItem)\(/g
      // Not in comments, which the mark would end.
      const code = source.replace(/^(?!\s*(?:\*|\/\/)).*$/gm, (line) => line.replace(builders, '/* @__PURE__ */ $&'))
      return { contents: code, loader: 'ts' }
    })
  },
}

type Loaded = { contents: string; loader: 'ts' }

export default defineConfig({
  // one entry per public subpath: the key is the subpath, as in package.json's `exports`
  entry: {
    abis: 'src/exports/abis.ts',
    actions: 'src/exports/actions.ts',
    aggregator: 'src/exports/aggregator.ts',
    calibration: 'src/exports/calibration.ts',
    eigenlayer: 'src/exports/eigenlayer.ts',
    erc8004: 'src/exports/erc8004.ts',
    index: 'src/exports/index.ts',
    node: 'src/exports/node.ts',
    operator: 'src/exports/operator.ts',
    payload: 'src/exports/payload.ts',
    payments: 'src/exports/payments.ts',
    requester: 'src/exports/requester.ts',
    runner: 'src/exports/runner.ts',
    'runner/onnx': 'src/exports/runner/onnx.ts',
    'runner/onnx-node': 'src/exports/runner/onnx-node.ts',
    'runner/openai': 'src/exports/runner/openai.ts',
    'runner/subprocess': 'src/exports/runner/subprocess.ts',
    'runner/transformers': 'src/exports/runner/transformers.ts',
    verifier: 'src/exports/verifier.ts',
    // no subpath: the thread that `workerRunner` starts, which is to be beside it
    workerThread: 'src/runner/workerThread.ts',
  },
  esbuildPlugins: [pure],
  format: 'esm',
  target: 'es2022',
  dts: true,
  clean: true,
  silent: true,
  removeNodeProtocol: false,
  splitting: true,
  treeshake: true,
})
