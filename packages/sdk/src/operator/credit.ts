import type { Address, Client } from 'viem'
import { getDeposit } from '../actions/avs/getDeposit.ts'
import { getDepositWithdrawal } from '../actions/avs/getDepositWithdrawal.ts'
import type { Deployment } from '../deployments/deployment.ts'
import type { Job, Request } from '../utils/typedData.ts'
import type { Exposure } from './types.ts'

/**
 * The most that the unsettled signed requests of a requester in an asset may come to: what the deposit is sure to cover
 * until the deadline, at the latest block, and no more than the operator's own limit.
 */
export async function readAllowance(
  client: Client,
  {
    deployment,
    request,
    job,
    exposure,
  }: { deployment: Deployment; request: Request; job: Job; exposure: Exposure | undefined },
): Promise<bigint> {
  const { asset, requester: account, deadline } = request
  const [deposit, withdrawal, limit] = await Promise.all([
    getDeposit(client, { deployment, asset, account }),
    getDepositWithdrawal(client, { deployment, asset, account }),
    typeof exposure === 'function' ? exposure({ request, job }) : exposure && limitOf(exposure, asset),
  ])
  // From then on it may leave at any time.
  const leaving = withdrawal !== null && withdrawal.availableAt <= BigInt(deadline) ? withdrawal.amount : 0n
  const covered = leaving < deposit ? deposit - leaving : 0n
  return limit === undefined || limit > covered ? covered : limit
}

/** An asset that is not named has no credit. */
function limitOf(limits: { readonly [asset: Address]: bigint }, asset: Address): bigint {
  return Object.entries(limits).find(([key]) => key.toLowerCase() === asset.toLowerCase())?.[1] ?? 0n
}
