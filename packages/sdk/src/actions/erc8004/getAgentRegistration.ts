import type { Client } from 'viem'
import { type AgentRegistration, parseAgentRegistration } from '../../erc8004/agentRegistration.ts'
import { type FileIntegrity, type ReadFileOptions, readFile } from '../../erc8004/readFile.ts'
import { AgentRegistrationInvalidError, AgentRegistrationUnavailableError } from '../../errors/erc8004.ts'
import { getAgent } from './getAgent.ts'

/**
 * Reads and checks the registration file of an agent. It is the word of the agent's owner, and the address is of the
 * owner's choosing: size and time are capped, and redirects, plain http and private addresses refused. `data:`, `https:`
 * and, through a gateway, `ipfs:` are read.
 *
 * @returns `isListed`: whether the file names this very agent, as ERC-8004 asks of it; without, it may be another
 * agent's. `integrity`: how sure it is that the file is the one that the URI names.
 * @throws `AgentNotFoundError`, `AgentRegistrationUnavailableError`, `AgentRegistrationInvalidError`
 *
 * @example
 * const { registration, isListed } = await getAgentRegistration(client, { registries: deployment, agentId: 7n })
 */
export async function getAgentRegistration(
  client: Client,
  parameters: getAgentRegistration.Parameters,
): Promise<getAgentRegistration.ReturnType> {
  const { registries, agentId } = parameters
  const { uri } = await getAgent(client, parameters)
  const unavailable = (reason: string, cause?: unknown) =>
    new AgentRegistrationUnavailableError({ agentId, uri, reason, cause })
  if (uri === '') throw unavailable('the agent names none')
  const { bytes, integrity } = await readFile(uri, parameters).catch((cause: unknown) => {
    parameters.signal?.throwIfAborted()
    throw unavailable(cause instanceof Error ? toReason(cause.message) : 'it is not known why', cause)
  })
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new AgentRegistrationInvalidError({ issues: ['It is not JSON.'], cause })
  }
  const registration = parseAgentRegistration(json)
  const registry = `eip155:${registries.chainId}:${registries.identityRegistry}`.toLowerCase()
  const isListed = registration.registrations.some(
    (each) => BigInt(each.agentId) === agentId && each.agentRegistry.toLowerCase() === registry,
  )
  return { agentId, uri, registration, isListed, integrity }
}

export declare namespace getAgentRegistration {
  type Parameters = getAgent.Parameters & ReadFileOptions
  type ReturnType = {
    agentId: bigint
    uri: string
    registration: AgentRegistration
    isListed: boolean
    integrity: FileIntegrity
  }
  type ErrorType = getAgent.ErrorType | AgentRegistrationInvalidError | AgentRegistrationUnavailableError
}

/** The first line of a message, as part of a sentence. */
function toReason(message: string): string {
  const line = message.split('\n')[0] ?? ''
  return line.replace(/\.$/, '')
}
