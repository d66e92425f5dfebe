import Table from 'cli-table3'
import colors from 'picocolors'

const started = performance.now()

/** Tells what happens, as it happens, with the seconds since the start. Says nothing where the result is JSON. */
export function createProgress(isSilent: boolean) {
  const print = (line: string) => {
    if (!isSilent) console.log(line)
  }
  return {
    title: (text: string) => print(`\n${colors.bold(text)}\n`),
    tell(who: string, what: string) {
      const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(5)
      print(`${colors.dim(`${seconds} s`)}  ${colors.cyan(who.padEnd(14))} ${what}`)
    },
    table(head: readonly string[], rows: readonly (readonly string[])[]) {
      const table = new Table({ head: [...head], style: { head: ['bold'], border: ['dim'], compact: true } })
      for (const row of rows) table.push([...row])
      print(table.toString())
    },
  }
}

export type Progress = ReturnType<typeof createProgress>

export const short = (hex: string) => `${hex.slice(0, 10)}…`

export function paint(status: string): string {
  if (status === 'verified' || status === 'paid') return colors.green(status)
  return status === 'rejected' ? colors.red(status) : colors.yellow(status)
}
