export { directoryStore } from '../operator/directoryStore.ts'
export { directoryPayloadStore } from '../payload/directoryPayloadStore.ts'
