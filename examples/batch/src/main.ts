import { runNetwork, sampling, size } from './network.ts'

const { sample, allowedFailures, power, cheatFraction } = sampling
console.log(
  `${size} inferences a request, of which each operator checks ${sample}; ${allowedFailures} of them may fail.`,
)
console.log(`Where ${cheatFraction * 100} % are false, an operator says so with ${(power * 100).toFixed(2)} %.`)
for (const [name, { status, gasPerInference, samples }] of Object.entries(await runNetwork())) {
  console.log(`${name}: ${status}, ${Math.round(gasPerInference)} gas per inference`)
  for (const { sampled, isAsDrawn } of samples)
    console.log(`  checked ${sampled.join(', ')}${isAsDrawn ? '' : ', which its salt does not draw'}`)
}
