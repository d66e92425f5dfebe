import { defineConfig } from 'tsup'
import { pure } from '../../scripts/pure.mjs'

export default defineConfig({
  esbuildPlugins: [pure],
  entry: ['src/index.ts'],
  format: 'esm',
  target: 'es2022',
  dts: true,
  clean: true,
  silent: true,
})
