// What an app has already: a viem client, and a model that answers.
import { createWalletClient, http } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { createInput, infer } from './model.ts'

export const client = createWalletClient({
  account: mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex: 1 }),
  chain: foundry,
  transport: http(process.env.RPC_URL),
})

export const input = createInput()
export const output = await infer(input)
