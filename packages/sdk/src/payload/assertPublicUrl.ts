import { DisallowedUrlError } from '../errors/payload.ts'

const hint = 'Use a public address, or set `allowPrivateNetwork: true` if you meant this one.'

/**
 * Throws a `DisallowedUrlError` unless the URL is http(s) without credentials and, unless allowed, its host is not of
 * a private, loopback, link-local or otherwise special network. In Node, host names are resolved and every address is
 * checked; a name that resolves differently a moment later (DNS rebinding) is not caught, and neither are names in
 * browsers: where that matters, pass a `fetch` that checks the address it connects to.
 */
export async function assertPublicUrl(url: URL, allowPrivateNetwork: boolean): Promise<void> {
  const href = url.href
  assertHttp(url)
  if (url.username !== '' || url.password !== '')
    throw new DisallowedUrlError({
      url: `${url.protocol}//…@${url.host}${url.pathname}`,
      reason: 'it contains credentials',
      hint: 'Pass credentials in `headers`.',
    })
  if (allowPrivateNetwork) return
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (/(^|\.)(localhost|local|internal|home\.arpa)$/.test(host))
    throw new DisallowedUrlError({ url: href, reason: `${host} is a private name`, hint })
  for (const address of isAddress(host) ? [host] : await resolve(host))
    if (isPrivateAddress(address))
      throw new DisallowedUrlError({ url: href, reason: `${address} is not a public address`, hint })
}

/** Throws a `DisallowedUrlError` unless the URL is http(s). */
export function assertHttp({ href, protocol }: URL): void {
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new DisallowedUrlError({ url: href, reason: `the scheme ${protocol} is not http or https` })
}

/** The addresses of a name where the platform can tell; none where it cannot, or where the name does not resolve. */
async function resolve(host: string): Promise<string[]> {
  // Not an import: this file is part of browser builds.
  const dns = globalThis.process?.getBuiltinModule?.('node:dns/promises')
  if (!dns) return []
  // A name that does not resolve fails in `fetch` just the same, with the platform's own error.
  const addresses = await dns.lookup(host, { all: true }).catch(() => [])
  return addresses.map(({ address }) => address)
}

function isAddress(host: string): boolean {
  return host.includes(':') || /^\d+\.\d+\.\d+\.\d+$/.test(host)
}

/** Whether an IPv4 or IPv6 address, as the URL parser or the resolver writes it, is outside the public networks. */
export function isPrivateAddress(address: string): boolean {
  if (!address.includes(':')) return isPrivateV4(address.split('.').map(Number))
  const groups = parseV6(address)
  if (!groups) return true
  const [g0 = 0, g1 = 0, g2 = 0] = groups
  const embedded = (high = 0, low = 0) => isPrivateV4([high >> 8, high & 255, low >> 8, low & 255])
  // ::/96 and ::ffff:0:0/96 (mapped), and NAT64 64:ff9b::/96 carry an IPv4 address; 6to4 2002::/16 too.
  if (groups.slice(0, 5).every((group) => group === 0) && (groups[5] === 0 || groups[5] === 0xffff))
    return groups[5] === 0 || embedded(groups[6], groups[7])
  if (g0 === 0x64 && g1 === 0xff9b) return g2 !== 0 || embedded(groups[6], groups[7])
  if (g0 === 0x2002) return embedded(g1, g2)
  // Global unicast is 2000::/3; of it, 2001::/23 (Teredo and other special uses) and 2001:db8::/32 are not.
  if ((g0 & 0xe000) !== 0x2000) return true
  return g0 === 0x2001 && (g1 < 0x200 || g1 === 0xdb8)
}

/** IANA's special-purpose IPv4 registry. */
function isPrivateV4([a = 0, b = 0, c = 0]: readonly number[]): boolean {
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    a >= 224 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 0 && (c === 0 || c === 2)) ||
    (a === 192 && b === 88 && c === 99) ||
    (a === 192 && b === 168) ||
    (a === 198 && (b === 18 || b === 19)) ||
    (a === 198 && b === 51 && c === 100) ||
    (a === 203 && b === 0 && c === 113)
  )
}

/** The eight groups of an IPv6 address; `undefined` if it is not one. */
function parseV6(address: string): number[] | undefined {
  const plain = address
    .replace(/%.*$/, '')
    .replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
      [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
    )
  const [head = '', tail, ...rest] = plain.split('::')
  if (rest.length > 0) return undefined
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = 8 - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 0) return undefined
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after].map((group) =>
    /^[0-9a-f]{1,4}$/i.test(group) ? Number.parseInt(group, 16) : Number.NaN,
  )
  return groups.some(Number.isNaN) ? undefined : groups
}
