import type { Deployment, Job } from '@proof-of-inference/sdk'
import { signConsent } from '@proof-of-inference/sdk/actions'
import { hashValidationRequest, registerAgent, requestValidation } from '@proof-of-inference/sdk/erc8004'
import type { InferenceInput, InferenceOutput } from '@proof-of-inference/sdk/payload'
import type { Account, Chain, Client, Hex, Transport } from 'viem'

/** What the app knows of the agent that it buys from: usually over HTTP. */
export type Agent = {
  /** In ERC-8004's IdentityRegistry. */
  readonly id: bigint
  /** Answers an input. */
  ask(input: InferenceInput): Promise<InferenceOutput>
  /** Agrees to be judged by a job, and asks for its receipt. Returns its signature. */
  agree(job: Job): Promise<Hex>
}

/** An agent that answers by `infer`, with an ERC-8004 identity of its own. */
export async function createAgent(
  client: Client<Transport, Chain, Account>,
  { deployment, infer }: { deployment: Deployment; infer: Agent['ask'] },
): Promise<Agent> {
  const { agentId } = await registerAgent(client, { registries: deployment })
  return {
    id: agentId,
    ask: infer,
    async agree(job) {
      const requestHash = hashValidationRequest({ deployment, job })
      const validator = deployment.avs
      await requestValidation(client, { registries: deployment, validator, agentId, requestHash })
      return signConsent(client, { deployment, job })
    },
  }
}
