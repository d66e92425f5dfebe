import { defineConfig } from 'vitest/config'
import root from '../../vitest.config.ts'

/** Needs a browser, and so is not part of `npm test`: `npm run test:browser`. */
export default defineConfig({
  ...root,
  test: {
    ...root.test,
    include: ['examples/browser/test/*.browser.ts'],
    // one browser, and two processors
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
