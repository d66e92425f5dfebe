import { expect, test } from 'vitest'
import { mergeReports, type QualityReport } from './quality.ts'

const row = (verifier: string, model: string, set: string, n = 1) => ({
  ...{ verifier, model, set, n, valid: n, invalid: 0, inconclusive: 0, lower95: 0, upper95: 1 },
})
const report = (...rows: ReturnType<typeof row>[]): QualityReport => ({ rows, policies: [] })

test('what was measured again replaces what there was of its verifier and model, in its place', () => {
  const before = report(
    row('a', 'm', 'honest'),
    row('a', 'm', 'fp16'),
    row('b', 'm', 'honest'),
    row('a', 'other', 'honest'),
  )
  const measured = report(row('c', 'm', 'honest'), row('a', 'm', 'honest', 2), row('a', 'm', 'int8', 2))
  expect(mergeReports(before, measured)).toEqual(
    report(
      row('a', 'm', 'honest', 2),
      row('a', 'm', 'int8', 2),
      row('b', 'm', 'honest'),
      row('a', 'other', 'honest'),
      row('c', 'm', 'honest'),
    ),
  )
  expect(before.rows).toHaveLength(4)
  expect(() => mergeReports({ rows: [{ set: 'honest' }], policies: [] }, measured)).toThrow()
})
