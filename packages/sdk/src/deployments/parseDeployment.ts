import * as v from 'valibot'
import { getAddress, type Hex, isAddress, isHash, zeroAddress } from 'viem'
import { InvalidDeploymentError } from '../errors/deployment.ts'
import type { Deployment } from './deployment.ts'

const addressSchema = v.pipe(
  v.string(),
  v.check(
    (value) => isAddress(value) && value !== zeroAddress,
    ({ input }) =>
      isAddress(input, { strict: false }) && input !== zeroAddress
        ? `${input} has a wrong checksum: a character was mistyped, or is in the wrong case`
        : `Expected the address of a contract, not ${input}`,
  ),
  v.transform((value) => getAddress(value)),
)

const hashSchema = v.custom<Hex>((value) => typeof value === 'string' && isHash(value), 'Expected 32 bytes in hex')

/** JSON numbers, or decimal strings as Foundry writes large ones. */
const naturalSchema = v.pipe(
  v.union([v.pipe(v.number(), v.safeInteger(), v.minValue(0)), v.pipe(v.string(), v.regex(/^\d+$/))]),
  v.transform((value) => BigInt(value)),
)

/** The place of what is missing is told with it. */
const toObjectIssue = ({ path }: v.BaseIssue<unknown>) => (path ? 'Missing' : 'Expected an object')

const deploymentObjectSchema = v.object(
  {
    chainId: v.pipe(
      naturalSchema,
      v.check((value) => value > 0n && value <= BigInt(Number.MAX_SAFE_INTEGER), 'Expected a chain id'),
      v.transform((value) => Number(value)),
    ),
    startBlock: naturalSchema,
    avs: addressSchema,
    modelRegistry: addressSchema,
    operatorSet: addressSchema,
    slasher: v.nullable(addressSchema),
    identityRegistry: addressSchema,
    validationRegistry: v.nullable(addressSchema),
    reputationRegistry: v.nullable(addressSchema),
    codeHashes: v.optional(
      v.object(
        {
          avs: hashSchema,
          modelRegistry: hashSchema,
          operatorSet: hashSchema,
          slasher: v.nullable(hashSchema),
        },
        toObjectIssue,
      ),
    ),
  },
  toObjectIssue,
)

const deploymentSchema = v.pipe(
  deploymentObjectSchema,
  v.forward(
    v.partialCheck(
      [['slasher'], ['codeHashes']],
      ({ slasher, codeHashes }) => codeHashes === undefined || (codeHashes.slasher === null) === (slasher === null),
      'Expected a hash of the slasher if there is one, and null if there is none',
    ),
    ['codeHashes', 'slasher'],
  ),
)

/**
 * Reads the description of a deployment that the deploy script wrote to `deployments/<chainId>.json`.
 *
 * `slasher` must be there: an address, or `null` on a chain without EigenLayer, so that a slasher is not forgotten; and
 * so must `validationRegistry` and `reputationRegistry`, `null` where the chain has none. With `codeHashes` the
 * hash of the slasher's code must be there as well, or be `null` likewise.
 *
 * @param json The parsed JSON; numbers may be decimal strings. What the SDK does not use is left out.
 * @throws `InvalidDeploymentError` with everything that is wrong.
 *
 * @example
 * const deployment = parseDeployment(JSON.parse(await readFile('deployments/31337.json', 'utf8')))
 */
export function parseDeployment(json: unknown): Deployment {
  const result = v.safeParse(deploymentSchema, json)
  if (result.success) return result.output
  throw new InvalidDeploymentError({
    issues: result.issues.map((issue) => {
      const path = v.getDotPath(issue)
      return path === null ? issue.message : `${path}: ${issue.message}`
    }),
  })
}
