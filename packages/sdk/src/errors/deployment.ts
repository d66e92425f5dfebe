import type { Address, Hex } from 'viem'
import { ProofOfInferenceError } from './base.ts'

/** The description of a deployment is not well-formed. */
export class InvalidDeploymentError extends ProofOfInferenceError<'InvalidDeploymentError'> {
  readonly issues: readonly string[]
  constructor({ issues }: { issues: readonly string[] }) {
    super('The description of the deployment is not well-formed.', {
      name: 'InvalidDeploymentError',
      metaMessages: [
        ...issues.map((issue) => `- ${issue}`),
        'Pass the contents of the file `deployments/<chainId>.json` that the deploy script wrote.',
      ],
    })
    this.issues = issues
  }
}

/** The SDK knows of no public deployment on the chain. */
export class DeploymentNotFoundError extends ProofOfInferenceError<'DeploymentNotFoundError'> {
  readonly chainId: number
  constructor({ chainId }: { chainId: number }) {
    super('There is no public deployment on this chain.', {
      name: 'DeploymentNotFoundError',
      metaMessages: [
        `chainId: ${chainId}`,
        'Pass the description of a deployment: `parseDeployment` reads the file `deployments/<chainId>.json` that the deploy script wrote; a devnet has it as `devnet.deployment`.',
      ],
    })
    this.chainId = chainId
  }
}

/** The client is connected to another chain than the deployment is on. */
export class ChainMismatchError extends ProofOfInferenceError<'ChainMismatchError'> {
  readonly expected: number
  readonly actual: number
  constructor({ expected, actual }: { expected: number; actual: number }) {
    super('The client is on another chain than the deployment.', {
      name: 'ChainMismatchError',
      metaMessages: [
        `expected: chain id ${expected}`,
        `actual: chain id ${actual}`,
        'Connect the client to the chain of the deployment, or use the deployment of this chain.',
      ],
    })
    this.expected = expected
    this.actual = actual
  }
}

/** A contract of a deployment, as named in it. */
export type DeployedContract =
  | 'avs'
  | 'modelRegistry'
  | 'operatorSet'
  | 'slasher'
  | 'identityRegistry'
  | 'validationRegistry'
  | 'reputationRegistry'

/** A contract of EigenLayer, as named in an `EigenLayerDeployment` or in `chains`. */
export type EigenLayerContract =
  | 'allocationManager'
  | 'delegationManager'
  | 'strategyManager'
  | 'keyRegistrar'
  | 'permissionController'
  | 'rewardsCoordinator'
  | 'crossChainRegistry'
  | 'certificateVerifier'

/** A contract that is looked for: of a deployment, of EigenLayer, or 4Mica's. */
export type NamedContract = DeployedContract | EigenLayerContract | 'core4Mica'

/** There is no contract at an address of the deployment. */
export class ContractCodeMissingError extends ProofOfInferenceError<'ContractCodeMissingError'> {
  readonly contract: NamedContract
  readonly address: Address
  constructor({ contract, address }: { contract: NamedContract; address: Address }) {
    super(`There is no contract at the address of the deployment's ${contract}.`, {
      name: 'ContractCodeMissingError',
      metaMessages: [
        `address: ${address}`,
        'Check the address, and that the chain is the one it was deployed on; a local chain may have been restarted.',
      ],
    })
    this.contract = contract
    this.address = address
  }
}

/** The code at an address of the deployment is not the one expected. */
export class ContractCodeMismatchError extends ProofOfInferenceError<'ContractCodeMismatchError'> {
  readonly contract: DeployedContract
  readonly address: Address
  readonly expected: Hex
  readonly actual: Hex
  constructor({
    contract,
    address,
    expected,
    actual,
  }: { contract: DeployedContract; address: Address; expected: Hex; actual: Hex }) {
    super(`The code of the ${contract} is not that of the deployment.`, {
      name: 'ContractCodeMismatchError',
      metaMessages: [
        `address: ${address}`,
        `expected: code hash ${expected}`,
        `actual: code hash ${actual}`,
        'Nothing was sent. Use the description of this very deployment; do not use the address if somebody else gave it to you.',
      ],
    })
    this.contract = contract
    this.address = address
    this.expected = expected
    this.actual = actual
  }
}

/** How contracts of a deployment name each other. `allocationManager` is EigenLayer's, as the operator set names it. */
export type DeploymentLink =
  | 'avs.modelRegistry'
  | 'avs.operatorSet'
  | 'avs.identityRegistry'
  | 'avs.validationRegistry'
  | 'avs.reputationRegistry'
  | 'slasher.avs'
  | 'slasher.operatorSet'
  | 'allocationManager.getSlasher'

/** The contracts at the addresses of the deployment do not belong together. */
export class DeploymentMismatchError extends ProofOfInferenceError<'DeploymentMismatchError'> {
  /** The contract that is not the AVS's. */
  readonly contract: DeployedContract
  readonly link: DeploymentLink
  readonly expected: Address
  /** What was answered; `null` when the contract that was asked does not answer such questions. */
  readonly actual: Address | null
  constructor({
    contract,
    link,
    expected,
    actual,
    cause,
  }: {
    contract: DeployedContract
    link: DeploymentLink
    expected: Address
    actual: Address | null
    cause?: unknown
  }) {
    super(`The AVS does not use the ${contract} of the deployment.`, {
      name: 'DeploymentMismatchError',
      cause,
      metaMessages: [
        `link: ${link}`,
        `expected: ${expected}`,
        `actual: ${actual ?? 'the contract that should say it does not answer'}`,
        'Use addresses of one deployment, as the deploy script wrote them.',
      ],
    })
    this.contract = contract
    this.link = link
    this.expected = expected
    this.actual = actual
  }
}
