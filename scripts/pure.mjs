import { readFile } from 'node:fs/promises'

const builders =
  /(?<![\w.])(v\.(?!(?:parse|safeParse|assert|is)\()\w+|parseAbi\w*|keccak256|toHex|pad|Math\.log|createCheckCache)\(/g

/**
 * A plugin of tsup: says of schemas, ABIs and hashes that building them has no effect, so that a bundle leaves out those
 * it does not use. Several modules are in one file of a package, which `sideEffects` cannot tell apart.
 *
 * @type {import('esbuild').Plugin}
 */
export const pure = {
  name: 'pure',
  setup(build) {
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      // Not in comments, which the mark would end.
      const code = source.replace(/^(?!\s*(?:\*|\/\/)).*$/gm, (line) => line.replace(builders, '/* @__PURE__ */ $&'))
      return { contents: code, loader: 'ts' }
    })
  },
}
