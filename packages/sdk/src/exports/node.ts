/**
 * What needs Node: stores in a directory, a server for the aggregator, runners in a worker thread.
 *
 * @module @proof-of-inference/sdk/node
 */

export { type AggregatorServer, serveAggregator } from '../aggregator/serveAggregator.ts'
export { directoryStore } from '../operator/directoryStore.ts'
export { directoryPayloadStore } from '../payload/directoryPayloadStore.ts'
export { directoryPaymentStore } from '../payments/directoryPaymentStore.ts'
export { type WorkerRunnerOptions, workerRunner } from '../runner/workerRunner.ts'
