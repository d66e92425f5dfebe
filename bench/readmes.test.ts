import { expect, test } from 'vitest'
import { readTables, withTables } from './readmes.ts'

test('the READMEs have the error rates of the results: `node --import tsx bench/readmes.ts` writes them', async () => {
  const readmes = await readTables()
  expect(readmes).toHaveLength(4)
  for (const { file, actual, expected } of readmes) {
    expect(actual, file).toContain('<!-- table: ')
    expect(actual, file).toBe(expected)
  }
})

test('a table says how many verdicts were wrong, and how many might be', () => {
  const row = { verifier: 'verifier-cosine', model: 'm', inconclusive: 0, upper95: 0.0123 }
  const rows = [
    { ...row, set: 'honest', n: 1_000, valid: 998, invalid: 2 },
    { ...row, set: 'fp16', n: 10, valid: 10, invalid: 0, upper95: 1, blind: 'too close' },
  ]
  const marked = '# x\n<!-- table: verifier-cosine -->\nold\n<!-- end of table -->\ny'
  expect(withTables(marked, { rows })).toBe(
    [
      '# x',
      '<!-- table: verifier-cosine -->',
      '| set | m |',
      '| --- | --- |',
      '| honest | 2 of 1,000 (≤ 1.2 %) |',
      '| fp16 | 10 of 10, not claimed |',
      '<!-- end of table -->',
      'y',
    ].join('\n'),
  )
  expect(() => withTables(marked, { rows: [] })).toThrow('verifier-cosine')
})
