import { directoryStore } from '../src/operator/directoryStore.ts'
import { createRecord, createVote, hashOf, owner } from './fixtures.ts'

// Signs an attestation into the store of the directory given, and holds it open until it is killed.
const store = directoryStore(process.argv[2] ?? '')
await store.open(owner, async () => ({ secret: hashOf('secret'), blockNumber: 7n, timepoint: 7 }))
const record = createRecord('a')
const vote = createVote(record.requestId)
const { attestation, signature } = vote
await store.putAttestation({ attestation, signature }, { ...record, state: { status: 'verified', vote } })
process.stdout.write('stored\n')
setInterval(() => {}, 60_000)
