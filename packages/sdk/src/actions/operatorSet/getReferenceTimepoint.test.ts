import { describe, expect, test } from 'vitest'
import { createFakeContracts, FakeRevert, fakeDeployment } from '../../../test/fakeContracts.ts'
import { getOperatorSetKind } from './getOperatorSetKind.ts'
import { getReferenceTimepoint } from './getReferenceTimepoint.ts'

const deployment = fakeDeployment
const registrar = 'mode=blocknumber&from=default'

describe('the kind of an operator set', () => {
  test('follows from its clock, and is asked for once', async () => {
    const modes: string[] = []
    const { client } = createFakeContracts({
      contract: {
        CLOCK_MODE() {
          modes.push(registrar)
          return registrar
        },
      },
    })
    expect(await getOperatorSetKind(client, { deployment })).toBe('registrar')
    expect(await getOperatorSetKind(client, { deployment: { ...deployment } })).toBe('registrar')
    expect(modes).toHaveLength(1)
    const { client: other } = createFakeContracts({ contract: { CLOCK_MODE: () => 'mode=timestamp' } })
    expect(await getOperatorSetKind(other, { deployment })).toBe('tables')
  })

  test.each(['', 'mode=blocknumber', 'mode=timestamp&from=eip155:1', 'tables'])('is not guessed: %j', async (mode) => {
    const { client } = createFakeContracts({ contract: { CLOCK_MODE: () => mode } })
    await expect(getReferenceTimepoint(client, { deployment })).rejects.toMatchObject({
      name: 'UnknownClockModeError',
      operatorSet: deployment.operatorSet,
      clockMode: mode,
    })
  })

  test('is asked for again after a failure', async () => {
    let isDown = true
    const { client } = createFakeContracts({
      contract: {
        CLOCK_MODE() {
          if (isDown) throw new FakeRevert('0x')
          return registrar
        },
      },
    })
    await expect(getOperatorSetKind(client, { deployment })).rejects.toMatchObject({ name: 'ContractRevertedError' })
    isDown = false
    expect(await getOperatorSetKind(client, { deployment })).toBe('registrar')
  })
})

test('of a registrar is the block before', async () => {
  const { client, requests } = createFakeContracts({ contract: { CLOCK_MODE: () => registrar, clock: () => 1_000 } })
  expect(await getReferenceTimepoint(client, { deployment, blockNumber: 1_000n })).toBe(999)
  expect(requests.at(-1)).toMatchObject({ params: [{ to: deployment.operatorSet }, '0x3e8'] })
})

describe('of tables', () => {
  const clock = 10_000
  type Table = { loaded: number; posted: number; maxReferenceAge?: number; maxStaleness?: number; isValid?: boolean }
  const read = ({ loaded, posted, maxReferenceAge = 1_000, maxStaleness = 0, isValid = false }: Table) => {
    const { client, requests } = createFakeContracts({
      contract: {
        CLOCK_MODE: () => 'mode=timestamp',
        clock: () => clock,
        latestLoaded: () => loaded,
        maxReferenceAge: () => maxReferenceAge,
        certificateVerifier: () => deployment.avs,
        avs: () => deployment.avs,
        operatorSetId: () => 0,
        latestReferenceTimestamp: () => posted,
        maxOperatorTableStaleness: () => maxStaleness,
        isValidReference: (timepoint: number) => isValid && timepoint === loaded,
      },
    })
    return { requests, timepoint: getReferenceTimepoint(client, { deployment }) }
  }

  test('is the one that was loaded last, all read at one block', async () => {
    const { timepoint, requests } = read({ loaded: 9_500, posted: 9_500, isValid: true })
    expect(await timepoint).toBe(9_500)
    const asked = requests.findIndex(({ method }) => method === 'eth_blockNumber')
    const blocks = requests.slice(asked + 1).map(({ params }) => Array.isArray(params) && params[1])
    expect(blocks.filter((block) => block === '0x64')).toHaveLength(6)
  })

  test('is an older one through the grace period', async () => {
    expect(await read({ loaded: 9_500, posted: 9_900, isValid: true }).timepoint).toBe(9_500)
  })

  test.each<[reason: string, table: Table, maxAge: number]>([
    ['none-posted', { loaded: 0, posted: 0 }, 1_000],
    ['not-loaded', { loaded: 0, posted: 9_500 }, 1_000],
    ['not-loaded', { loaded: 9_200, posted: 9_500 }, 1_000],
    ['stale', { loaded: 8_999, posted: 8_999 }, 1_000],
    ['stale', { loaded: 8_000, posted: 8_999 }, 1_000],
    ['stale', { loaded: 9_499, posted: 9_499, maxStaleness: 500 }, 500],
    ['stale', { loaded: 8_999, posted: 8_999, maxStaleness: 5_000 }, 1_000],
    ['root-disabled', { loaded: 9_000, posted: 9_000 }, 1_000],
    ['root-disabled', { loaded: 9_500, posted: 9_500, maxStaleness: 500 }, 500],
    ['not-past', { loaded: 10_000, posted: 10_000 }, 1_000],
  ])('%s: %o', async (reason, { loaded, posted, ...rest }, maxAge) => {
    await expect(read({ loaded, posted, ...rest }).timepoint).rejects.toMatchObject({
      name: 'NoCurrentTableError',
      ...{ reason, maxAge, clock },
      loaded: loaded === 0 ? null : loaded,
      posted: posted === 0 ? null : posted,
    })
  })
})
