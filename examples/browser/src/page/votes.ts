import type { Operator, Vote } from './market.ts'
import { create, find, setText } from './view.ts'

const noVote = 'no vote yet'

/** The table of operators, and how far the votes have come to a quorum. */
export function createVotes({ quorumBps, minAttestations }: { quorumBps: number; minAttestations: number }) {
  const body = find('votes', HTMLTableSectionElement)
  const bars = { valid: find('valid', HTMLProgressElement), invalid: find('invalid', HTMLProgressElement) }
  const quorum = `${Math.round(quorumBps / 100)} %`
  let total = 0n
  let cells = new Map<string, HTMLTableCellElement>()

  const toPercent = (weight: bigint) => (total === 0n ? 0 : Number((weight * 1000n) / total) / 10)
  const tally = (side: 'valid' | 'invalid', weight: bigint) => {
    bars[side].value = toPercent(weight) / 100
    setText(`${side}-weight`, `${toPercent(weight)} %`)
  }
  const write = (cell: HTMLTableCellElement, vote: string, text: string) => {
    cell.dataset.vote = vote
    cell.textContent = text
  }

  return {
    /** Who may vote, with what weight; and what is said until they have. */
    show(operators: readonly Operator[], text = noVote): void {
      total = operators.reduce((sum, { weight }) => sum + weight, 0n)
      cells = new Map(operators.map(({ address }) => [address, create('td', {}, text)]))
      body.replaceChildren(
        ...operators.map(({ address, weight }, index) => {
          const name = create('th', { scope: 'row' }, `Operator ${index + 1} `, create('code', {}, shorten(address)))
          return create('tr', {}, name, create('td', {}, `${toPercent(weight)} %`), cells.get(address) ?? '')
        }),
      )
      tally('valid', 0n)
      tally('invalid', 0n)
      setText('quorum', `Decided by ${quorum} of the stake (the mark), and at least ${minAttestations} operators.`)
    },
    /** What was voted so far. */
    tell(votes: readonly Vote[]): void {
      const weigh = (isValid: boolean) =>
        votes.filter((vote) => vote.isValid === isValid).reduce((sum, { weight }) => sum + weight, 0n)
      tally('valid', weigh(true))
      tally('invalid', weigh(false))
      for (const { operator, isValid, confidence } of votes) {
        const cell = cells.get(operator)
        const verdict = isValid ? 'valid' : 'invalid'
        if (cell) write(cell, verdict, `${isValid ? '✓' : '✗'} ${verdict}, ${confidence / 100}\u00a0%`)
      }
    },
    /** No vote is waited for any more: what is said of those who have not voted. */
    close(text: string): void {
      for (const cell of cells.values()) if (cell.dataset.vote === undefined) write(cell, 'none', text)
    },
    /** As before the first vote. */
    clear(): void {
      tally('valid', 0n)
      tally('invalid', 0n)
      for (const cell of cells.values()) {
        delete cell.dataset.vote
        cell.textContent = noVote
      }
    },
  }
}

/** An address or a digest, as people compare them. */
export function shorten(hex: string): string {
  return `${hex.slice(0, 6)}…${hex.slice(-4)}`
}
