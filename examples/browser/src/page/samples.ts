import type { InferenceInput, InferenceOutput, Tensor } from '@proof-of-inference/sdk/payload'

const sampleRate = 16_000
/** What the model hears at once: 36 ms. */
const frame = 576

/** Sounds that are computed here, and called what they are: there is no recording. */
export const samples = { silence: new Float32Array(frame), tone: sine(440), vowel: vowel() }

/** The sound as the model takes it, with the state that it begins in. */
export function toInput(audio: Float32Array): InferenceInput {
  return {
    type: 'tensors',
    tensors: {
      input: { dtype: 'float32', dims: [1, frame], data: audio },
      state: { dtype: 'float32', dims: [2, 1, 128], data: new Float32Array(256) },
      sr: { dtype: 'int64', dims: [], data: BigInt64Array.of(BigInt(sampleRate)) },
    },
  }
}

/** How likely the model says it is that it heard speech: 0..1. */
export function readProbability(output: InferenceOutput): number {
  return toProbability(output).data[0]
}

/** The same output, but with the opposite probability: what a dishonest agent might claim. */
export function tamper(output: InferenceOutput): InferenceOutput {
  if (output.type !== 'tensors') throw new TypeError('Silero VAD answers with tensors.')
  const { dims, data } = toProbability(output)
  const opposite: Tensor = { dtype: 'float32', dims, data: Float32Array.of(1 - data[0]) }
  return { ...output, tensors: { ...output.tensors, output: opposite } }
}

function toProbability(output: InferenceOutput) {
  const tensor = output.type === 'tensors' ? output.tensors.output : undefined
  const value = tensor?.dtype === 'float32' ? tensor.data[0] : undefined
  if (!tensor || value === undefined) throw new TypeError('Silero VAD answers with a float32 named output.')
  return { dims: tensor.dims, data: [value] as const }
}

function sine(frequency: number): Float32Array {
  return Float32Array.from(
    { length: frame },
    (_, index) => 0.3 * Math.sin((2 * Math.PI * frequency * index) / sampleRate),
  )
}

/** Pulses as vocal folds give, through the resonances of a mouth that says “ah” (Peterson and Barney, 1952: /a/). */
function vowel(): Float32Array {
  const pitch = 120
  const flow = (index: number) => {
    const phase = ((index * pitch) / sampleRate) % 1
    if (phase < 0.4) return 0.5 * (1 - Math.cos((Math.PI * phase) / 0.4))
    return phase < 0.56 ? Math.cos((Math.PI / 2) * ((phase - 0.4) / 0.16)) : 0
  }
  let sound: Float32Array = Float32Array.from({ length: frame }, (_, index) => flow(index + 1) - flow(index))
  for (const [frequency, bandwidth] of [
    [730, 90],
    [1090, 110],
    [2440, 170],
  ] as const)
    sound = normalise(resonate(sound, frequency, bandwidth))
  return sound
}

/** A resonance at a frequency, both in Hz: a two-pole filter. */
function resonate(sound: Float32Array, frequency: number, bandwidth: number): Float32Array {
  const radius = Math.exp((-Math.PI * bandwidth) / sampleRate)
  const turn = 2 * radius * Math.cos((2 * Math.PI * frequency) / sampleRate)
  const filtered = new Float32Array(sound.length)
  for (const [index, value] of sound.entries())
    filtered[index] = value + turn * (filtered[index - 1] ?? 0) - radius ** 2 * (filtered[index - 2] ?? 0)
  return filtered
}

function normalise(sound: Float32Array): Float32Array {
  const peak = Math.max(...sound.map(Math.abs))
  return sound.map((value) => (0.5 * value) / peak)
}
