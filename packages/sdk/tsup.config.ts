import { defineConfig } from 'tsup'

export default defineConfig({
  // one entry per public subpath: the key is the subpath, as in package.json's `exports`
  entry: {
    abis: 'src/exports/abis.ts',
    actions: 'src/exports/actions.ts',
    aggregator: 'src/exports/aggregator.ts',
    eigenlayer: 'src/exports/eigenlayer.ts',
    index: 'src/exports/index.ts',
    node: 'src/exports/node.ts',
    operator: 'src/exports/operator.ts',
    payload: 'src/exports/payload.ts',
    requester: 'src/exports/requester.ts',
    runner: 'src/exports/runner.ts',
    'runner/onnx': 'src/exports/runner/onnx.ts',
    verifier: 'src/exports/verifier.ts',
    // no subpath: the thread that `workerRunner` starts, which is to be beside it
    workerThread: 'src/runner/workerThread.ts',
  },
  format: 'esm',
  target: 'es2022',
  dts: true,
  clean: true,
  silent: true,
  splitting: true,
  treeshake: true,
})
