// Does what docs/quickstart.md says, as it says it, in a folder outside the workspace: writes the files that its blocks name, runs
// its commands, and compares what they print with what is printed there. Only the packages of this repository are installed from
// tarballs of what `npm run build` has built. `npm run docs:quickstart`.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { codeBlocks } from './docs/markdown.mjs'

const root = path.resolve(import.meta.dirname, '..')
const page = path.join(root, 'docs/quickstart.md')
/** Longest time for a block, in milliseconds. */
const limit = 180_000

/** As a shell has it that npm did not start. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|NODE_OPTIONS$)/i.test(name)),
)
env.PATH = (process.env.PATH ?? '')
  .split(path.delimiter)
  .filter((folder) => !folder.includes('node_modules'))
  .join(path.delimiter)

function succeed(command, ...args) {
  const { status, error, stdout } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with code ${status}: ${stdout}`)
  return stdout
}

/** Tarballs by package name. */
function packAll(folder) {
  const workspaces = JSON.parse(succeed('npm', 'pkg', 'get', 'private', '--workspaces', '--json'))
  const names = Object.keys(workspaces).filter((name) => workspaces[name] !== true)
  const packed = names.flatMap((name) => ['--workspace', name])
  const files = JSON.parse(
    succeed('npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', folder, ...packed),
  )
  for (const { name, files: contents } of files)
    if (!contents.some((file) => file.path.startsWith('dist/'))) throw new Error(`${name} is not built: npm run build.`)
  return new Map(files.map(({ name, filename }) => [name, path.join(folder, filename)]))
}

/** Whether a text is as printed, where `…` stands for anything: a line of it for any number of lines. */
function matches(actual, printed) {
  const pattern = printed
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '…' ? '(?:.*\n)*?' : `${line.split('…').map(literally).join('.*?')}\n`))
    .join('')
  return new RegExp(`^${pattern}$`).test(`${actual.trim()}\n`)
}

function literally(text) {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}

/** Runs commands as a terminal does, which keeps the folder. */
async function runShell(code, cwd) {
  const child = spawn('bash', ['-e', '-c', `${code}\npwd >&3`], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    timeout: limit,
  })
  const [stdout, folder] = [collect(child.stdout), collect(child.stdio[3])]
  const [status, signal] = await once(child, 'close')
  if (status !== 0) throw new Error(`It ended with ${signal ?? `code ${status}`}:\n${code}\n\n${stdout()}`)
  return { stdout: stdout(), cwd: folder().trim() }
}

function collect(stream) {
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  return () => text
}

/** Starts what goes on running in a terminal of its own; resolves when it has printed what the page says. */
async function startShell(code, cwd, printed) {
  const child = spawn('bash', ['-e', '-c', code], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    process.kill(-child.pid, 'SIGINT')
    await once(child, 'close')
  }
  const stdout = collect(child.stdout)
  const signal = AbortSignal.timeout(limit)
  try {
    while (!matches(stdout(), printed)) await once(child.stdout, 'data', { signal, close: ['end'] })
  } catch (cause) {
    await stop()
    throw new Error(`It did not print what the page says:\n${code}\n\n${stdout()}`, { cause })
  }
  return stop
}

const folder = mkdtempSync(path.join(tmpdir(), 'quickstart-'))
let stop = async () => {}
try {
  const tarballs = packAll(folder)
  const install = (code) =>
    code.replace(/^npm install .*$/gm, (line) => line.replace(/\S+/g, (word) => tarballs.get(word) ?? word))
  const blocks = codeBlocks(readFileSync(page, 'utf8'))
  let cwd = folder
  for (let index = 0; index < blocks.length; index++) {
    const { lang, title, code, line } = blocks[index]
    console.log(`docs/quickstart.md:${line} ${title ?? code.split('\n')[0]}`)
    const printed = blocks[index + 1]?.lang === 'text' ? blocks[++index].code : undefined
    if (lang === 'ts' && title !== undefined) writeFileSync(path.join(cwd, title), `${code}\n`)
    else if (lang === 'sh' && title !== undefined && printed !== undefined) stop = await startShell(code, cwd, printed)
    else if (lang === 'sh' && title === undefined) {
      const result = await runShell(install(code), cwd)
      cwd = result.cwd
      if (printed !== undefined && !matches(result.stdout, printed))
        throw new Error(`The page says:\n${printed}\n\nIt printed:\n${result.stdout}`)
    } else
      throw new Error(`docs/quickstart.md:${line}: the block is neither a file, nor commands, nor what they print.`)
  }
  console.log('docs/quickstart.md does what it says.')
} finally {
  await stop()
  rmSync(folder, { recursive: true, force: true })
}
