import { defineConfig } from 'vite'

export default defineConfig({
  // In this repository the packages' names lead to their sources.
  resolve: {
    tsconfigPaths: true,
    // The build with the WebAssembly provider alone, which is what `onnx()` uses: half the bytes of the one with WebGPU.
    alias: [{ find: /^onnxruntime-web$/, replacement: 'onnxruntime-web/wasm' }],
  },
  // It finds its .wasm file beside it, and so is not to be moved.
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  build: { target: 'es2022' },
})
