import type { AbiParameter, AbiParameterToPrimitiveType } from 'viem'
import type {
  equivocationSlasherAbi,
  modelRegistryAbi,
  operatorRegistrarAbi,
  operatorTableSetAbi,
  proofOfInferenceAvsAbi,
} from '../abis/generated.ts'
import { type RequestStatus, toRequestStatus } from '../utils/requestStatus.ts'
import { ProofOfInferenceError } from './base.ts'

type ContractErrorItem = Extract<
  (
    | typeof proofOfInferenceAvsAbi
    | typeof modelRegistryAbi
    | typeof operatorRegistrarAbi
    | typeof operatorTableSetAbi
    | typeof equivocationSlasherAbi
  )[number],
  { type: 'error' }
>

/** Name of a custom error of the contracts. */
export type ContractErrorName = ContractErrorItem['name']

/**
 * A custom error's arguments by name. An argument called `name` is `modelName`, since errors have a name already, and a
 * status is given by its name.
 */
export type ContractErrorFacts<name extends ContractErrorName> = {
  readonly [input in ErrorInput<name> as input extends { name: infer fact extends string } // none, of no inputs
    ? fact extends 'name'
      ? 'modelName'
      : fact
    : never]: input extends {
    internalType: 'enum Status'
  }
    ? RequestStatus
    : AbiParameterToPrimitiveType<input>
}

/** What an error made from a custom error takes: its facts, and what led to it. */
export type ContractErrorParameters<name extends ContractErrorName> = ContractErrorFacts<name> & {
  cause?: unknown
}

type ErrorInput<name extends ContractErrorName> = Extract<ContractErrorItem, { name: name }>['inputs'][number]

/** The runtime half of {@link ContractErrorFacts}. */
export function toContractErrorFacts(inputs: readonly AbiParameter[], args: readonly unknown[]) {
  return Object.fromEntries(
    inputs.map(({ name, internalType }, index) => {
      const arg = args[index]
      return [
        name === 'name' ? 'modelName' : name,
        internalType === 'enum Status' && typeof arg === 'number' ? toRequestStatus(arg) : arg,
      ]
    }),
  )
}

class FactualError<name extends ContractErrorName> extends ProofOfInferenceError<`${name}Error`> {
  constructor(
    errorName: name,
    { cause, ...facts }: { cause?: unknown },
    { summary, action }: { summary: string; action: string },
  ) {
    super(summary, {
      name: `${errorName}Error`,
      cause,
      metaMessages: [...Object.entries(facts).map(([fact, value]) => `${fact}: ${value}`), action],
    })
    Object.assign(this, facts)
  }
}

/** Base of the errors that stand for a custom error of the contracts, with its arguments as properties. */
// `Object.assign` adds the arguments, which a class cannot say of a mapped type.
export const ContractError = FactualError as unknown as new <name extends ContractErrorName>(
  errorName: name,
  parameters: ContractErrorParameters<name>,
  text: { summary: string; action: string },
) => ContractError<name>

export type ContractError<name extends ContractErrorName = ContractErrorName> = ProofOfInferenceError<`${name}Error`> &
  ContractErrorFacts<name>
