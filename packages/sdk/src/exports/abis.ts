/**
 * ABIs of the contracts, `as const`.
 *
 * @module @proof-of-inference/sdk/abis
 */

export * from '../abis/index.ts'
