import type { Address, Hex } from 'viem'
import type { Erc8004Contract } from '../erc8004/types.ts'
import { ProofOfInferenceError } from './base.ts'

/** The contract is no ERC-8004 registry of a version that the SDK knows, or of other agents. */
export class UnsupportedRegistryError extends ProofOfInferenceError<'UnsupportedRegistryError'> {
  readonly contract: Erc8004Contract
  readonly address: Address
  constructor({
    contract,
    address,
    reason,
    cause,
  }: { contract: Erc8004Contract; address: Address; reason: string; cause?: unknown }) {
    super(`The contract is no ${contract} that can be used: ${reason}.`, {
      name: 'UnsupportedRegistryError',
      cause,
      metaMessages: [
        `address: ${address}`,
        'Use registries of version 2 that share an identity registry, see `erc8004Registries`.',
      ],
    })
    this.contract = contract
    this.address = address
  }
}

/** There is no such agent. */
export class AgentNotFoundError extends ProofOfInferenceError<'AgentNotFoundError'> {
  readonly agentId: bigint
  constructor({ agentId, cause }: { agentId: bigint; cause?: unknown }) {
    super('There is no agent with this id.', {
      name: 'AgentNotFoundError',
      cause,
      metaMessages: [`agentId: ${agentId}`, 'Check the id and the chain. Ids start at 0.'],
    })
    this.agentId = agentId
  }
}

/** Nobody filed the hash in the ValidationRegistry. */
export class ValidationNotFoundError extends ProofOfInferenceError<'ValidationNotFoundError'> {
  readonly requestHash: Hex
  constructor({ requestHash, cause }: { requestHash: Hex; cause?: unknown }) {
    super('Nobody has filed a validation request with this hash.', {
      name: 'ValidationNotFoundError',
      cause,
      metaMessages: [
        `requestHash: ${requestHash}`,
        "The agent's owner files it with `requestValidation`; it can do so after the fact, unless somebody else does first.",
      ],
    })
    this.requestHash = requestHash
  }
}

/** The registration file of an agent could not be had. */
export class AgentRegistrationUnavailableError extends ProofOfInferenceError<'AgentRegistrationUnavailableError'> {
  readonly agentId: bigint
  readonly uri: string
  constructor({ agentId, uri, reason, cause }: { agentId: bigint; uri: string; reason: string; cause?: unknown }) {
    super(`The registration file of the agent could not be read: ${reason}.`, {
      name: 'AgentRegistrationUnavailableError',
      cause,
      metaMessages: [
        `agentId: ${agentId}`,
        `uri: ${uri.length > 200 ? `${uri.slice(0, 200)}…` : uri}`,
        'The URI is the word of the owner of the agent, who can change it (`setAgentUri`).',
      ],
    })
    this.agentId = agentId
    this.uri = uri
  }
}

/** The registration file of an agent is not one of ERC-8004. */
export class AgentRegistrationInvalidError extends ProofOfInferenceError<'AgentRegistrationInvalidError'> {
  readonly issues: readonly string[]
  constructor({ issues, cause }: { issues: readonly string[]; cause?: unknown }) {
    super("The agent's registration file is not one of ERC-8004.", {
      name: 'AgentRegistrationInvalidError',
      cause,
      metaMessages: [...issues.map((issue) => `- ${issue}`), 'The owner of the agent has to correct it.'],
    })
    this.issues = issues
  }
}
