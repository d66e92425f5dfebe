import { isProofOfInferenceError } from '@proof-of-inference/sdk'
import {
  decodeInference,
  decodePolicy,
  encodeInput,
  encodeManifest,
  encodeOutput,
  encodePolicy,
  type InferenceInput,
  type InferenceOutput,
  type ModelManifest,
  memoryPayloadStore,
  type PolicyDocument,
  putPayload,
  type RuntimeProfile,
} from '@proof-of-inference/sdk/payload'
import { type Runner, RunnerFailedError, RunnerUnavailableError } from '@proof-of-inference/sdk/runner'
import {
  createRandom,
  type PolicyJob,
  runVerifier,
  type Verdict,
  type VerificationContext,
  type Verifier,
} from '@proof-of-inference/sdk/verifier'
import { expect, vi } from 'vitest'
import { type Malformed, misshapen, nonFinite, unusual } from './malformed.ts'
import { type Check, lazyFixtures, register, rejectionOf } from './suite.ts'

/** An inference: what the model was given, and an output that is claimed to be its answer. */
export type VerifierItem = { readonly input: InferenceInput; readonly claimed: InferenceOutput }

/** What is to be judged: an inference, or for a verifier of batches some of them. */
export type VerifierCase = VerifierItem | { readonly items: readonly VerifierItem[] }

/** What a verifier is tested with. */
export type VerifierFixtures = {
  /** As the verifier's own `policy` builds it. */
  readonly policy: PolicyDocument
  /** Of the model under verification. */
  readonly manifest: ModelManifest
  /** Loaded models by role: `model`, and the policy's references. Empty if the verifier requires none. */
  readonly runners: { readonly [role: string]: Runner }
  /** What must be found valid: two cases at least, with outputs of which none is right for the other's input. */
  readonly honest: readonly [VerifierCase, VerifierCase, ...VerifierCase[]]
  /** What must be found invalid, by what is wrong with it: another model's output, a tampered one; one at least. */
  readonly wrong: { readonly [flaw: string]: VerifierCase }
  /** Runtimes that the policy allows an output to claim: no wrong output may pass under the name of any. */
  readonly runtimes?: readonly RuntimeProfile[]
}

/** A group of checks that may not apply to a verifier. */
export type VerifierGroup = 'runtime' | 'replay' | 'malformed'

/** The verifier to test, and what with. */
export type VerifierConformanceParameters = {
  /** The factory under test; called for every judgement. */
  create(): Verifier
  /** Made when the first check runs, where it is a function. */
  readonly fixtures: VerifierFixtures | (() => Promise<VerifierFixtures>)
  /**
   * Groups that do not apply, with the reason, which the report shows. That the verifier deviates as said is tested:
   * - `runtime`: its verdicts do not depend on the runtime that an output claims, such as those of a rubric;
   * - `replay`: it cannot tell whose input an output is for;
   * - `malformed`: outputs of other types, empty or huge ones can be right.
   */
  readonly except?: { readonly [group in VerifierGroup]?: string }
  /** Milliseconds that judging a huge output may take. Default: 20,000. */
  readonly timeout?: number
}

/**
 * Tests what every verifier must do, whatever it compares: find honest outputs valid and wrong ones invalid, neither
 * always abstain; judge malformed, replayed and misdeclared outputs without passing or choking on them; throw, and not
 * judge, when a runner fails or the job is aborted; give the same verdict on the same job to every operator; change
 * nothing it is given; and let nothing but the policy, fully resolved, decide. For vitest: call it in a test file.
 *
 * @example
 * verifierConformance({
 *   create: exact,
 *   fixtures: { policy: exact.policy(), manifest, runners: { model }, honest: [a, b], wrong: { tampered } },
 * })
 */
export function verifierConformance(parameters: VerifierConformanceParameters): void {
  const fixtures = lazyFixtures(parameters.fixtures)
  register(`${parameters.create().name} conforms to Verifier`, verifierChecks({ ...parameters, fixtures }))
}

const ids = { requestId: `0x${'02'.repeat(32)}`, jobId: `0x${'01'.repeat(32)}` } as const
const operators = [
  { operator: `0x${'a1'.repeat(20)}`, operatorSalt: `0x${'a2'.repeat(32)}` },
  { operator: `0x${'b1'.repeat(20)}`, operatorSalt: `0x${'b2'.repeat(32)}` },
] as const

type Settings = {
  readonly runners: VerifierFixtures['runners']
  readonly signal?: AbortSignal
  readonly as?: (typeof operators)[number]
}

export function verifierChecks({
  create,
  fixtures,
  except = {},
  timeout = 20_000,
}: VerifierConformanceParameters): Check[] {
  const prepare = async () => (typeof fixtures === 'function' ? fixtures() : fixtures)

  /** What an operator gets that has the verifier judge a case. */
  async function judge(
    { policy, manifest, runners }: VerifierFixtures,
    subject: VerifierCase,
    settings: Partial<Settings> = {},
  ): Promise<Verdict> {
    const job = await toJob(subject, { manifest, policy })
    return (await runVerifier(create(), job, contextOf({ runners, ...settings }), { timeout })).verdict
  }

  /** What the verifier itself does with a case. */
  async function verify(
    { policy, manifest }: VerifierFixtures,
    subject: VerifierCase,
    settings: Settings,
  ): Promise<unknown> {
    const verifier = create()
    const job = await toJob(subject, { manifest, policy })
    const context = contextOf(settings)
    const parameters = parametersOf(verifier, policy)
    if (verifier.scope === 'batch') {
      if (!('batch' in job)) throw new Error('the verifier judges batches: the cases must be { items }')
      return verifier.verify({ ...job, policy: parameters }, context)
    }
    if ('batch' in job) throw new Error('the verifier judges single inferences: the cases must be { input, claimed }')
    return verifier.verify({ ...job, policy: parameters }, context)
  }

  /** Roles whose runner the verifier uses on an honest case. */
  async function rolesUsed(prepared: VerifierFixtures): Promise<string[]> {
    const used = new Set<string>()
    const runners = mapRunners(prepared.runners, (runner, role) => ({
      ...runner,
      run(...parameters) {
        used.add(role)
        return runner.run(...parameters)
      },
      ...(runner.score && {
        score(...parameters) {
          used.add(role)
          return scoresOf(runner)(...parameters)
        },
      }),
    }))
    await judge(prepared, prepared.honest[0], { runners })
    return [...used]
  }

  /** For each role that is used, in turn: `replacing` gives the runners with that one replaced. */
  async function forEachRole(
    body: (
      prepared: VerifierFixtures,
      role: string,
      replacing: (replace: (runner: Runner) => Runner) => VerifierFixtures['runners'],
    ) => Promise<void>,
  ): Promise<void> {
    const prepared = await prepare()
    for (const role of await rolesUsed(prepared))
      await body(prepared, role, (replace) =>
        mapRunners(prepared.runners, (runner, each) => (each === role ? replace(runner) : runner)),
      )
  }

  const needsRunner = create().requires.length > 0
  const runnerless = needsRunner ? undefined : 'the verifier requires nothing of a runner'

  return [
    {
      name: 'finds honest outputs valid',
      async run() {
        const prepared = await prepare()
        for (const [index, honest] of prepared.honest.entries())
          expect(await judge(prepared, honest), `honest ${index}`).toMatchObject({ status: 'valid' })
      },
    },
    {
      name: 'finds wrong outputs invalid',
      async run() {
        const prepared = await prepare()
        expect(Object.keys(prepared.wrong)).not.toEqual([])
        for (const [flaw, wrong] of Object.entries(prepared.wrong))
          expect(await judge(prepared, wrong), flaw).toMatchObject({ status: 'invalid' })
      },
    },
    {
      name: 'does not find the output of another request valid',
      skip: except.replay,
      async run() {
        const prepared = await prepare()
        const [a, b] = prepared.honest
        for (const [mine, other] of [
          [a, b],
          [b, a],
        ] as const)
          expect(await judge(prepared, replay(mine, other))).not.toMatchObject({ status: 'valid' })
      },
    },
    ...deviation('replay', 'cannot tell the output of another request, as it says', async (prepared) => {
      const [a, b] = prepared.honest
      expect(await judge(prepared, replay(a, b))).not.toMatchObject({ status: 'invalid' })
    }),
    {
      name: 'finds other shapes, element types and names invalid',
      async run() {
        await judgeMalformed(['invalid'], (output) => (output.type === 'tensors' ? misshapen(output) : {}))
      },
    },
    {
      name: 'finds NaN and infinities invalid',
      async run() {
        await judgeMalformed(['invalid'], (output) => (output.type === 'tensors' ? nonFinite(output) : {}))
      },
    },
    {
      name: 'judges other types of output, empty and huge ones, and does not find them valid',
      skip: except.malformed,
      async run() {
        await judgeMalformed(['invalid', 'inconclusive'], unusual)
      },
    },
    ...deviation('malformed', 'judges other types of output, empty and huge ones', async () => {
      await judgeMalformed(['valid', 'invalid', 'inconclusive'], unusual)
    }),
    {
      name: 'does not find an output valid that claims other weights, or an unknown runtime',
      skip: except.runtime,
      async run() {
        const prepared = await prepare()
        for (const change of misdeclarations) {
          const claims = mapOutputs(prepared.honest[0], (output) => ({
            ...output,
            runtime: { ...output.runtime, ...change },
          }))
          expect(await judge(prepared, claims), Object.keys(change).join()).not.toMatchObject({ status: 'valid' })
        }
      },
    },
    ...deviation('runtime', 'judges alike whatever runtime is claimed, as it says', async (prepared) => {
      const subjects = [...prepared.honest, ...Object.values(prepared.wrong)]
      for (const subject of subjects) {
        const { status } = await judge(prepared, subject)
        for (const change of misdeclarations) {
          const claims = mapOutputs(subject, (output) => ({ ...output, runtime: { ...output.runtime, ...change } }))
          expect(await judge(prepared, claims)).toMatchObject({ status })
        }
      }
    }),
    {
      name: 'does not find a wrong output valid under the name of another runtime',
      async run() {
        const prepared = await prepare()
        for (const [flaw, wrong] of Object.entries(prepared.wrong)) {
          for (const change of [...misdeclarations, ...(prepared.runtimes ?? [])]) {
            const claims = mapOutputs(wrong, (output) => ({ ...output, runtime: { ...output.runtime, ...change } }))
            expect(await judge(prepared, claims), flaw).not.toMatchObject({ status: 'valid' })
          }
        }
      },
    },
    {
      name: 'asks for a runner if it requires one, and only then',
      async run() {
        const used = await rolesUsed(await prepare())
        expect(used.length > 0).toBe(needsRunner)
      },
    },
    {
      name: 'throws when there is no runner',
      skip: runnerless,
      async run() {
        const prepared = await prepare()
        for (const role of await rolesUsed(prepared)) {
          const { [role]: _, ...runners } = prepared.runners
          const error = await rejectionOf(
            verify(prepared, prepared.honest[0], { runners }),
            `it judged without a runner in the role ${role}`,
          )
          expect(isProofOfInferenceError(error) && error.walk('RunnerUnavailableError')).toBeTruthy()
        }
      },
    },
    {
      name: 'throws when a run fails',
      skip: runnerless,
      async run() {
        await forEachRole(async (prepared, role, replacing) => {
          const runners = replacing(failing)
          const subjects = [prepared.honest[0], ...Object.values(prepared.wrong)]
          for (const subject of subjects)
            await rejectionOf(verify(prepared, subject, { runners }), `it judged though ${role} failed`)
        })
      },
    },
    {
      name: 'throws when a run takes longer than the operator allows',
      skip: runnerless,
      async run() {
        await forEachRole(async (prepared, role, replacing) => {
          const runners = replacing(hanging().replace)
          const verifying = verify(prepared, prepared.honest[0], { runners, signal: AbortSignal.timeout(20) })
          await rejectionOf(verifying, `it judged though ${role} did not answer`)
        })
      },
    },
    {
      name: 'ends its runs, and throws, when aborted in the midst of one',
      skip: runnerless,
      async run() {
        await forEachRole(async (prepared, role, replacing) => {
          const { replace, started } = hanging()
          const runners = replacing(replace)
          const controller = new AbortController()
          const aborting = started.then((signal) => {
            controller.abort(new Error('enough'))
            if (!signal?.aborted) throw new Error(`the run of ${role} was given no signal that follows the operator's`)
          })
          const verifying = verify(prepared, prepared.honest[0], { runners, signal: controller.signal })
          const message = `it judged though the run of ${role} was aborted`
          await Promise.all([aborting, rejectionOf(verifying, message)])
        })
      },
    },
    {
      name: 'gives the same verdict on the same job, whatever the time and chance',
      async run() {
        const prepared = await prepare()
        const subjects = [...prepared.honest, ...Object.values(prepared.wrong)]
        for (const subject of subjects) {
          const verdict = await judge(prepared, subject)
          for (const [chance, now] of [
            [0, 0],
            [0.5, 1e12],
            [1 - 2 ** -53, 2e12],
          ] as const) {
            const spies = [vi.spyOn(Math, 'random'), vi.spyOn(Date, 'now')]
            spies[0]?.mockReturnValue(chance)
            spies[1]?.mockReturnValue(now)
            try {
              expect(await judge(prepared, subject)).toEqual(verdict)
            } finally {
              for (const spy of spies) spy.mockRestore()
            }
          }
        }
      },
    },
    {
      name: 'gives operators with the same policy the same verdict, or has them abstain',
      async run() {
        const prepared = await prepare()
        const subjects = [...prepared.honest, ...Object.values(prepared.wrong)]
        for (const subject of subjects) {
          const { status } = await judge(prepared, subject, { as: operators[0] })
          const other = await judge(prepared, subject, { as: operators[1] })
          expect([status, 'inconclusive']).toContain(other.status)
        }
      },
    },
    {
      name: 'changes nothing that it is given',
      async run() {
        const prepared = await prepare()
        /** What the runners gave, with its digest. */
        const given: { output: InferenceOutput; digest: string }[] = []
        const runners = mapRunners(prepared.runners, (runner) => ({
          ...runner,
          async run(...parameters) {
            const output = await runner.run(...parameters)
            given.push({ output, digest: (await encodeOutput(output)).digest })
            return output
          },
        }))
        const subjects = [prepared.honest[0], ...Object.values(prepared.wrong)]
        for (const subject of subjects) {
          const before = await snapshot(prepared, subject)
          await judge(prepared, subject, { runners })
          expect(await snapshot(prepared, subject)).toEqual(before)
        }
        for (const { output, digest } of given) expect((await encodeOutput(output)).digest).toBe(digest)
      },
    },
    {
      name: 'gives metrics and evidence that can be attested to',
      async run() {
        const prepared = await prepare()
        for (const subject of [...prepared.honest, ...Object.values(prepared.wrong)]) {
          const job = await toJob(subject, prepared)
          const result = await runVerifier(create(), job, contextOf({ runners: prepared.runners }))
          if (result.abstain) throw new Error(`it abstains: ${result.verdict.reason}`)
          expect(result.confidence).toBeGreaterThanOrEqual(0)
          expect(result.confidence).toBeLessThanOrEqual(10_000)
        }
      },
    },
    {
      name: 'has policies that come back from their bytes, and that its schema neither fills in nor changes',
      async run() {
        const { policy } = await prepare()
        const verifier = create()
        expect(decodePolicy((await encodePolicy(policy)).bytes)).toEqual(policy)
        expect(parametersOf(verifier, policy)).toEqual(policy.parameters)
        expect([policy.verifier, policy.revision]).toEqual([verifier.name, verifier.revision])
        expect([create().name, create().revision]).toEqual([verifier.name, verifier.revision])
        for (const [place, without] of withoutOne(policy.parameters)) {
          const result = validate(verifier, without)
          if (!result.issues) expect(result.value, `${place} was filled in`).toEqual(without)
        }
      },
    },
    {
      name: 'has policies that take no unknown key',
      async run() {
        const { policy } = await prepare()
        for (const [place, extended] of withOneMore(policy.parameters))
          expect(validate(create(), extended).issues, `an unknown key is taken at ${place}`).toBeTruthy()
      },
    },
    {
      name: 'refuses the policy of another revision, or of another verifier',
      async run() {
        const prepared = await prepare()
        const { policy, honest } = prepared
        for (const change of [{ revision: policy.revision + 1 }, { verifier: `${policy.verifier}-x` }]) {
          const error = await rejectionOf(
            judge({ ...prepared, policy: { ...policy, ...change } }, honest[0]),
            'it judged',
          )
          expect(error).toMatchObject({ name: 'PolicyInvalidError' })
        }
      },
    },
  ]

  /** The check that a group does not apply as the verifier says. */
  function deviation(
    group: VerifierGroup,
    name: string,
    run: (prepared: VerifierFixtures) => Promise<void>,
  ): readonly Check[] {
    const reason = except[group]
    return reason === undefined ? [] : [{ name: `${name}: ${reason}`, run: async () => run(await prepare()) }]
  }

  /** Has the first honest output replaced by malformed ones, and judged. */
  async function judgeMalformed(
    allowed: readonly Verdict['status'][],
    make: (output: InferenceOutput) => Malformed,
  ): Promise<void> {
    const prepared = await prepare()
    const [honest] = prepared.honest
    const [first] = itemsOf(honest)
    for (const flaw of Object.keys(make(first.claimed))) {
      const malformed = mapOutputs(honest, (output) => make(output)[flaw] ?? output)
      const { status } = await judge(prepared, malformed)
      expect(allowed, `${flaw}: ${status}`).toContain(status)
    }
  }
}

/** What may be claimed of a runtime falsely. */
const misdeclarations: readonly Partial<RuntimeProfile & { weightsDigest: `0x${string}` }>[] = [
  { weightsDigest: `0x${'ee'.repeat(32)}` },
  { engine: 'an engine that nobody has' },
  { version: '0.0.0-unknown', provider: 'unknown' },
]

function itemsOf(subject: VerifierCase): readonly [VerifierItem, ...VerifierItem[]] {
  const [first, ...rest] = 'items' in subject ? subject.items : [subject]
  if (!first) throw new Error('a case has no items')
  return [first, ...rest]
}

function mapOutputs(subject: VerifierCase, change: (output: InferenceOutput) => InferenceOutput): VerifierCase {
  const mapped = itemsOf(subject).map(({ input, claimed }) => ({ input, claimed: change(claimed) }))
  const [first] = mapped
  return 'items' in subject || !first ? { items: mapped } : first
}

/** The inputs of a case with the outputs of another, as often as it takes. */
function replay(mine: VerifierCase, other: VerifierCase): VerifierCase {
  const outputs = itemsOf(other)
  let next = 0
  return mapOutputs(mine, (output) => outputs[next++ % outputs.length]?.claimed ?? output)
}

/** A job as an operator would have it: a batch travels as payloads. */
async function toJob(
  subject: VerifierCase,
  rest: { readonly manifest: ModelManifest; readonly policy: PolicyDocument },
): Promise<PolicyJob> {
  const { manifest, policy } = rest
  if (!('items' in subject)) return { ...ids, manifest, policy, ...subject }
  const store = memoryPayloadStore()
  const input = await encodeInput({ type: 'batch', items: subject.items.map((item) => item.input) })
  const output = await encodeOutput({ type: 'batch', items: subject.items.map((item) => item.claimed) })
  for (const payload of [input, output]) await putPayload(store, payload)
  const inference = await decodeInference({ input: input.bytes, output: output.bytes }, { store })
  if (!('batch' in inference)) throw new Error('a batch did not come back as one')
  return { ...ids, manifest, policy, batch: inference.batch }
}

function contextOf({ runners, signal, as = operators[0] }: Settings): VerificationContext {
  return {
    ...as,
    async runner(role = 'model') {
      const runner = Object.hasOwn(runners, role) ? runners[role] : undefined
      if (runner) return runner
      throw new RunnerUnavailableError({ weightsDigest: 'unknown', reason: `nothing runs in the role ${role}` })
    },
    shared: (name) => createRandom(ids.jobId, name),
    secret: (name) => createRandom(as.operatorSalt, name),
    signal: signal ?? new AbortController().signal,
  }
}

function mapRunners(
  runners: VerifierFixtures['runners'],
  map: (runner: Runner, role: string) => Runner,
): VerifierFixtures['runners'] {
  return Object.fromEntries(Object.entries(runners).map(([role, runner]) => [role, map(runner, role)]))
}

function scoresOf(runner: Runner): NonNullable<Runner['score']> {
  if (!runner.score) throw new Error('the runner does not score')
  return runner.score.bind(runner)
}

/** The runner, but that it fails. */
function failing(runner: Runner): Runner {
  const fail = () => new RunnerFailedError({ runner: 'failing', reason: 'out of memory' })
  return {
    ...runner,
    run: () => Promise.reject(fail()),
    ...(runner.score && {
      // biome-ignore lint/correctness/useYield: it fails before it has anything to give.
      async *score() {
        throw fail()
      },
    }),
  }
}

/** A runner that does not answer before it is aborted, and a promise of the signal that a run is given. */
function hanging(): { replace(runner: Runner): Runner; started: Promise<AbortSignal | undefined> } {
  let start: (signal: AbortSignal | undefined) => void = () => {}
  const started = new Promise<AbortSignal | undefined>((resolve) => {
    start = resolve
  })
  const hang = (signal: AbortSignal | undefined) =>
    new Promise<never>((_, reject) => {
      start(signal)
      // One that cannot be aborted is not to hang the test.
      if (!signal || signal.aborted) reject(signal?.reason ?? new Error('the run was given no signal'))
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
  return {
    started,
    replace: (runner) => ({
      ...runner,
      run: (_, { signal } = {}) => hang(signal),
      ...(runner.score && {
        // biome-ignore lint/correctness/useYield: it has nothing to give before it is aborted.
        async *score(_, __, { signal } = {}) {
          await hang(signal)
        },
      }),
    }),
  }
}

function validate(verifier: Verifier, parameters: unknown) {
  const result = verifier.policy['~standard'].validate(parameters)
  if (result instanceof Promise) throw new Error('the schema of the policy is asynchronous')
  return result
}

function parametersOf(verifier: Verifier, { parameters }: PolicyDocument): unknown {
  const result = validate(verifier, parameters)
  if (result.issues) throw new Error(`the policy is refused: ${result.issues.map(({ message }) => message).join('; ')}`)
  return result.value
}

/** Digests of all that a verifier is given. */
async function snapshot({ policy, manifest }: VerifierFixtures, subject: VerifierCase): Promise<string[]> {
  const payloads = [await encodePolicy(policy), await encodeManifest(manifest)]
  for (const { input, claimed } of itemsOf(subject))
    payloads.push(await encodeInput(input), await encodeOutput(claimed))
  return payloads.map(({ digest }) => digest)
}

type Plain = { readonly [key: string]: unknown }
const isMap = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** The value with each map in it changed in turn, by its place. */
function* changed(
  value: unknown,
  change: (map: Plain, place: string) => Iterable<[string, Plain]>,
  place = '',
): Generator<[string, unknown]> {
  if (Array.isArray(value)) {
    for (const [index, member] of value.entries())
      for (const [inner, other] of changed(member, change, `${place}[${index}]`))
        yield [inner, value.map((each, at) => (at === index ? other : each))]
    return
  }
  if (!isMap(value)) return
  yield* change(value, place)
  for (const [key, member] of Object.entries(value))
    for (const [inner, other] of changed(member, change, `${place}.${key}`)) yield [inner, { ...value, [key]: other }]
}

const withoutOne = (value: unknown) =>
  changed(value, (map, place) =>
    Object.keys(map).map((key) => {
      const { [key]: _, ...rest } = map
      return [`${place}.${key}`, rest]
    }),
  )

const withOneMore = (value: unknown) =>
  changed(value, (map, place) => [[place || 'the top', { ...map, 'no policy has this key': { nor: 'this' } }]])
