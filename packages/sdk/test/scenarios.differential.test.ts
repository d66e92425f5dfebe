import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectSame, type Tally } from './differential/compare.ts'
import { createScenario, scenarioPlan } from './differential/scenarios.ts'
import { createStage, type Stage } from './differential/stage.ts'

const numRuns = Number(process.env.DIFFERENTIAL_SCENARIOS ?? 3_000)

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.stop())

test('the contracts do what the model does, scenario by scenario', { timeout: 3_600_000 }, async () => {
  const tally: Tally = new Map()
  await fc.assert(
    fc.asyncProperty(scenarioPlan, async (plan) => {
      const { scenario, subjects } = createScenario(stage.world, plan)
      await expectSame(stage, scenario, subjects, tally)
    }),
    { numRuns, seed: 7, endOnFailure: true },
  )
  console.log(`${numRuns} scenarios:`, Object.fromEntries([...tally].sort()))
  expect(tally.get('exactly a quorum')).toBeGreaterThan(0)
})
