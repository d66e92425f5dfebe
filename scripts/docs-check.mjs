// What the docs say is right: code blocks compile, JSON parses, commands and scripts that are named exist, links and anchors lead
// somewhere. For every Markdown file but the generated reference, and the examples of docstrings. `npm run docs:check`.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { anchors, codeBlocks, withoutCode } from './docs/markdown.mjs'
import { checkModules, exampleModules, pageModules, prelude, preludeNames } from './docs/typescript.mjs'

const root = path.resolve(import.meta.dirname, '..')
const repository = 'https://github.com/proof-of-inference/proof-of-inference/'
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))

const tracked = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
if (tracked.status !== 0) throw new Error(`git ls-files: ${tracked.stderr}`)
const files = tracked.stdout.split('\0').filter((file) => file !== '' && existsSync(path.join(root, file)))
const folders = new Set(files.flatMap((file) => parents(file)))
const problems = []

function parents(file) {
  const folder = path.dirname(file)
  return folder === '.' ? ['.'] : [folder, ...parents(folder)]
}

const pages = files
  .filter((file) => file.endsWith('.md'))
  .map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }))

/** What is wrong with a block, if anything; TypeScript is checked apart. */
const checks = {
  ts({ info, code }) {
    if (info === '' || /^no-check: \S+/.test(info)) return
    const source = /^excerpt of (\S+)$/.exec(info)?.[1]
    if (source === undefined)
      return `what does '${info}' mean? A reason not to compile a block is given as 'no-check: reason'`
    if (!files.includes(source)) return `there is no ${source}`
    // `…` stands for any lines between
    const lines = readFileSync(path.join(root, source), 'utf8')
      .split('\n')
      .map((line) => line.trim())
    let position = 0
    for (const line of code.split('\n').map((each) => each.trim())) {
      if (line === '…' || line === '') continue
      position = lines.indexOf(line, position) + 1
      if (position === 0) return `${source} does not have, here: ${line}`
    }
  },
  sh({ code }) {
    return missingCommand(code)
  },
  json({ code }) {
    try {
      JSON.parse(code)
    } catch (error) {
      return error.message
    }
  },
  text() {},
}

/** npm's own commands that are in the docs. */
const npmCommands = new Set(['ci', 'install', 'init', 'pack', 'pkg', 'run', 'start', 'test'])

/** A command of npm, or a script of this repository, that is named and not there. */
function missingCommand(text) {
  for (const [command, rest] of text.matchAll(/(?<![\w-])npm( [^\n`&|;]*)/g)) {
    const words = rest.trim().split(/\s+/)
    const workspace = /(?:-w|--workspace) (\S+)/.exec(rest)?.[1]
    const names = words.filter(
      (word, index) => !word.startsWith('-') && !/^(-w|--workspace)$/.test(words[index - 1] ?? ''),
    )
    const [name, script] = names
    if (name === undefined || !npmCommands.has(name)) return `what is '${command.trim()}'?`
    if (workspace !== undefined && !workspace.startsWith('@') && !files.includes(`${workspace}/package.json`))
      return `there is no ${workspace}`
    const own =
      workspace === undefined
        ? scripts
        : JSON.parse(readFileSync(path.join(root, workspace, 'package.json'), 'utf8')).scripts
    const wanted = name === 'run' ? script : name === 'start' || name === 'test' ? name : undefined
    if (wanted !== undefined && own?.[wanted] === undefined) return `there is no script '${wanted}'`
  }
  for (const [, script] of text.matchAll(
    /(?<![\w./-])(?:\.\.\/)?((?:scripts|bench|tools|examples)\/[\w./-]+\.(?:mjs|ts|sh))/g,
  ))
    if (!files.includes(script)) return `there is no ${script}`
}

const isFolder = (file) => folders.has(file)

/** What is wrong with a link of a file, if anything. */
function brokenLink(href, file) {
  const [, target = '', anchor] = /^([^#]*)(?:#(.*))?$/.exec(href) ?? []
  const own = /^https:\/\/github\.com\/proof-of-inference\/proof-of-inference\/(?:blob|tree)\/main\/(.*)$/.exec(
    target,
  )?.[1]
  if (own === undefined && /^(?:[a-z+]+:|\/\/)/i.test(target))
    return target.startsWith(repository) ? 'it is not on the branch main' : undefined
  if (target.startsWith('/')) return 'it is absolute: it leads somewhere on one site only'
  const linked =
    own ?? (target === '' ? file : path.normalize(path.join(path.dirname(file), decodeURI(target))).replace(/\/$/, ''))
  if (!files.includes(linked) && !isFolder(linked)) return `there is no ${linked}`
  if (anchor === undefined || !linked.endsWith('.md')) return
  if (!anchors(readFileSync(path.join(root, linked), 'utf8')).has(anchor)) return `${linked} has no heading '${anchor}'`
}

for (const { file, text } of pages) {
  for (const block of codeBlocks(text)) {
    const check = checks[block.lang]
    const problem = check
      ? check(block)
      : `the language '${block.lang}' of the block is not checked; a block that is no code is 'text'`
    if (problem) problems.push(`${file}:${block.line}: ${problem}`)
  }
  for (const [index, line] of withoutCode(text).split('\n').entries()) {
    for (const [, code] of line.matchAll(/`([^`]+)`/g)) {
      const problem = /^(?:npm|node) /.test(code) && missingCommand(code)
      if (problem) problems.push(`${file}:${index + 1}: ${problem}`)
    }
    const links = [
      ...line.matchAll(/\]\(([^)\s]+)\)/g),
      ...line.matchAll(/^\[[^\]]+\]: (\S+)/g),
      ...line.matchAll(/(?<![:\w-])(?:href|src)="([^"]+)"/g),
    ]
    for (const [, href] of links) {
      const problem = brokenLink(href, file)
      if (problem) problems.push(`${file}:${index + 1}: ${href}: ${problem}`)
    }
  }
}

const sources = files.filter((file) => /^packages\/[^/]+\/src\/.*\.ts$/.test(file) && !file.endsWith('.test.ts'))
const entries = {
  viem: 'node_modules/viem/_types/index.d.ts',
  'viem/accounts': 'node_modules/viem/_types/accounts/index.d.ts',
}
for (const file of sources) {
  const [, entry] = /^packages\/sdk\/src\/exports\/(.+)\.ts$/.exec(file) ?? []
  const [, name] = /^packages\/([^/]+)\/src\/index\.ts$/.exec(file) ?? []
  if (entry) entries[`@proof-of-inference/sdk${entry === 'index' ? '' : `/${entry}`}`] = file
  if (name) entries[`@proof-of-inference/${name}`] = file
}
const absolute = (file) => path.join(root, file)
const modules = pages.flatMap(({ file, text }) => pageModules(absolute(file), text))
const examples = exampleModules(
  sources.map(absolute),
  Object.entries(entries).map(([name, file]) => [name, absolute(file)]),
)
problems.push(...checkModules(modules, prelude), ...checkModules(examples))
const texts = modules.map(({ text }) => text).join('\n')
for (const name of preludeNames())
  if (!new RegExp(`\\b${name}\\b`).test(texts)) problems.push(`scripts/docs/prelude.d.ts: no block uses ${name}`)

for (const problem of problems) console.error(problem)
console.log(
  problems.length === 0
    ? `${pages.length} pages: links lead somewhere; ${modules.length} blocks and ${examples.length} examples compile.`
    : `${problems.length} problems.`,
)
process.exitCode = problems.length === 0 ? 0 : 1
