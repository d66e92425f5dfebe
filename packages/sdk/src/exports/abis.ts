export * from '../abis/index.ts'
