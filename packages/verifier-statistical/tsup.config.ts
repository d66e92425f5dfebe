import { defineConfig } from 'tsup'
import { pure } from '../../scripts/pure.mjs'

export default defineConfig({
  esbuildPlugins: [pure],
  // A file for each verifier, so that a bundle has only those it uses; `exports` has the first alone.
  entry: ['src/index.ts', 'src/conformal.ts', 'src/seededMargin.ts', 'src/twoSample.ts'],
  splitting: true,
  format: 'esm',
  target: 'es2022',
  dts: { entry: 'src/index.ts' },
  clean: true,
  silent: true,
})
