import { encodeAbiParameters, encodeErrorResult, encodeEventTopics, type Hex, keccak256, zeroAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { createFakeContracts, FakeRevert, fakeDeployment } from '../../../test/fakeContracts.ts'
import { proofOfInferenceAvsAbi } from '../../abis/generated.ts'
import { deposit } from '../avs/deposit.ts'

const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const hash = keccak256('0x01')
const otherHash = keccak256('0x02')

const deposited = {
  address: fakeDeployment.avs,
  topics: encodeEventTopics({
    abi: proofOfInferenceAvsAbi,
    eventName: 'Deposited',
    args: { account: account.address, asset: zeroAddress },
  }),
  data: encodeAbiParameters([{ type: 'uint256' }], [7n]),
  blockHash: hash,
  blockNumber: '0x65',
  transactionHash: hash,
  transactionIndex: '0x0',
  logIndex: '0x0',
  removed: false,
}

function receiptOf(changes: object = {}) {
  return {
    transactionHash: hash,
    blockHash: hash,
    blockNumber: '0x65',
    cumulativeGasUsed: '0x5208',
    effectiveGasPrice: '0x1',
    from: account.address,
    to: fakeDeployment.avs,
    gasUsed: '0x5208',
    logs: [deposited],
    logsBloom: '0x',
    status: '0x1',
    transactionIndex: '0x0',
    type: '0x2',
    contractAddress: null,
    ...changes,
  }
}

/** A wallet of the node's own, so that the node is what signs. */
function createNode({
  receipt = receiptOf(),
  contract = {},
  rpc = {},
}: {
  receipt?: object | null
  contract?: { [name: string]: () => unknown }
  rpc?: { [method: string]: (...params: never[]) => unknown }
} = {}) {
  return createFakeContracts({
    contract: { deposit: () => undefined, ...contract },
    rpc: {
      eth_blockNumber: () => '0x66',
      eth_sendTransaction: () => hash,
      eth_getTransactionByHash: () => null,
      eth_getTransactionReceipt: () => receipt,
      ...rpc,
    },
  })
}

const parameters = { deployment: fakeDeployment, account: account.address, asset: zeroAddress, amount: 9n } as const

describe('a transaction', () => {
  test('is simulated, sent, waited for and read', async () => {
    const { client, requests } = createNode()
    expect(await deposit(client, parameters)).toEqual({
      transactionHash: hash,
      blockNumber: 0x65n,
      gasUsed: 21_000n,
      amount: 7n,
    })
    const sent = requests.find(({ method }) => method === 'eth_sendTransaction')
    expect(sent?.params).toEqual([
      expect.objectContaining({ from: account.address, to: fakeDeployment.avs, value: '0x9' }),
    ])
  })

  test('is sent as told', async () => {
    const { client, requests } = createNode()
    await deposit(client, {
      ...parameters,
      gas: 50_000n,
      nonce: 3,
      maxFeePerGas: 20n,
      maxPriorityFeePerGas: 2n,
      confirmations: 2,
    })
    const sent = requests.find(({ method }) => method === 'eth_sendTransaction')
    expect(sent?.params).toEqual([
      expect.objectContaining({ gas: '0xc350', nonce: '0x3', maxFeePerGas: '0x14', maxPriorityFeePerGas: '0x2' }),
    ])
  })

  test('is not sent when its simulation fails', async () => {
    const { client, requests } = createNode({
      contract: {
        deposit: () => {
          throw new FakeRevert(encodeErrorResult({ abi: proofOfInferenceAvsAbi, errorName: 'ZeroAmount' }))
        },
      },
    })
    await expect(deposit(client, parameters)).rejects.toMatchObject({ name: 'ZeroAmountError' })
    expect(requests.some(({ method }) => method === 'eth_sendTransaction')).toBe(false)
  })

  test('is not sent when the wallet changed its chain', async () => {
    let asked = 0
    const { client, requests } = createNode({ rpc: { eth_chainId: () => (asked++ === 0 ? '0x7a69' : '0x1') } })
    await expect(deposit(client, parameters)).rejects.toMatchObject({ name: 'ChainMismatchError', actual: 1 })
    expect(requests.some(({ method }) => method === 'eth_sendTransaction')).toBe(false)
  })

  test('is found, though no block comes after the one that viem looked at', async () => {
    let asked = 0
    const { client } = createNode({ rpc: { eth_getTransactionReceipt: () => (asked++ < 1 ? null : receiptOf()) } })
    await expect(deposit(client, parameters)).resolves.toMatchObject({ transactionHash: hash, amount: 7n })
  })

  test('that reverted says why', async () => {
    let calls = 0
    const { client } = createNode({
      receipt: receiptOf({ status: '0x0', logs: [] }),
      contract: {
        deposit: () => {
          if (calls++ === 0) return undefined
          throw new FakeRevert(encodeErrorResult({ abi: proofOfInferenceAvsAbi, errorName: 'ZeroAmount' }))
        },
      },
    })
    await expect(deposit(client, parameters)).rejects.toMatchObject({
      name: 'TransactionRevertedError',
      transactionHash: hash,
      blockNumber: 0x65n,
      cause: { name: 'ZeroAmountError' },
    })
  })

  test('that reverted without a reason says so', async () => {
    const { client } = createNode({ receipt: receiptOf({ status: '0x0', logs: [] }) })
    const error = await deposit(client, parameters).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'TransactionRevertedError' })
    expect(error).not.toHaveProperty('cause')
  })

  test('without its event is no success', async () => {
    for (const logs of [[], [{ ...deposited, address: fakeDeployment.modelRegistry }]]) {
      const { client } = createNode({ receipt: receiptOf({ logs }) })
      await expect(deposit(client, parameters)).rejects.toMatchObject({
        name: 'EventMissingError',
        eventName: 'Deposited',
        transactionHash: hash,
      })
    }
  })

  test('that was replaced is no success', async () => {
    const mined = (transactionHash: Hex, value: Hex) => ({
      hash: transactionHash,
      from: account.address,
      to: zeroAddress,
      nonce: '0x0',
      value,
      input: '0x',
      gas: '0x5208',
      blockNumber: '0x65',
      blockHash: hash,
      transactionIndex: '0x0',
      type: '0x2',
    })
    let asked = 0
    const { client } = createNode({
      rpc: {
        eth_blockNumber: () => `0x${(0x65 + asked++).toString(16)}`,
        eth_getTransactionByHash: () => ({ ...mined(hash, '0x9'), blockNumber: null, blockHash: null }),
        eth_getTransactionReceipt: (requested: Hex) =>
          requested === otherHash ? receiptOf({ transactionHash: otherHash, logs: [] }) : null,
        eth_getBlockByNumber: () => ({
          number: '0x65',
          hash,
          timestamp: '0x1',
          transactions: [mined(otherHash, '0x0')],
        }),
      },
    })
    await expect(deposit(client, parameters)).rejects.toMatchObject({
      name: 'TransactionReplacedError',
      transactionHash: hash,
      replacementHash: otherHash,
      reason: 'replaced',
    })
  })
})

test('an unreachable node is no refusal', async () => {
  const { client } = createNode({
    contract: {
      deposit: () => {
        throw new Error('connection reset')
      },
    },
  })
  await expect(deposit(client, parameters)).rejects.toMatchObject({ name: 'CallExecutionError' })
})
