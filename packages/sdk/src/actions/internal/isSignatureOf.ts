import { type Address, type Client, encodeFunctionData, type Hex, pad, parseAbi, size, slice } from 'viem'
import { call } from 'viem/actions'
import { isProofOfInferenceError } from '../../errors/base.ts'
import { withContractErrors } from '../../errors/contract.ts'
import { isSameAddress, recoverSigner } from '../../utils/signature.ts'

const walletAbi = parseAbi(['function isValidSignature(bytes32 digest, bytes signature) view returns (bytes4)'])
/** What a wallet answers with, as the AVS reads it: one word. */
const validAnswer = pad('0x1626ba7e', { dir: 'right' })
/** What the AVS lets a wallet spend on checking a signature. */
const walletGas = 500_000n

/**
 * Whether the AVS would take a signature for the signer's: by ECDSA (65 bytes, low s), or else, where it has code, by
 * ERC-1271. Throws when the node does not answer.
 */
export async function isSignatureOf(
  client: Client,
  { signer, digest, signature }: { signer: Address; digest: Hex; signature: Hex },
): Promise<boolean> {
  if (isSameAddress(await recoverSigner(digest, signature, signer), signer)) return true
  const data = encodeFunctionData({ abi: walletAbi, args: [digest, signature] })
  try {
    // Without code there is no answer.
    const answer = await withContractErrors(call(client, { to: signer, data, gas: walletGas }))
    return answer.data !== undefined && size(answer.data) >= 32 && slice(answer.data, 0, 32) === validAnswer
  } catch (error) {
    if (isProofOfInferenceError(error)) return false
    throw error
  }
}
