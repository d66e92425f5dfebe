import { type Address, type Client, type Hex, hexToBigInt, isAddressEqual, recoverAddress, slice } from 'viem'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { JobMismatchError } from '../../errors/avs.ts'
import {
  type Attestation,
  hashAttestation,
  hashJob,
  hashRequest,
  type Job,
  type Request,
} from '../../utils/typedData.ts'
import type { SignedAttestation } from '../../utils/vote.ts'
import { getAttestations } from '../avs/getAttestations.ts'
import { getRequest } from '../avs/getRequest.ts'
import { getVoter } from '../operatorSet/getVoter.ts'
import { getModelVersion } from '../registry/getModelVersion.ts'
import type { BlockRangeParameters, DeploymentParameter } from '../types.ts'
import type { Equivocation } from './types.ts'

/**
 * Finds operators that contradicted themselves, among signed attestations that you hold and the votes that the chain
 * recorded on the same requests. (The chain alone never shows a contradiction: it takes one vote of an operator.)
 *
 * Attestations that the slasher would not count are passed over, as anybody can make them up: those that the operator's
 * signing key at the reference of the request did not sign, and those of who could not vote then. Whether an operator was
 * slashed already, or the evidence is too old, is not looked at; `slashEquivocation` says so.
 *
 * @returns At most one per operator and request, ready for `slashEquivocation`: `first` says valid, `second` does not.
 * On a deployment without a slasher, slash with the deployment on the chain that has one.
 * @throws `JobMismatchError`; `RequestNotFoundError`: a contradicted request was not opened on chain and is not among
 * `requests`; `TimepointNotPastError`, `UnknownModelVersionError`
 *
 * @example
 * const equivocations = await findEquivocations(client, { deployment, attestations: [{ attestation, signature }] })
 * for (const equivocation of equivocations) await slashEquivocation(client, { deployment, equivocation })
 */
export async function findEquivocations(
  client: Client,
  parameters: findEquivocations.Parameters,
): Promise<findEquivocations.ReturnType> {
  const { deployment } = parameters
  await assertDeployment(client, deployment)
  const equivocations: Equivocation[] = []
  for (const attestations of groupBy(parameters.attestations, ({ attestation }) => attestation.requestId)) {
    const { requestId } = attestations[0].attestation
    const votes = await getAttestations(client, { ...parameters, requestId })
    const suspects = groupBy(attestations, ({ attestation }) => attestation.operator).filter(
      ([{ attestation }, ...more]) =>
        [...more.map((other) => other.attestation), ...votes.filter((vote) => isBy(attestation.operator, vote))].some(
          ({ isValid }) => isValid !== attestation.isValid,
        ),
    )
    if (suspects.length === 0) continue
    const { request, job } = await findRequest(client, parameters, requestId)
    const { methodId: method } = await getModelVersion(client, { deployment, modelVersionId: job.modelVersionId })
    for (const held of suspects) {
      const { operator } = held[0].attestation
      const signingKey = await findSigningKey(client, { deployment, operator, request })
      if (signingKey === undefined) continue
      const recorded = votes
        .filter((vote) => isBy(operator, vote))
        .map(({ isValid, confidence, evidenceDigest, signature }) => ({
          attestation: { requestId, operator, isValid, confidence, method, evidenceDigest },
          signature,
        }))
      const signed: SignedAttestation[] = []
      for (const candidate of [...recorded, ...held]) {
        if (await isSignedBy(signingKey, deployment, candidate)) signed.push(candidate)
      }
      const first = signed.find(({ attestation }) => attestation.isValid)
      const second = signed.find(({ attestation }) => !attestation.isValid)
      if (first === undefined || second === undefined) continue
      equivocations.push({
        chainId: BigInt(deployment.chainId),
        avs: deployment.avs,
        request,
        first: first.attestation,
        firstSignature: first.signature,
        second: second.attestation,
        secondSignature: second.signature,
      })
    }
  }
  return equivocations
}

export declare namespace findEquivocations {
  type BoundParameters = BlockRangeParameters & {
    /** Signed attestations from anywhere: other operators, aggregators, the reverted transactions of a block. */
    attestations: readonly SignedAttestation[]
    /** Requests that were not opened on chain, with their jobs. Others are looked up. */
    requests?: readonly { readonly request: Request; readonly job: Job }[] | undefined
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = Equivocation[]
  type ErrorType =
    | assertDeployment.ErrorType
    | getAttestations.ErrorType
    | getModelVersion.ErrorType
    | getRequest.ErrorType
    | getVoter.ErrorType
    | JobMismatchError
}

/** The request and its job, as the caller gives them or else as they were opened on chain. */
async function findRequest(
  client: Client,
  parameters: findEquivocations.Parameters,
  requestId: Hex,
): Promise<{ request: Request; job: Job }> {
  const { deployment, requests = [] } = parameters
  const given = requests.find(({ request }) => hashRequest({ deployment, request }) === requestId.toLowerCase())
  if (given === undefined) return getRequest(client, { ...parameters, requestId })
  const actual = hashJob({ deployment, job: given.job })
  const expected = given.request.jobId
  if (actual !== expected.toLowerCase()) throw new JobMismatchError({ expected, actual })
  return given
}

/** The key whose signatures the slasher holds against the operator, if any. */
async function findSigningKey(
  client: Client,
  { deployment, operator, request }: DeploymentParameter & { operator: Address; request: Request },
): Promise<Address | undefined> {
  // On a chain without EigenLayer an operator goes by its signing address.
  if (deployment.slasher === null) return operator
  const voter = await getVoter(client, { deployment, operator, timepoint: request.referenceTimepoint })
  return voter.canVote ? voter.signingKey : undefined
}

/** r, s and a recovery byte of 27 or 28: what the slasher takes for a signature, if s is low as well. */
const signaturePattern = /^0x[0-9a-f]{128}1[bc]$/i
const highestS = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n

async function isSignedBy(
  signingKey: Address,
  deployment: DeploymentParameter['deployment'],
  { attestation, signature }: SignedAttestation,
): Promise<boolean> {
  if (!signaturePattern.test(signature) || hexToBigInt(slice(signature, 32, 64)) > highestS) return false
  const hash = hashAttestation({ deployment, attestation })
  // It computes only, and throws where r or s are no numbers of the curve: then nobody signed.
  const signer = await recoverAddress({ hash, signature }).catch(() => undefined)
  return signer !== undefined && isAddressEqual(signer, signingKey)
}

function isBy(operator: Address, vote: Pick<Attestation, 'operator'>): boolean {
  return isAddressEqual(vote.operator, operator)
}

/** Groups in the order of their first items; upper and lower case of a key are the same. */
function groupBy<item>(items: readonly item[], toKey: (item: item) => Hex): [item, ...item[]][] {
  const groups = new Map<string, [item, ...item[]]>()
  for (const item of items) {
    const key = toKey(item).toLowerCase()
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return [...groups.values()]
}
