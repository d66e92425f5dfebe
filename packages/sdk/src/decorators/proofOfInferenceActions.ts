import type { Account, Chain, Client, Transport } from 'viem'
import { claimFees } from '../actions/avs/claimFees.ts'
import { commitVerification } from '../actions/avs/commitVerification.ts'
import { completeDepositWithdrawal } from '../actions/avs/completeDepositWithdrawal.ts'
import { deposit } from '../actions/avs/deposit.ts'
import { getAgentRecord } from '../actions/avs/getAgentRecord.ts'
import { getAttestations } from '../actions/avs/getAttestations.ts'
import { getAuditTrail } from '../actions/avs/getAuditTrail.ts'
import { getCanaries } from '../actions/avs/getCanaries.ts'
import { getCommitment } from '../actions/avs/getCommitment.ts'
import { getDeposit } from '../actions/avs/getDeposit.ts'
import { getDepositWithdrawal } from '../actions/avs/getDepositWithdrawal.ts'
import { getEarnings } from '../actions/avs/getEarnings.ts'
import { getJobState } from '../actions/avs/getJobState.ts'
import { getModelStats } from '../actions/avs/getModelStats.ts'
import { getOperatorRecord } from '../actions/avs/getOperatorRecord.ts'
import { getPublishedPayload } from '../actions/avs/getPublishedPayload.ts'
import { getRequest } from '../actions/avs/getRequest.ts'
import { getRequestState } from '../actions/avs/getRequestState.ts'
import { getRequests } from '../actions/avs/getRequests.ts'
import { initiateDepositWithdrawal } from '../actions/avs/initiateDepositWithdrawal.ts'
import { isNonceUsed } from '../actions/avs/isNonceUsed.ts'
import { postFeedback } from '../actions/avs/postFeedback.ts'
import { postReceipt } from '../actions/avs/postReceipt.ts'
import { recordConsent } from '../actions/avs/recordConsent.ts'
import { releaseUnearnedFee } from '../actions/avs/releaseUnearnedFee.ts'
import { requestInferenceVerification } from '../actions/avs/requestInferenceVerification.ts'
import { revealCanary } from '../actions/avs/revealCanary.ts'
import { settleCertificates } from '../actions/avs/settleCertificates.ts'
import { settleRequest } from '../actions/avs/settleRequest.ts'
import { signAttestation } from '../actions/avs/signAttestation.ts'
import { signConsent } from '../actions/avs/signConsent.ts'
import { signRequest } from '../actions/avs/signRequest.ts'
import { submitVerification } from '../actions/avs/submitVerification.ts'
import { submitVerifications } from '../actions/avs/submitVerifications.ts'
import { verifyCertificate } from '../actions/avs/verifyCertificate.ts'
import { verifyReceipt } from '../actions/avs/verifyReceipt.ts'
import { waitForOutcome } from '../actions/avs/waitForOutcome.ts'
import { watchAttestations } from '../actions/avs/watchAttestations.ts'
import { watchRequests } from '../actions/avs/watchRequests.ts'
import { withdrawEarnings } from '../actions/avs/withdrawEarnings.ts'
import { getCheckpoint } from '../actions/operatorSet/getCheckpoint.ts'
import { getClock } from '../actions/operatorSet/getClock.ts'
import { getLatestTable } from '../actions/operatorSet/getLatestTable.ts'
import { getOperatorSetKind } from '../actions/operatorSet/getOperatorSetKind.ts'
import { getReferenceTimepoint } from '../actions/operatorSet/getReferenceTimepoint.ts'
import { getSeatedOperators } from '../actions/operatorSet/getSeatedOperators.ts'
import { getTable } from '../actions/operatorSet/getTable.ts'
import { getTableSetTerms } from '../actions/operatorSet/getTableSetTerms.ts'
import { getTotalWeight } from '../actions/operatorSet/getTotalWeight.ts'
import { getVoter } from '../actions/operatorSet/getVoter.ts'
import { loadTable } from '../actions/operatorSet/loadTable.ts'
import { refreshWeights } from '../actions/operatorSet/refreshWeights.ts'
import { getFee } from '../actions/registry/getFee.ts'
import { getModelAgentRecord } from '../actions/registry/getModelAgentRecord.ts'
import { getModelInfo } from '../actions/registry/getModelInfo.ts'
import { getModelVersion } from '../actions/registry/getModelVersion.ts'
import { getModelVersionId } from '../actions/registry/getModelVersionId.ts'
import { publishVersion } from '../actions/registry/publishVersion.ts'
import { registerModel } from '../actions/registry/registerModel.ts'
import { resolveModel } from '../actions/registry/resolveModel.ts'
import { setActive } from '../actions/registry/setActive.ts'
import { setFees } from '../actions/registry/setFees.ts'
import { transferModel } from '../actions/registry/transferModel.ts'
import { cancelSlasherDomain } from '../actions/slasher/cancelSlasherDomain.ts'
import { findEquivocations } from '../actions/slasher/findEquivocations.ts'
import { getSlasherDomain } from '../actions/slasher/getSlasherDomain.ts'
import { getSlashingTerms } from '../actions/slasher/getSlashingTerms.ts'
import { isSlashed } from '../actions/slasher/isSlashed.ts'
import { proposeSlasherDomain } from '../actions/slasher/proposeSlasherDomain.ts'
import { registerSlasherDomain } from '../actions/slasher/registerSlasherDomain.ts'
import { slashEquivocation } from '../actions/slasher/slashEquivocation.ts'
import type { Deployment } from '../deployments/deployment.ts'

/** The actions of a deployment, bound to a client. Where the client has no account, those that sign take one. */
export type ProofOfInferenceActions<account extends Account | undefined = Account | undefined> = {
  /**
   * Credits an operator's share of the fees of final requests that it voted right on to its earnings.
   * See {@link claimFees}.
   */
  claimFees: (parameters: claimFees.BoundParameters<account>) => Promise<claimFees.ReturnType>
  /** Commits an operator to a vote while the commit window of the request is open. See {@link commitVerification}. */
  commitVerification: (
    parameters: commitVerification.BoundParameters<account>,
  ) => Promise<commitVerification.ReturnType>
  /**
   * Pays out the withdrawal that the sender initiated, or what is left of the deposit if that is less.
   * See {@link completeDepositWithdrawal}.
   */
  completeDepositWithdrawal: (
    parameters: completeDepositWithdrawal.BoundParameters<account>,
  ) => Promise<completeDepositWithdrawal.ReturnType>
  /** Adds to the deposit from which the sender's requests can be paid. See {@link deposit}. */
  deposit: (parameters: deposit.BoundParameters<account>) => Promise<deposit.ReturnType>
  /**
   * Reads the record of an ERC-8004 agent, of all time and over a range of blocks.
   * See {@link getAgentRecord}.
   */
  getAgentRecord: (parameters: getAgentRecord.BoundParameters) => Promise<getAgentRecord.ReturnType>
  /** Reads the attestations that were accepted for a request, in their order. See {@link getAttestations}. */
  getAttestations: (parameters: getAttestations.BoundParameters) => Promise<getAttestations.ReturnType>
  /** Reads all that the chain says of a job. See {@link getAuditTrail}. */
  getAuditTrail: (parameters: getAuditTrail.BoundParameters) => Promise<getAuditTrail.ReturnType>
  /**
   * Reads the canaries that were revealed in a range of blocks, with the requests of their jobs.
   * See {@link getCanaries}.
   */
  getCanaries: (parameters?: getCanaries.BoundParameters) => Promise<getCanaries.ReturnType>
  /** Reads whether a certificate with this nonce of a requester was settled. See {@link isNonceUsed}. */
  isNonceUsed: (parameters: isNonceUsed.BoundParameters) => Promise<isNonceUsed.ReturnType>
  /** Reads the commitment of an operator to a vote that it has not revealed. See {@link getCommitment}. */
  getCommitment: (parameters: getCommitment.BoundParameters) => Promise<getCommitment.ReturnType>
  /**
   * Reads what an account has deposited to pay its requests from, in the smallest unit of the asset.
   * See {@link getDeposit}.
   */
  getDeposit: (parameters: getDeposit.BoundParameters) => Promise<getDeposit.ReturnType>
  /** Reads the pending withdrawal of a deposit. See {@link getDepositWithdrawal}. */
  getDepositWithdrawal: (parameters: getDepositWithdrawal.BoundParameters) => Promise<getDepositWithdrawal.ReturnType>
  /**
   * Reads what an account can withdraw at once with `withdrawEarnings`, in the smallest unit of the asset.
   * See {@link getEarnings}.
   */
  getEarnings: (parameters: getEarnings.BoundParameters) => Promise<getEarnings.ReturnType>
  /**
   * Reads the record that the AVS keeps of a job: its decision and the consent of its agent. See {@link getJobState}.
   */
  getJobState: (parameters: getJobState.BoundParameters) => Promise<getJobState.ReturnType>
  /** Reads the record of a model, over a range of blocks. See {@link getModelStats}. */
  getModelStats: (parameters: getModelStats.BoundParameters) => Promise<getModelStats.ReturnType>
  /**
   * Reads what an operator did with the requests of a range of blocks: votes, outcomes, commitments and canaries.
   * See {@link getOperatorRecord}.
   */
  getOperatorRecord: (parameters: getOperatorRecord.BoundParameters) => Promise<getOperatorRecord.ReturnType>
  /** Reads a payload that was published with a request, by its digest. See {@link getPublishedPayload}. */
  getPublishedPayload: (parameters: getPublishedPayload.BoundParameters) => Promise<getPublishedPayload.ReturnType>
  /** Reads a request with its job as they were opened, by the id of the request. See {@link getRequest}. */
  getRequest: (parameters: getRequest.BoundParameters) => Promise<getRequest.ReturnType>
  /**
   * Reads the record that the AVS keeps of a request: its status, and the votes so far. See {@link getRequestState}.
   */
  getRequestState: (parameters: getRequestState.BoundParameters) => Promise<getRequestState.ReturnType>
  /**
   * Reads the requests that were opened in a range of blocks, oldest first, with as many queries as the range needs.
   * See {@link getRequests}.
   */
  getRequests: (parameters?: getRequests.BoundParameters) => Promise<getRequests.ReturnType>
  /**
   * Starts the delay after which up to `amount` of the sender's deposit can leave.
   * See {@link initiateDepositWithdrawal}.
   */
  initiateDepositWithdrawal: (
    parameters: initiateDepositWithdrawal.BoundParameters<account>,
  ) => Promise<initiateDepositWithdrawal.ReturnType>
  /** Has the AVS rate the agent of a job in the ERC-8004 ReputationRegistry. See {@link postFeedback}. */
  postFeedback: (parameters: postFeedback.BoundParameters<account>) => Promise<postFeedback.ReturnType>
  /** Has the AVS answer a validation request in the ERC-8004 ValidationRegistry. See {@link postReceipt}. */
  postReceipt: (parameters: postReceipt.BoundParameters<account>) => Promise<postReceipt.ReturnType>
  /**
   * Records for good that the agent of a job consented to it, so that a later change of its wallet strands nothing.
   * See {@link recordConsent}.
   */
  recordConsent: (parameters: recordConsent.BoundParameters<account>) => Promise<recordConsent.ReturnType>
  /**
   * Returns to the requester what nobody earned of the fee of a request with a commit window, once its deadline passed.
   * See {@link releaseUnearnedFee}.
   */
  releaseUnearnedFee: (
    parameters: releaseUnearnedFee.BoundParameters<account>,
  ) => Promise<releaseUnearnedFee.ReturnType>
  /**
   * Opens a request for the verification of an inference, and puts its reward and fee into escrow.
   * See {@link requestInferenceVerification}.
   */
  requestInferenceVerification: (
    parameters: requestInferenceVerification.BoundParameters<account>,
  ) => Promise<requestInferenceVerification.ReturnType>
  /**
   * Settles an open request: by the decision of its job if there is one, as expired once its deadline passed.
   * See {@link settleRequest}.
   */
  settleRequest: (parameters: settleRequest.BoundParameters<account>) => Promise<settleRequest.ReturnType>
  /** Signs the verdict of an operator on a request, with its signing key. See {@link signAttestation}. */
  signAttestation: (parameters: signAttestation.BoundParameters<account>) => Promise<signAttestation.ReturnType>
  /**
   * Signs an agent's consent to a job, with the account that is the payee of the job and the wallet of the agent.
   * See {@link signConsent}.
   */
  signConsent: (parameters: signConsent.BoundParameters<account>) => Promise<signConsent.ReturnType>
  /**
   * Signs a request as its requester, so that it can be verified and settled before the chain has seen it.
   * See {@link signRequest}.
   */
  signRequest: (parameters: signRequest.BoundParameters<account>) => Promise<signRequest.ReturnType>
  /**
   * Opens, decides and settles requests by votes that were collected off chain. See {@link settleCertificates}.
   */
  settleCertificates: (
    parameters: settleCertificates.BoundParameters<account>,
  ) => Promise<settleCertificates.ReturnType>
  /**
   * Submits the signed votes of several operators on several open requests. See {@link submitVerifications}.
   */
  submitVerifications: (
    parameters: submitVerifications.BoundParameters<account>,
  ) => Promise<submitVerifications.ReturnType>
  /**
   * Submits the signed vote of an operator, and finalises the request when it completes a quorum.
   * See {@link submitVerification}.
   */
  submitVerification: (
    parameters: submitVerification.BoundParameters<account>,
  ) => Promise<submitVerification.ReturnType>
  /**
   * Says what `settleCertificates` would make of a certificate. See {@link verifyCertificate}.
   */
  verifyCertificate: (parameters: verifyCertificate.BoundParameters) => Promise<verifyCertificate.ReturnType>
  /** Checks a receipt end to end. See {@link verifyReceipt}. */
  verifyReceipt: (parameters: verifyReceipt.BoundParameters) => Promise<verifyReceipt.ReturnType>
  /** Waits until a request is verified, rejected or expired. See {@link waitForOutcome}. */
  waitForOutcome: (parameters: waitForOutcome.BoundParameters) => Promise<waitForOutcome.ReturnType>
  /** Watches for the attestations of a request by polling. See {@link watchAttestations}. */
  watchAttestations: (parameters: watchAttestations.BoundParameters) => watchAttestations.ReturnType
  /** Watches for requests by polling. See {@link watchRequests}. */
  watchRequests: (parameters: watchRequests.BoundParameters) => watchRequests.ReturnType
  /** Pays all earnings of an account in an asset to that account. See {@link withdrawEarnings}. */
  withdrawEarnings: (parameters: withdrawEarnings.BoundParameters<account>) => Promise<withdrawEarnings.ReturnType>
  /**
   * Reads what the verification of a model costs at least in an asset, and whether it can be paid in it.
   * See {@link getFee}.
   */
  getFee: (parameters: getFee.BoundParameters) => Promise<getFee.ReturnType>
  /** Reads the record of a model with the jobs of one agent only. See {@link getModelAgentRecord}. */
  getModelAgentRecord: (parameters: getModelAgentRecord.BoundParameters) => Promise<getModelAgentRecord.ReturnType>
  /** Reads a model: its owner, its latest version and its record. See {@link getModelInfo}. */
  getModelInfo: (parameters: getModelInfo.BoundParameters) => Promise<getModelInfo.ReturnType>
  /** Reads a version of a model. See {@link getModelVersion}. */
  getModelVersion: (parameters: getModelVersion.BoundParameters) => Promise<getModelVersion.ReturnType>
  /** Reads the id of a version of a model. See {@link getModelVersionId}. */
  getModelVersionId: (parameters: getModelVersionId.BoundParameters) => Promise<getModelVersionId.ReturnType>
  /** Publishes the next version of a model. See {@link publishVersion}. */
  publishVersion: (parameters: publishVersion.BoundParameters<account>) => Promise<publishVersion.ReturnType>
  /** Registers a model under the sender, with its first version. See {@link registerModel}. */
  registerModel: (parameters: registerModel.BoundParameters<account>) => Promise<registerModel.ReturnType>
  /** Finds a version of a model by a reference that people can read. See {@link resolveModel}. */
  resolveModel: (parameters: resolveModel.BoundParameters) => Promise<resolveModel.ReturnType>
  /** Says whether new requests may name the model. See {@link setActive}. */
  setActive: (parameters: setActive.BoundParameters<account>) => Promise<setActive.ReturnType>
  /** Sets in which assets the verification of a model can be paid, and the least fee in each. See {@link setFees}. */
  setFees: (parameters: setFees.BoundParameters<account>) => Promise<setFees.ReturnType>
  /** Hands a model to another owner at once. See {@link transferModel}. */
  transferModel: (parameters: transferModel.BoundParameters<account>) => Promise<transferModel.ReturnType>
  /** Reads the latest checkpoint of the weight and the signing key of an operator. See {@link getCheckpoint}. */
  getCheckpoint: (parameters: getCheckpoint.BoundParameters) => Promise<getCheckpoint.ReturnType>
  /** Reads the clock of the operator set: the block number on L1, unix time on an L2. See {@link getClock}. */
  getClock: (parameters?: getClock.BoundParameters) => Promise<getClock.ReturnType>
  /**
   * Reads which operator table a deployment on an L2 uses, and which is the newest posted. See {@link getLatestTable}.
   */
  getLatestTable: (parameters?: getLatestTable.BoundParameters) => Promise<getLatestTable.ReturnType>
  /** Reads how the deployment knows its operators. See {@link getOperatorSetKind}. */
  getOperatorSetKind: () => Promise<getOperatorSetKind.ReturnType>
  /** Reads the latest timepoint that a request can refer to. See {@link getReferenceTimepoint}. */
  getReferenceTimepoint: (
    parameters?: getReferenceTimepoint.BoundParameters,
  ) => Promise<getReferenceTimepoint.ReturnType>
  /**
   * Reads which operators hold an index now, and so can vote while their weight is fresh.
   * See {@link getSeatedOperators}.
   */
  getSeatedOperators: (parameters?: getSeatedOperators.BoundParameters) => Promise<getSeatedOperators.ReturnType>
  /** Reads the operators of a loaded table, and their weights, on an L2. See {@link getTable}. */
  getTable: (parameters: getTable.BoundParameters) => Promise<getTable.ReturnType>
  /** Reads where a deployment on an L2 has its operators from, and on which terms. See {@link getTableSetTerms}. */
  getTableSetTerms: () => Promise<getTableSetTerms.ReturnType>
  /**
   * Reads the total stake weight of the operator set at a timepoint, stale operators included.
   * See {@link getTotalWeight}.
   */
  getTotalWeight: (parameters: getTotalWeight.BoundParameters) => Promise<getTotalWeight.ReturnType>
  /** Reads an operator as it stood at a timepoint, and the total weight of the set then. See {@link getVoter}. */
  getVoter: (parameters: getVoter.BoundParameters) => Promise<getVoter.ReturnType>
  /**
   * Tells which verdict on a job was the right one, to which the job's salt committed. See {@link revealCanary}.
   */
  revealCanary: (parameters: revealCanary.BoundParameters<account>) => Promise<revealCanary.ReturnType>
  /** Copies the newest operator table that was posted on an L2. See {@link loadTable}. */
  loadTable: (parameters: loadTable.BoundParameters<account>) => Promise<loadTable.ReturnType>
  /**
   * Checkpoints the present weights and signing keys of operators, so that they can vote on requests with a later
   * reference. See {@link refreshWeights}.
   */
  refreshWeights: (parameters: refreshWeights.BoundParameters<account>) => Promise<refreshWeights.ReturnType>
  /** Withdraws the proposal of a domain before it is registered. See {@link cancelSlasherDomain}. */
  cancelSlasherDomain: (
    parameters: cancelSlasherDomain.BoundParameters<account>,
  ) => Promise<cancelSlasherDomain.ReturnType>
  /**
   * Finds operators that contradicted themselves, among attestations that you hold and the votes on the chain.
   * See {@link findEquivocations}.
   */
  findEquivocations: (parameters: findEquivocations.BoundParameters) => Promise<findEquivocations.ReturnType>
  /**
   * Reads whether the slasher accepts evidence of an AVS on another chain, or is about to.
   * See {@link getSlasherDomain}.
   */
  getSlasherDomain: (parameters: getSlasherDomain.BoundParameters) => Promise<getSlasherDomain.ReturnType>
  /** Reads what an equivocation costs, and for how long it can be punished. See {@link getSlashingTerms}. */
  getSlashingTerms: (parameters?: getSlashingTerms.BoundParameters) => Promise<getSlashingTerms.ReturnType>
  /** Reads whether an operator was slashed for a request. See {@link isSlashed}. */
  isSlashed: (parameters: isSlashed.BoundParameters) => Promise<isSlashed.ReturnType>
  /** Announces that the slasher is to accept evidence of an AVS on another chain. See {@link proposeSlasherDomain}. */
  proposeSlasherDomain: (
    parameters: proposeSlasherDomain.BoundParameters<account>,
  ) => Promise<proposeSlasherDomain.ReturnType>
  /** Registers, for good, a domain that was proposed long enough ago. See {@link registerSlasherDomain}. */
  registerSlasherDomain: (
    parameters: registerSlasherDomain.BoundParameters<account>,
  ) => Promise<registerSlasherDomain.ReturnType>
  /** Slashes an operator that signed two contradicting verdicts on one request. See {@link slashEquivocation}. */
  slashEquivocation: (parameters: slashEquivocation.BoundParameters<account>) => Promise<slashEquivocation.ReturnType>
}

/**
 * Binds all actions to a deployment, for any viem client.
 *
 * @example
 * const client = createWalletClient({ account, chain, transport: http() })
 *   .extend(publicActions)
 *   .extend(proofOfInferenceActions({ deployment }))
 * const { status } = await client.waitForOutcome({ requestId })
 */
export function proofOfInferenceActions({ deployment }: proofOfInferenceActions.Parameters) {
  const bind = <parameters>(parameters: parameters) => ({ ...parameters, deployment })
  return <transport extends Transport, chain extends Chain | undefined, account extends Account | undefined>(
    client: Client<transport, chain, account>,
  ): ProofOfInferenceActions<account> => ({
    claimFees: (parameters) => claimFees(client, bind(parameters)),
    commitVerification: (parameters) => commitVerification(client, bind(parameters)),
    completeDepositWithdrawal: (parameters) => completeDepositWithdrawal(client, bind(parameters)),
    deposit: (parameters) => deposit(client, bind(parameters)),
    getAgentRecord: (parameters) => getAgentRecord(client, bind(parameters)),
    getAttestations: (parameters) => getAttestations(client, bind(parameters)),
    getAuditTrail: (parameters) => getAuditTrail(client, bind(parameters)),
    getCanaries: (parameters) => getCanaries(client, bind(parameters)),
    isNonceUsed: (parameters) => isNonceUsed(client, bind(parameters)),
    getCommitment: (parameters) => getCommitment(client, bind(parameters)),
    getDeposit: (parameters) => getDeposit(client, bind(parameters)),
    getDepositWithdrawal: (parameters) => getDepositWithdrawal(client, bind(parameters)),
    getEarnings: (parameters) => getEarnings(client, bind(parameters)),
    getJobState: (parameters) => getJobState(client, bind(parameters)),
    getModelStats: (parameters) => getModelStats(client, bind(parameters)),
    getOperatorRecord: (parameters) => getOperatorRecord(client, bind(parameters)),
    getPublishedPayload: (parameters) => getPublishedPayload(client, bind(parameters)),
    getRequest: (parameters) => getRequest(client, bind(parameters)),
    getRequestState: (parameters) => getRequestState(client, bind(parameters)),
    getRequests: (parameters) => getRequests(client, bind(parameters)),
    initiateDepositWithdrawal: (parameters) => initiateDepositWithdrawal(client, bind(parameters)),
    postFeedback: (parameters) => postFeedback(client, bind(parameters)),
    postReceipt: (parameters) => postReceipt(client, bind(parameters)),
    recordConsent: (parameters) => recordConsent(client, bind(parameters)),
    releaseUnearnedFee: (parameters) => releaseUnearnedFee(client, bind(parameters)),
    requestInferenceVerification: (parameters) => requestInferenceVerification(client, bind(parameters)),
    revealCanary: (parameters) => revealCanary(client, bind(parameters)),
    settleRequest: (parameters) => settleRequest(client, bind(parameters)),
    signAttestation: (parameters) => signAttestation(client, bind(parameters)),
    signConsent: (parameters) => signConsent(client, bind(parameters)),
    settleCertificates: (parameters) => settleCertificates(client, bind(parameters)),
    signRequest: (parameters) => signRequest(client, bind(parameters)),
    submitVerification: (parameters) => submitVerification(client, bind(parameters)),
    submitVerifications: (parameters) => submitVerifications(client, bind(parameters)),
    verifyCertificate: (parameters) => verifyCertificate(client, bind(parameters)),
    verifyReceipt: (parameters) => verifyReceipt(client, bind(parameters)),
    waitForOutcome: (parameters) => waitForOutcome(client, bind(parameters)),
    watchAttestations: (parameters) => watchAttestations(client, bind(parameters)),
    watchRequests: (parameters) => watchRequests(client, bind(parameters)),
    withdrawEarnings: (parameters) => withdrawEarnings(client, bind(parameters)),
    getFee: (parameters) => getFee(client, bind(parameters)),
    getModelAgentRecord: (parameters) => getModelAgentRecord(client, bind(parameters)),
    getModelInfo: (parameters) => getModelInfo(client, bind(parameters)),
    getModelVersion: (parameters) => getModelVersion(client, bind(parameters)),
    getModelVersionId: (parameters) => getModelVersionId(client, bind(parameters)),
    publishVersion: (parameters) => publishVersion(client, bind(parameters)),
    registerModel: (parameters) => registerModel(client, bind(parameters)),
    resolveModel: (parameters) => resolveModel(client, bind(parameters)),
    setActive: (parameters) => setActive(client, bind(parameters)),
    setFees: (parameters) => setFees(client, bind(parameters)),
    transferModel: (parameters) => transferModel(client, bind(parameters)),
    getCheckpoint: (parameters) => getCheckpoint(client, bind(parameters)),
    getClock: (parameters) => getClock(client, bind(parameters)),
    getLatestTable: (parameters) => getLatestTable(client, bind(parameters)),
    getOperatorSetKind: () => getOperatorSetKind(client, { deployment }),
    getReferenceTimepoint: (parameters) => getReferenceTimepoint(client, bind(parameters)),
    getSeatedOperators: (parameters) => getSeatedOperators(client, bind(parameters)),
    getTable: (parameters) => getTable(client, bind(parameters)),
    getTableSetTerms: () => getTableSetTerms(client, { deployment }),
    getTotalWeight: (parameters) => getTotalWeight(client, bind(parameters)),
    getVoter: (parameters) => getVoter(client, bind(parameters)),
    loadTable: (parameters) => loadTable(client, bind(parameters)),
    refreshWeights: (parameters) => refreshWeights(client, bind(parameters)),
    cancelSlasherDomain: (parameters) => cancelSlasherDomain(client, bind(parameters)),
    findEquivocations: (parameters) => findEquivocations(client, bind(parameters)),
    getSlasherDomain: (parameters) => getSlasherDomain(client, bind(parameters)),
    getSlashingTerms: (parameters) => getSlashingTerms(client, bind(parameters)),
    isSlashed: (parameters) => isSlashed(client, bind(parameters)),
    proposeSlasherDomain: (parameters) => proposeSlasherDomain(client, bind(parameters)),
    registerSlasherDomain: (parameters) => registerSlasherDomain(client, bind(parameters)),
    slashEquivocation: (parameters) => slashEquivocation(client, bind(parameters)),
  })
}

export declare namespace proofOfInferenceActions {
  type Parameters = {
    /** Where the contracts are. */
    deployment: Deployment
  }
}
