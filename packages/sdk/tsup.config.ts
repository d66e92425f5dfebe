import { defineConfig } from 'tsup'
import { pure } from '../../scripts/pure.mjs'

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
