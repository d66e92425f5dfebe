import { Client, ConfigBuilder } from '@4mica/sdk'
import type { Devnet, DevnetFourMica } from '@proof-of-inference/devnet'
import type { PaymentMessage } from '@proof-of-inference/sdk/payments'
import { BaseError, decodeErrorResult, type Hash, type Hex, isHex, parseAbi, RpcRequestError } from 'viem'

/** Of 4Mica's decoder of guarantees: what it refuses with. */
const refusals = parseAbi(['error ValidationScoreTooLow(uint8 response, uint8 minValidationScore)'])

/**
 * Claims a guarantee that is not payable. The SDK's rail would not send that: 4Mica's own client does, and its contract
 * decides.
 *
 * @returns The transaction, which reverted, and what the contract refused it with.
 */
export async function claimAnyway(
  { fourMica, rpcUrl, accounts, client }: Devnet<DevnetFourMica>,
  { tabId, reqId }: PaymentMessage,
): Promise<{ transactionHash: Hash; reason: string }> {
  const settings = new ConfigBuilder()
    .rpcUrl(fourMica.url)
    .ethereumHttpRpcUrl(rpcUrl)
    .contractAddress(fourMica.contract)
    .signer(accounts.agent)
    .build()
  const { recipient } = await Client.new(settings)
  const guarantee = await recipient.getGuarantee(BigInt(tabId ?? ''), BigInt(reqId ?? ''))
  if (!guarantee?.certificate) throw new Error('4Mica does not have the guarantee that it issued.')
  const claim = await recipient.remunerate(JSON.parse(guarantee.certificate), { pollingInterval: 100 })
  const { transactionHash, blockNumber, status } = claim
  if (status !== 'reverted') throw new Error('4Mica’s contract paid for an output that was rejected.')
  // A receipt does not say why: the same call again does.
  const { from, to, input, gas } = await client.getTransaction({ hash: transactionHash })
  const data = await client
    .call({ account: from, to, data: input, gas, blockNumber })
    .then(() => '0x' as const, findData)
  const { errorName, args } = decodeErrorResult({ abi: refusals, data })
  return { transactionHash, reason: `${errorName}(${args.join(', ')})` }
}

/** What a call reverted with. */
function findData(error: unknown): Hex {
  const refusal = error instanceof BaseError ? error.walk((each) => each instanceof RpcRequestError) : null
  if (refusal instanceof RpcRequestError && isHex(refusal.data)) return refusal.data
  throw error
}
