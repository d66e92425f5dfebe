import type { Account, Address, Chain, Client, Hash, Hex, Transport } from 'viem'
import type { revealCanary } from '../actions/avs/revealCanary.ts'
import type { Certificate } from '../actions/avs/settleCertificates.ts'
import type { verifyCertificate } from '../actions/avs/verifyCertificate.ts'
import type { verifyReceipt } from '../actions/avs/verifyReceipt.ts'
import type { waitForOutcome } from '../actions/avs/waitForOutcome.ts'
import type { BlockRangeParameters } from '../actions/types.ts'
import type { RequesterAggregator } from '../aggregator/httpAggregator.ts'
import type { Deployment } from '../deployments/deployment.ts'
import type { getModelPolicy } from '../model/getModelPolicy.ts'
import type { PayloadSource, PayloadStore } from '../payload/store.ts'
import type {
  BatchInput,
  BatchOutput,
  Digest,
  EncodedPayload,
  InferenceInput,
  InferenceOutput,
} from '../payload/types.ts'
import type { Job, Request } from '../utils/typedData.ts'
import type { Binding } from '../utils/validationRequest.ts'

/** What a requester is made of. */
export type RequesterConfig = {
  /** Its account pays for requests and settles expired ones. */
  readonly client: Client<Transport, Chain | undefined, Account>
  readonly deployment: Deployment
  /**
   * Holds the models' manifests and policies, and takes the inputs and outputs. With a source that only reads, inputs
   * and outputs travel with the transaction.
   */
  readonly payloads: PayloadStore | PayloadSource
  /**
   * Most bytes of an input or an output, chunks included; of a batch, of each item's. Operators skip what exceeds their
   * own limit of that name, so raise it only where they have. Default: 64 MiB, as theirs.
   */
  readonly maxPayloadBytes?: number | undefined
}

/** The agreement of a job's agent: the signature of its wallet over the job (`signConsent`), or what obtains it. */
export type Consent = Hex | ((job: Job) => Promise<Hex>)

/** A payload, or the digest of one that the payload store holds already. */
export type PayloadOrDigest<payload> = payload | { readonly digest: Digest }

/** What is to be verified, and how surely. */
export type JobParameters = {
  /** `owner/name@version`, with the address of the model's first owner, or a `modelVersionId`. */
  readonly model: string
  /** One input, or a batch of them. */
  readonly input: PayloadOrDigest<InferenceInput | BatchInput>
  /** What the model answered: one output, or a batch of as many as there are inputs. */
  readonly output: PayloadOrDigest<InferenceOutput | BatchOutput>
  /** The ERC-8004 agent that produced the output. Default: none. */
  readonly agent?: { readonly id: bigint } | undefined
  /** Receives the reward. Default: the agent's wallet; nobody where there is no agent. */
  readonly payee?: Address | undefined
  /** Share of the total stake weight that decides, in basis points: 5001..10000. Default: 6667. */
  readonly quorumBps?: number | undefined
  /** Least number of operators on the winning side: 1..256. Default: 1. */
  readonly minAttestations?: number | undefined
  /** Least confidence for a vote to count as valid, in basis points: 100..the version's. Default: the version's. */
  readonly minConfidence?: number | undefined
  /** 32 bytes that nobody can guess before the output exists; of a canary, that of `createCanary`. Default: random. */
  readonly salt?: Hex | undefined
  /** Aborts what happens before the transaction is sent. */
  readonly signal?: AbortSignal | undefined
}

/** A job and all that is known of it. Built by `requester.prepareJob`. */
export type PreparedJob = {
  readonly job: Job
  /** Its EIP-712 digest: what the agent signs. */
  readonly jobId: Hex
  /** The payloads' bytes; `undefined` where only the digest was given. */
  readonly encoded: { readonly input: EncodedPayload | undefined; readonly output: EncodedPayload | undefined }
  /** The model version with its manifest and policy, checked against the chain. */
  readonly model: getModelPolicy.ReturnType
}

/** Until when votes are accepted. */
export type Deadline =
  /** From now, by the clock of the chain; what storing the payloads takes is part of it. Fractions are rounded up. */
  | { readonly seconds: number }
  /** Unix time in seconds. */
  | { readonly timestamp: number }

/** What is paid, and when. */
export type RequestTerms = {
  /** Paid to the payee if the output is verified, in the smallest unit of the asset (wei). */
  readonly reward: bigint
  /**
   * Shared by the operators that voted with the outcome, in the smallest unit of the asset. Default: the least that the
   * model's owner asks for at that moment, however much that is: name what you would pay, and more is refused.
   */
  readonly verificationFee?: bigint | undefined
  /** The ERC-20 to pay with. Default: the native currency (the zero address). */
  readonly asset?: Address | undefined
  /** Whether reward and fee are paid with the transaction or from the requester's deposit. Default: `'call'`. */
  readonly funding?: 'call' | 'deposit' | undefined
  readonly deadline: Deadline
  /** Seconds in which operators commit to votes before anyone reveals one. Default: 0, no commitments. */
  readonly commitWindow?: number | undefined
  /**
   * Tells apart requests that are otherwise equal: 0..2^256 − 1. Of signed requests (`certify`) with one nonce, only one
   * can be settled. Default: one that was never drawn before, next to the requester's last.
   */
  readonly nonce?: bigint | undefined
  /**
   * Whether the payloads' bytes travel with the transaction instead of through the payload store; 120 KiB at most. What
   * is given by digest never does, and a batch cannot. Default: only if `payloads` takes none.
   */
  readonly inline?: boolean | undefined
  /** Aborts what happens before the transaction is sent. */
  readonly signal?: AbortSignal | undefined
}

/** What is to be verified, what is paid, and until when: of a new job, or of a prepared one. */
export type RequestParameters = RequestTerms &
  (
    | (Omit<JobParameters, 'agent'> & {
        /** The ERC-8004 agent that produced the output, and its consent unless that is recorded already. Default: none. */
        readonly agent?: { readonly id: bigint; readonly consent?: Consent | undefined } | undefined
      })
    | {
        readonly prepared: PreparedJob
        /** Needed where the job names an agent whose consent is not recorded yet. */
        readonly consent?: Consent | undefined
      }
  )

/** What reveals a canary: the job, and what `createCanary` returned for it. */
export type RevealCanaryParameters = Pick<revealCanary.BoundParameters, 'job' | 'isValid' | 'secret'> &
  Pick<BlockRangeParameters, 'fromBlock' | 'blocksPerQuery'> & {
    /** Reveal it even while operators can still vote. Default: `false`. */
    readonly force?: boolean | undefined
  }

/** How an outcome is waited for, and who settles. */
export type OutcomeOptions = Pick<
  waitForOutcome.Parameters,
  'blocksPerQuery' | 'pollingInterval' | 'settle' | 'signal' | 'timeout'
>

/** How a request ended. */
export type Outcome = waitForOutcome.ReturnType & {
  /** Seconds from opening to end, by the clock of the chain; 0 of a certified request, which opens as it ends. */
  readonly latency: number
}

export type ReceiptOptions = OutcomeOptions & {
  /** Of the 4Mica guarantee whose receipt is meant. Default: none; the job's own receipt. */
  readonly binding?: Binding | undefined
  /**
   * Post the receipt, and feedback on the agent, with the client's account where nobody has yet. Default: `true`.
   */
  readonly post?: boolean | undefined
}

/** An opened request. Built by `requester.request` and `requester.resume`. */
export type InferenceRequest = {
  readonly id: Hex
  readonly jobId: Hex
  readonly job: Job
  readonly request: Request
  readonly transactionHash: Hash
  /** The block of its opening. */
  readonly blockNumber: bigint
  readonly gasUsed: bigint
  /**
   * Waits until the request is verified, rejected or expired, as `waitForOutcome` does; but settles it itself where that
   * is needed, with the client's account, unless `settle` is false. May be called any number of times.
   *
   * @throws `OutcomeTimeoutError`, the reason of `signal`; with `settle: false`, `RequestUnsettledError`
   *
   * @example
   * const { status, attestations } = await request.outcome({ timeout: 300_000 })
   */
  outcome(options?: OutcomeOptions): Promise<Outcome>
  /**
   * Waits for the outcome, posts it to the ERC-8004 registries unless somebody has, and checks the receipt end to end,
   * as `verifyReceipt` does: a receipt that proves nothing is a report, not an error. The agent must have filed the
   * validation request.
   *
   * @throws `InvalidAgentError` at once for a job without an agent, which has no receipt; as `outcome` and
   * `verifyReceipt`; `JobNotDecidedError` where the request expired; with `post`, what
   * `postReceipt` and `postFeedback` throw.
   *
   * @example
   * const receipt = await request.receipt()
   * if (receipt.status === 'verified') console.log(receipt.proven)
   */
  receipt(options?: ReceiptOptions): Promise<verifyReceipt.ReturnType>
}

/** What is certified, by whose help. It is paid from the deposit, and has no commit window. */
export type CertifyParameters = DistributiveOmit<RequestParameters, 'commitWindow' | 'funding' | 'inline'> & {
  /** Where operators find the request and bring their votes, see `httpAggregator`. */
  readonly aggregator: RequesterAggregator
}

type DistributiveOmit<type, key extends PropertyKey> = type extends unknown ? Omit<type, key> : never

/** How long a certificate is waited for. */
export type CertificateOptions = {
  /** Milliseconds to wait at most. Default: until the request's deadline. */
  readonly timeout?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** A consensus that was checked against the chain, with what it takes to settle it. */
export type VerifiedCertificate = verifyCertificate.ReturnType & { readonly certificate: Certificate }

/** A signed request. Built by `requester.certify`. */
export type CertifiedRequest = {
  readonly id: Hex
  readonly jobId: Hex
  readonly job: Job
  readonly request: Request
  /** Whoever holds it can have the request settled against the deposit until the deadline. */
  readonly requesterSignature: Hex
  /**
   * Waits for a consensus of the operators, and checks it against the chain (`verifyCertificate`): before the request
   * itself is there. Hands the request in again where the aggregator has forgotten it. May be called any number of
   * times.
   *
   * @throws `CertificateTimeoutError`, `AggregatorUnavailableError`, `AggregatorRefusedError`,
   * `AggregatorAnswerInvalidError`, the reason of `signal`, what `verifyCertificate` throws.
   *
   * @example
   * const { status, response } = await request.certificate({ timeout: 10_000 })
   */
  certificate(options?: CertificateOptions): Promise<VerifiedCertificate>
  /**
   * Waits until the request is settled on chain.
   *
   * With `openAfter` it does without the aggregator where need be: without a certificate after so many milliseconds, the
   * request is opened on chain as with `open`.
   *
   * @throws `RequestNeverOpenedError` where the deadline passed before, `OutcomeTimeoutError`, the reason of `signal`;
   * with `settle: false`, `RequestUnsettledError`; with `openAfter`, what `open` throws.
   *
   * @example
   * const { status } = await request.outcome({ openAfter: 10_000 })
   */
  outcome(options?: OutcomeOptions & { readonly openAfter?: number | undefined }): Promise<Outcome>
  /**
   * Waits until the request is settled on chain, and checks its receipt as that of an opened request.
   *
   * @throws As `outcome`, and as `receipt` of an {@link InferenceRequest}.
   *
   * @example
   * const receipt = await request.receipt()
   */
  receipt(options?: ReceiptOptions & { readonly openAfter?: number | undefined }): Promise<verifyReceipt.ReturnType>
  /**
   * Opens the very same request on chain, paid from the deposit: what operators signed for it stays good, and they see
   * it without an aggregator.
   *
   * @throws `RequestAlreadyOpenedError`, `JobAlreadyDecidedError` where it is settled already, and all that
   * `requestInferenceVerification` throws.
   *
   * @example
   * const opened = await request.open()
   * const outcome = await opened.outcome()
   */
  open(): Promise<InferenceRequest>
}
