import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')

test.each(['rubric.ts', 'shop.ts', 'rubric.test.ts'])('the guide has %s as it is', async (file) => {
  expect(await read('../../../docs/guides/write-a-verifier.md')).toContain(
    `\`\`\`ts [${file}]\n${await read(file)}\`\`\`\n`,
  )
})
