import { readFile } from 'node:fs/promises'
import { BlockList, isIPv6 } from 'node:net'
import path from 'node:path'
import { parseDeployment } from '@proof-of-inference/sdk'
import * as v from 'valibot'
import { getAddress, isAddress, isHex, parseEther, zeroAddress } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'

/** Each variable, its default, what it is: for `--help`. */
export const variables = [
  ['RPC_URL', 'required', 'HTTP address of a node of the chain'],
  ['DEPLOYMENT', 'required', 'path of deployments/<chainId>.json, as the deploy script wrote it'],
  ['PAYLOADS_URL', 'required', 'HTTP address of the payload store'],
  ['PAYLOADS_PRIVATE_NETWORK', 'false', 'true: the payload store is on this machine or a private network'],
  ['STATE_DIRECTORY', 'required', 'directory where it keeps what it signed. Keep it, and never run two copies of it'],
  ['ACCOUNT_KEY', 'required', 'private key of the account that pays, or ACCOUNT_KEY_FILE: path of a file with it'],
  ['SIGNING_KEY', 'required', 'private key that is registered in the KeyRegistrar, or SIGNING_KEY_FILE'],
  ['OPERATOR', 'the account', 'address of the operator; on an L2 that of the signing key'],
  ['MINIMUM_FEE', 'none', 'least verification fee in ETH; requests that pay in tokens are skipped then'],
  ['CONCURRENCY', '4', 'requests that are verified at the same time'],
  ['CONFIRMATIONS', '1', 'blocks to wait for before reading one, its own included'],
  ['POLLING_INTERVAL', '4000', 'milliseconds between looks for new blocks'],
  ['HEALTH_PORT', '8080', 'port of GET /health'],
  ['HEALTH_HOST', '127.0.0.1', 'address that it listens at'],
  ['STOP_TIMEOUT', '30', 'seconds to wait at the end until what is signed is on chain'],
  ['MAX_LAG', '50', 'blocks that it may be behind the node and be healthy'],
] as const

// Messages go on from the name of the variable, and never have its value: it may be, or contain, a secret.

const httpUrl = v.pipe(
  v.string('is not set'),
  v.check((value) => URL.canParse(value) && /^https?:/.test(value), 'is no HTTP address: set it to one'),
)

const key = v.pipe(
  v.string('is not set'),
  v.trim(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const account = toAccount(dataset.value)
    if (account) return account
    addIssue({ message: 'has no private key: put 0x and 64 hex digits there' })
    return NEVER
  }),
)

const deployment = v.pipe(
  v.string('is not set'),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return parseDeployment(JSON.parse(dataset.value))
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n\nDocs', 1)[0] : String(error)
      addIssue({ message: `names a file that describes no deployment: ${reason}` })
      return NEVER
    }
  }),
)

const whole = (fallback: string, least: number, most = Number.MAX_SAFE_INTEGER) =>
  v.pipe(
    v.optional(v.string(), fallback),
    v.check(
      (value) => /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most,
      `is no whole number from ${least} to ${most}: set it to one, or leave it out`,
    ),
    v.transform(Number),
  )

const privateNetworks = new BlockList()
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const)
  privateNetworks.addSubnet(network, prefix)
privateNetworks.addAddress('::1', 'ipv6')
privateNetworks.addSubnet('fc00::', 7, 'ipv6')

/** By the address alone: where another name leads is for the payload store to find out. */
function isPrivate(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
  return host === 'localhost' || privateNetworks.check(host, isIPv6(host) ? 'ipv6' : 'ipv4')
}

const entries = v.object({
  RPC_URL: httpUrl,
  DEPLOYMENT: deployment,
  PAYLOADS_URL: httpUrl,
  PAYLOADS_PRIVATE_NETWORK: v.pipe(
    v.optional(
      v.picklist(['true', 'false'], 'is neither true nor false: set it to one of them, or leave it out'),
      'false',
    ),
    v.transform((value) => value === 'true'),
  ),
  STATE_DIRECTORY: v.string('is not set'),
  /** Pays for transactions. */
  ACCOUNT_KEY: key,
  /** Signs attestations. */
  SIGNING_KEY: key,
  OPERATOR: v.optional(
    v.pipe(
      v.string(),
      v.check((value) => isAddress(value), 'is no address with its checksum: correct it, or leave it out'),
      v.transform((value) => getAddress(value)),
    ),
  ),
  /** Other assets than ETH are not worked for where it is given. */
  MINIMUM_FEE: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d+(\.\d{1,18})?$/, 'is no amount of ETH such as 0.001: set it to one, or leave it out'),
      v.transform((value) => ({ [zeroAddress]: parseEther(value) })),
    ),
  ),
  CONCURRENCY: whole('4', 1, 256),
  CONFIRMATIONS: whole('1', 1),
  POLLING_INTERVAL: whole('4000', 1),
  HEALTH_PORT: whole('8080', 0, 65_535),
  HEALTH_HOST: v.optional(v.string(), '127.0.0.1'),
  STOP_TIMEOUT: whole('30', 0, 86_400),
  MAX_LAG: whole('50', 0),
})

const schema = v.pipe(
  entries,
  v.forward(
    v.partialCheck(
      [['PAYLOADS_URL'], ['PAYLOADS_PRIVATE_NETWORK']],
      (settings) => settings.PAYLOADS_PRIVATE_NETWORK || !isPrivate(settings.PAYLOADS_URL),
      'is on a private network: set PAYLOADS_PRIVATE_NETWORK=true',
    ),
    ['PAYLOADS_URL'],
  ),
)

export type Settings = v.InferOutput<typeof schema>

/** Every setting that is wrong, a line each: the variable, what is wrong, what to do. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  constructor(readonly issues: readonly string[]) {
    super(['The operator cannot start:', ...issues.map((issue) => `  ${issue}`)].join('\n'))
  }
}

/**
 * Reads the settings from the environment, and the files that it names: from where npm was called, which runs scripts in
 * the folder of the package.
 *
 * @throws `SettingsError` with everything that is wrong.
 */
export async function readSettings(environment: { readonly [name: string]: string | undefined }): Promise<Settings> {
  const issues: string[] = []
  const locate = (file: string) => path.resolve(environment.INIT_CWD ?? '', file)
  const read = async (name: string): Promise<string | undefined> => {
    if (environment[name] === undefined) return undefined
    const file = locate(environment[name])
    try {
      return await readFile(file, 'utf8')
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : error
      issues.push(`${name} names ${file}, which cannot be read (${code}): check the path, and who may read it`)
      // An issue is enough for one variable.
      return undefined
    }
  }
  const values: { [name: string]: string | undefined } = {}
  // What is set to nothing is not set.
  for (const [name] of variables) values[name] = environment[name]?.trim() || undefined
  values.STATE_DIRECTORY &&= locate(values.STATE_DIRECTORY)
  values.DEPLOYMENT = await read('DEPLOYMENT')
  for (const name of ['ACCOUNT_KEY', 'SIGNING_KEY']) {
    const fromFile = await read(`${name}_FILE`)
    if (fromFile !== undefined && values[name] !== undefined)
      issues.push(`${name} and ${name}_FILE are both set: set one of them`)
    values[name] ??= fromFile
  }
  const result = v.safeParse(schema, values)
  for (const issue of result.issues ?? []) {
    const name = v.getDotPath(issue) ?? ''
    const [, , meaning] = variables.find(([variable]) => variable === name) ?? []
    // A file that cannot be read is named above.
    if (issues.some((known) => known.startsWith(name))) continue
    issues.push(`${name} ${issue.message}${issue.message === 'is not set' ? `: ${meaning}` : ''}`)
  }
  if (!result.success || issues.length > 0) throw new SettingsError(issues)
  return result.output
}

function toAccount(value: string): PrivateKeyAccount | undefined {
  if (!isHex(value) || value.length !== 66) return undefined
  try {
    return privateKeyToAccount(value)
  } catch {
    return undefined // 0, or beyond the order of the curve
  }
}
