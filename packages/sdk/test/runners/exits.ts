// A process that does not dispose what it runs, and is to end all the same, after its run is done.
import { digest } from '../../src/payload/digest.ts'
import { workerRunner } from '../../src/runner/workerRunner.ts'

const weights = new TextEncoder().encode('as always')
const factory = await workerRunner({ module: new URL('scripted.ts', import.meta.url) })
const runner = await factory.load({
  manifest: {
    v: 1,
    name: 'script',
    weights: { digest: await digest(weights), format: 'script', size: weights.length },
    runtimes: [],
  },
  weights,
})
void runner.run({ type: 'json', value: ['seed'] }, { seed: 5 }).then((output) => {
  process.stdout.write(JSON.stringify(output.type === 'json' && output.value))
})
