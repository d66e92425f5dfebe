import { randomBytes } from 'node:crypto'
import { type Address, type Hex, isAddressEqual, recoverMessageAddress } from 'viem'
import { parseSiweMessage } from 'viem/siwe'
import { Refusal } from './refusal.ts'

/** Seconds for which each is good. */
const lifetimes = { nonce: 300, access: 900, refresh: 30 * 86_400 }

type Session = { address: Address; expiresAt: number }

/** Signing in with Ethereum, and the tokens that follow from it. */
export type Auth = ReturnType<typeof createAuth>

export function createAuth(chainId: number) {
  const nonces = new Map<string, Session>()
  const accessTokens = new Map<string, Session>()
  const refreshTokens = new Map<string, Session>()
  const now = () => Date.now() / 1000

  function issue(sessions: Map<string, Session>, address: Address, lifetime: number): string {
    const token = randomBytes(16).toString('hex')
    sessions.set(token, { address, expiresAt: now() + lifetime })
    return token
  }

  /** Of what can be used once. */
  function take(sessions: Map<string, Session>, token: string): Address {
    const session = sessions.get(token)
    sessions.delete(token)
    if (!session || session.expiresAt < now()) throw new Refusal(401, 'unknown or expired')
    return session.address
  }

  const issueTokens = (address: Address) => ({
    access_token: issue(accessTokens, address, lifetimes.access),
    refresh_token: issue(refreshTokens, address, lifetimes.refresh),
    expires_in: lifetimes.access,
  })

  return {
    createNonce(address: Address, host: string) {
      const issuedAt = new Date()
      return {
        nonce: issue(nonces, address, lifetimes.nonce),
        siwe: {
          domain: host,
          uri: `http://${host}`,
          chainId,
          statement: 'Sign in to the 4Mica core of a devnet.',
          expiration: new Date(issuedAt.getTime() + lifetimes.nonce * 1000).toISOString(),
          issuedAt: issuedAt.toISOString(),
        },
      }
    },
    async verify({ address, message, signature }: { address: Address; message: string; signature: Hex }) {
      const fields = parseSiweMessage(message)
      if (!fields.address || !fields.nonce || !isAddressEqual(fields.address, address) || fields.chainId !== chainId)
        throw new Refusal(401, 'the message is not for this service')
      if (!isAddressEqual(take(nonces, fields.nonce), address))
        throw new Refusal(401, 'the nonce is of another account')
      const signer = await recoverMessageAddress({ message, signature }).catch(() => undefined)
      if (!signer || !isAddressEqual(signer, address)) throw new Refusal(401, 'the signature is wrong')
      return issueTokens(address)
    },
    refresh: (refreshToken: string) => issueTokens(take(refreshTokens, refreshToken)),
    logout: (refreshToken: string) => ({ revoked: refreshTokens.delete(refreshToken) }),
    /** Who an `Authorization` header is of. */
    authenticate(header: string | undefined): Address {
      const session = accessTokens.get(header?.replace(/^Bearer /i, '') ?? '')
      if (!session || session.expiresAt < now()) throw new Refusal(401, 'a bearer token is needed')
      return session.address
    },
  }
}
