import * as v from 'valibot'
import { AgentRegistrationInvalidError } from '../errors/erc8004.ts'

/** What a registration file says that it is. */
export const registrationType = 'https://eips.ethereum.org/EIPS/eip-8004#registration-v1'

const registrationSchema = v.object({
  type: v.literal(registrationType),
  name: v.string(),
  description: v.string(),
  image: v.string(),
  services: v.array(v.object({ name: v.string(), endpoint: v.string(), version: v.optional(v.string()) })),
  x402Support: v.boolean(),
  active: v.boolean(),
  registrations: v.array(
    v.object({
      agentId: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
      agentRegistry: v.pipe(v.string(), v.regex(/^eip155:\d+:0x[0-9a-fA-F]{40}$/)),
    }),
  ),
  supportedTrust: v.optional(v.array(v.string())),
})

/** What an agent says of itself (ERC-8004's registration file, version 1). */
export type AgentRegistration = v.InferOutput<typeof registrationSchema>

/**
 * Checks a registration file.
 *
 * @param json The parsed JSON. What the SDK does not know is left out.
 * @throws `AgentRegistrationInvalidError` with everything that is wrong.
 *
 * @example
 * const registration = parseAgentRegistration(JSON.parse(text))
 */
export function parseAgentRegistration(json: unknown): AgentRegistration {
  const result = v.safeParse(registrationSchema, json)
  if (result.success) return result.output
  throw new AgentRegistrationInvalidError({
    issues: result.issues.map((issue) => {
      const path = v.getDotPath(issue)
      return path === null ? issue.message : `${path}: ${issue.message}`
    }),
  })
}
