export { type AggregatorServer, serveAggregator } from '../aggregator/serveAggregator.ts'
export { directoryStore } from '../operator/directoryStore.ts'
export { directoryPayloadStore } from '../payload/directoryPayloadStore.ts'
export { type WorkerRunnerOptions, workerRunner } from '../runner/workerRunner.ts'
