import { type Client, type GetContractEventsErrorType, type Hex, hexToBytes, sha256 } from 'viem'
import { getContractEvents } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { PayloadDigestMismatchError, PayloadUnavailableError } from '../../errors/payload.ts'
import { getBlockRanges } from '../internal/blockRanges.ts'
import type { BlockRangeParameters, DeploymentParameter } from '../types.ts'

/**
 * Reads a payload that was published with a request, by its digest. Searches the newest blocks first. The bytes are
 * hashed again.
 *
 * @throws `PayloadUnavailableError`, `PayloadDigestMismatchError`
 *
 * @example
 * const bytes = await getPublishedPayload(client, { deployment, digest: job.inputDigest })
 */
export async function getPublishedPayload(
  client: Client,
  parameters: getPublishedPayload.Parameters,
): Promise<getPublishedPayload.ReturnType> {
  const { deployment, digest } = parameters
  await assertDeployment(client, deployment)
  const { fromBlock, toBlock, ranges } = await getBlockRanges(client, parameters)
  const source = `PayloadPublished events of ${deployment.avs}, blocks ${fromBlock} to ${toBlock}`
  for (const range of ranges.reverse()) {
    const [event] = await getContractEvents(client, {
      address: deployment.avs,
      abi: proofOfInferenceAvsAbi.PayloadPublished,
      eventName: 'PayloadPublished',
      args: { digest },
      strict: true,
      ...range,
    })
    if (event === undefined) continue
    const actual = sha256(event.args.data)
    if (actual !== digest.toLowerCase()) {
      throw new PayloadDigestMismatchError({ expected: digest, actual, uri: source })
    }
    return hexToBytes(event.args.data)
  }
  throw new PayloadUnavailableError({ digest, sources: [source], reason: 'it was not published with a request' })
}

export declare namespace getPublishedPayload {
  type BoundParameters = BlockRangeParameters & {
    /** sha2-256 of the bytes, as in the job. */
    digest: Hex
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = Uint8Array
  type ErrorType =
    | assertDeployment.ErrorType
    | getBlockRanges.ErrorType
    | GetContractEventsErrorType
    | PayloadDigestMismatchError
    | PayloadUnavailableError
}
