import { domainSeparator, encodeAbiParameters, encodePacked, type Hex, keccak256, toHex } from 'viem'
import {
  type Attestation,
  attestationTypes,
  type Job,
  jobTypes,
  type Request,
  requestTypes,
  type SigningDomain,
  toTypedDataDomain,
} from '../../src/utils/typedData.ts'

/** EIP-712 digests of a deployment, remembered: they are most of what a scenario costs. */
export function createDigests(domain: SigningDomain) {
  const separator = domainSeparator({ domain: toTypedDataDomain(domain) })
  /** Every field is one static word. */
  const createHash = <fields extends readonly { readonly name: string; readonly type: string }[]>(
    name: string,
    fields: fields,
  ) => {
    const typeHash = keccak256(toHex(`${name}(${fields.map(({ name, type }) => `${type} ${name}`).join()})`))
    const types = [{ type: 'bytes32' }, ...fields.map(({ type }) => ({ type }))]
    const known = new Map<string, Hex>()
    return (values: Readonly<Record<fields[number]['name'], unknown>>): Hex => {
      const words = fields.map(({ name }) => values[name as fields[number]['name']])
      const key = words.join()
      const digest =
        known.get(key) ??
        keccak256(
          encodePacked(
            ['bytes2', 'bytes32', 'bytes32'],
            ['0x1901', separator, keccak256(encodeAbiParameters(types, [typeHash, ...words]))],
          ),
        )
      known.set(key, digest)
      return digest
    }
  }
  const hashJob: (job: Job) => Hex = createHash('Job', jobTypes.Job)
  const hashRequest: (request: Request) => Hex = createHash('Request', requestTypes.Request)
  const hashAttestation: (attestation: Attestation) => Hex = createHash('Attestation', attestationTypes.Attestation)
  return { hashJob, hashRequest, hashAttestation }
}

export type Digests = ReturnType<typeof createDigests>
