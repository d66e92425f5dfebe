import { bytesToHex } from 'viem'
import { mnemonicToAccount, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'

/** The well-known test mnemonic of anvil and Hardhat. Everybody has the keys: never use them elsewhere. */
export const devnetMnemonic = 'test test test test test test test test test test test junk'

/** Index of the first operator's account; its signing key has the next one. */
const firstOperator = 3

/** An operator of the devnet. */
export type DevnetOperator = {
  /** Registers, sends transactions and earns fees. */
  readonly account: PrivateKeyAccount
  /** Signs attestations; registered in the KeyRegistrar. */
  readonly signer: PrivateKeyAccount
  /** What it restaked and allocated to the operator set, in the stake token's smallest unit: its weight. */
  readonly stake: bigint
}

/** The accounts of the devnet, each with 10,000 ETH. */
export type DevnetAccounts = {
  /** Deployed the contracts and owns the AVS. Index 0 of the mnemonic. */
  readonly deployer: PrivateKeyAccount
  /** Has 1,000,000 units of the payment token as well. Index 1. */
  readonly requester: PrivateKeyAccount
  /** Index 2. */
  readonly agent: PrivateKeyAccount
  /** Operator i has the indices 3 + 2i (account) and 4 + 2i (signing key). */
  readonly operators: readonly DevnetOperator[]
}

/** How many accounts a devnet with that many operators uses. */
export function countAccounts(operators: number): number {
  return firstOperator + 2 * operators
}

export function deriveAccounts(stakes: readonly bigint[]): DevnetAccounts {
  // the seed takes most of the time: once is enough
  const parent = mnemonicToAccount(devnetMnemonic, { path: "m/44'/60'/0'/0" }).getHdKey()
  const derive = (index: number): PrivateKeyAccount => {
    const { privateKey } = parent.deriveChild(index)
    if (privateKey === null) throw new TypeError(`The mnemonic has no key ${index}.`)
    return privateKeyToAccount(bytesToHex(privateKey))
  }
  return {
    deployer: derive(0),
    requester: derive(1),
    agent: derive(2),
    operators: stakes.map((stake, index) => ({
      account: derive(firstOperator + 2 * index),
      signer: derive(firstOperator + 2 * index + 1),
      stake,
    })),
  }
}
