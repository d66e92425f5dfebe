import type { Logger } from '@proof-of-inference/sdk/operator'

/** JSON; large numbers as decimal strings. */
export function stringify(value: object): string {
  return JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? each.toString() : each))
}

const write = (level: keyof Logger) => (message: string, fields: Readonly<Record<string, unknown>>) =>
  console.log(stringify({ time: new Date().toISOString(), level, message, ...fields }))

/** A line of JSON on stdout per event. The operator gives it no secrets, nor addresses that contain any. */
export const log: Logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
