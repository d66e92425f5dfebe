import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const { compilerOptions }: { compilerOptions: { paths: Record<string, [string]> } } = JSON.parse(
  readFileSync(new URL('tsconfig.json', import.meta.url), 'utf8'),
)

/** The packages' names, mapped to their sources as TypeScript maps them. */
const alias = Object.entries(compilerOptions.paths).map(([name, [target]]) => ({
  find: new RegExp(`^${name.replace('*', '(.+)')}$`),
  replacement: fileURLToPath(new URL(target.replace('*', '$1'), import.meta.url)),
}))

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['bench/*.test.ts', 'packages/*/{src,test}/**/*.test.ts', 'examples/*/{src,test}/**/*.test.ts'],
    pool: 'forks',
    // A first WebAssembly session or a local chain takes seconds to start on a busy machine.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
