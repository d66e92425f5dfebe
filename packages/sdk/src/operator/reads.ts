import { type Address, type Client, getAddress, type Hex } from 'viem'
import { getVoter } from '../actions/operatorSet/getVoter.ts'
import { getModelVersion } from '../actions/registry/getModelVersion.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { ForgedEventError } from '../errors/operator.ts'
import { getModelPolicy } from '../model/getModelPolicy.ts'
import { fallbackPayloadStore } from '../payload/fallbackPayloadStore.ts'
import type { PayloadSource } from '../payload/store.ts'
import { createCache } from '../utils/cache.ts'
import { computeModelVersionId } from '../utils/typedData.ts'

/** Entries kept of each kind: a document has up to 1 MiB. */
const maxDocuments = 64
const maxEntries = 4096

export type Reads = ReturnType<typeof createReads>

/** Reads of the chain, and of payloads, whose answers never change, so that each is asked for once. */
export function createReads({
  client,
  deployment,
  payloads,
}: {
  client: Client
  deployment: Deployment
  payloads: PayloadSource
}) {
  const versions = createCache<getModelVersion.ReturnType>(maxEntries)
  const policies = createCache<getModelPolicy.ReturnType>(maxDocuments)
  const voters = createCache<getVoter.ReturnType>(maxEntries)
  // Of one store, so that what it throws is an error that says what could not be fetched.
  const documents = fallbackPayloadStore([payloads])
  /** Those that could vote when they were last asked for. */
  const operators = new Set<Address>()

  const readVoter = (account: Address, timepoint: number) => {
    const operator = getAddress(account)
    return voters.get(`${operator}@${timepoint}`, async () => {
      const voter = await getVoter(client, { deployment, operator, timepoint })
      if (voter.canVote) operators.add(operator)
      else operators.delete(operator)
      return voter
    })
  }

  return {
    /** A model version, which is the one that its id names. */
    getVersion: (modelVersionId: Hex) =>
      versions.get(modelVersionId, () => readVersion(client, { deployment, modelVersionId })),
    /** The manifest and the policy of a model version. */
    getPolicy: (modelVersionId: Hex, signal: AbortSignal) =>
      policies.get(modelVersionId, async () => {
        const model = await getModelPolicy(client, { deployment, modelVersionId, payloads: documents, signal })
        assertVersion(modelVersionId, model.version)
        return model
      }),
    /** An operator at a timepoint of the past. */
    getVoter: readVoter,
    /** Reads the operators that are likely to be asked for, ahead of time. What fails is asked for again when it is. */
    async prepareVoters(timepoint: number): Promise<void> {
      await Promise.allSettled([...operators].map((operator) => readVoter(operator, timepoint)))
    },
    /** To be called when the chain was replaced: it may have had other operators. */
    forget(): void {
      voters.clear()
    },
  }
}

/** Reads a model version, and makes sure that it is the one its id names. */
export async function readVersion(
  client: Client,
  { deployment, modelVersionId }: { deployment: Deployment; modelVersionId: Hex },
): Promise<getModelVersion.ReturnType> {
  return assertVersion(modelVersionId, await getModelVersion(client, { deployment, modelVersionId }))
}

function assertVersion(modelVersionId: Hex, version: getModelVersion.ReturnType) {
  const actual = computeModelVersionId({ modelId: version.modelId, number: version.number, version })
  if (actual !== modelVersionId) throw new ForgedEventError({ what: 'model version', expected: modelVersionId, actual })
  return version
}
