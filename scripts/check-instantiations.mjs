// Holds what the types cost whoever extends a viem client by `proofOfInferenceActions`: the type instantiations of a
// small program, beside those of the same program without it. More of them is a slower editor.
import path from 'node:path'
import ts from 'typescript'
import { root } from './packages.mjs'

/** Most instantiations that the decorator may add to plain viem. */
const budget = 14_000

const viem = `
import { createPublicClient, http, publicActions } from 'viem'
export const client = createPublicClient({ transport: http() }).extend(publicActions)
export const block = client.getBlockNumber()
`
const decorated = `
import { type Deployment, proofOfInferenceActions } from '@proof-of-inference/sdk'
import { createPublicClient, http, publicActions } from 'viem'
declare const deployment: Deployment
export const client = createPublicClient({ transport: http() })
  .extend(publicActions)
  .extend(proofOfInferenceActions({ deployment }))
export const block = client.getBlockNumber()
export const outcome = client.waitForOutcome({ requestId: '0x' })
`

const { options } = ts.getParsedCommandLineOfConfigFile(
  path.join(root, 'tsconfig.json'),
  {},
  {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic({ messageText }) {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'))
    },
  },
)

/** Type instantiations of checking a program of one file; of the modules it imports, only the types it uses. */
function count(text) {
  const file = path.join(root, 'scripts/program.ts')
  const host = ts.createCompilerHost(options)
  const { fileExists, getSourceFile } = host
  host.fileExists = (name) => name === file || fileExists(name)
  host.getSourceFile = (name, target, ...rest) =>
    name === file ? ts.createSourceFile(name, text, target) : getSourceFile(name, target, ...rest)
  const program = ts.createProgram([file], options, host)
  const errors = program.getSemanticDiagnostics(program.getSourceFile(file))
  if (errors.length > 0) throw new Error(ts.formatDiagnostics(errors, { ...host, getNewLine: () => '\n' }))
  return program.getInstantiationCount()
}

const baseline = count(viem)
const total = count(decorated)
const added = total - baseline
console.log(`plain viem ${baseline} type instantiations, with the decorator ${total}: ${added} more, at most ${budget}`)
process.exitCode = added <= budget ? 0 : 1
