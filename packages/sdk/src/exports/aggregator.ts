/**
 * Consensus off chain: a server that collects signed requests and votes, and the client that requesters and operators
 * reach it by.
 *
 * @module @proof-of-inference/sdk/aggregator
 */

export type { CallInfo } from '../aggregator/app.ts'
export {
  type Aggregator,
  type AggregatorConfig,
  type AggregatorLimits,
  type AggregatorStatus,
  createAggregator,
} from '../aggregator/createAggregator.ts'
export {
  type HttpAggregator,
  type HttpAggregatorOptions,
  httpAggregator,
  type RequesterAggregator,
} from '../aggregator/httpAggregator.ts'
export type { Rate } from '../aggregator/limits.ts'
export type { Reason, RequestProgress } from '../aggregator/protocol.ts'
export type { AggregatorClient, RevealedVote, SignedCommitment, SignedRequest } from '../aggregator/types.ts'
export {
  AggregatorAnswerInvalidError,
  AggregatorRefusedError,
  AggregatorRunningError,
  AggregatorUnavailableError,
} from '../errors/aggregator.ts'
