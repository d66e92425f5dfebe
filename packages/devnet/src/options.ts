import { InvalidDevnetOptionError } from './errors.ts'

export function check(option: string, value: unknown, isValid: boolean, expected: string): void {
  if (!isValid) throw new InvalidDevnetOptionError({ option, value, expected })
}

export function isWhole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most
}

/** What every devnet takes. */
export function checkChainOptions({
  port,
  blockTime,
  chainId,
}: {
  port: number
  blockTime: number | undefined
  chainId: number
}): void {
  check('port', port, isWhole(port, 0, 65_535), 'a port, 1 to 65535')
  check('blockTime', blockTime, blockTime === undefined || isWhole(blockTime, 1, 3_600), 'whole seconds, 1 to 3600')
  check('chainId', chainId, isWhole(chainId, 1, Number.MAX_SAFE_INTEGER), 'a positive integer')
}
