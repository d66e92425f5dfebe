import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/cli.ts'],
  format: 'esm',
  target: 'es2022',
  platform: 'node',
  removeNodeProtocol: false,
  dts: { entry: 'src/index.ts' },
  clean: true,
  silent: true,
})
