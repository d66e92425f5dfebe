import { ProofOfInferenceError } from '@proof-of-inference/sdk'

/** Where the errors are explained: a heading each. */
const docsPath = (name: string) => `packages/devnet/README.md#${name.toLowerCase()}`

/** No anvil to start. */
export class AnvilNotFoundError extends ProofOfInferenceError<'AnvilNotFoundError'> {
  /** Where it was looked for. */
  readonly tried: readonly string[]
  constructor({ tried }: { tried: readonly string[] }) {
    super('anvil was not found.', {
      name: 'AnvilNotFoundError',
      docsPath: docsPath('AnvilNotFoundError'),
      metaMessages: [
        ...tried.map((place) => `Tried: ${place}`),
        'On linux-x64 run `npm install --save-dev @foundry-rs/anvil-linux-amd64`; elsewhere install Foundry 1.7 or later',
        '(https://getfoundry.sh) so that anvil is on PATH, or set ANVIL_BIN.',
      ],
    })
    this.tried = tried
  }
}

/** anvil ended, or said nothing, before it was listening. */
export class AnvilStartError extends ProofOfInferenceError<'AnvilStartError'> {
  /** The last of what anvil wrote to stderr. */
  readonly stderr: string
  constructor({
    command,
    reason,
    stderr,
    cause,
  }: { command: string; reason: string; stderr: string; cause?: unknown }) {
    super('anvil did not start.', {
      name: 'AnvilStartError',
      docsPath: docsPath('AnvilStartError'),
      cause,
      details: stderr.trim() || undefined,
      metaMessages: [`Command: ${command}`, `Reason:  ${reason}`, 'The devnet needs anvil 1.7 or later.'],
    })
    this.stderr = stderr
  }
}

/** Something else listens on the port that was asked for. */
export class PortInUseError extends ProofOfInferenceError<'PortInUseError'> {
  readonly port: number
  constructor({ port, cause }: { port: number; cause?: unknown }) {
    super(`Port ${port} is in use.`, {
      name: 'PortInUseError',
      docsPath: docsPath('PortInUseError'),
      cause,
      metaMessages: ['End what listens there, ask for another port, or leave `port` out to get a free one.'],
    })
    this.port = port
  }
}

/** The contracts could not be deployed, or the operators registered. */
export class DevnetSetupError extends ProofOfInferenceError<'DevnetSetupError'> {
  constructor({ reason, cause }: { reason: string; cause?: unknown }) {
    super('The devnet could not be set up.', {
      name: 'DevnetSetupError',
      docsPath: docsPath('DevnetSetupError'),
      cause,
      metaMessages: [
        `Reason: ${reason}`,
        'Check the options: `registrar` and `delays` must allow the contracts to be deployed and operators to register.',
      ],
    })
  }
}

/** An option has a value outside its range. */
export class InvalidDevnetOptionError extends ProofOfInferenceError<'InvalidDevnetOptionError'> {
  readonly option: string
  constructor({ option, value, expected }: { option: string; value: unknown; expected: string }) {
    super(`The option \`${option}\` is invalid.`, {
      name: 'InvalidDevnetOptionError',
      docsPath: docsPath('InvalidDevnetOptionError'),
      metaMessages: [`Value:    ${String(value)}`, `Expected: ${expected}`],
    })
    this.option = option
  }
}
