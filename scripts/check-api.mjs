// Holds the public API, as TypeScript sees it: `node scripts/check-api.mjs`, or `npm run generate:api` to accept changes.
//   - what every entry of every package exports, types too, is as packages/<name>/api.txt says;
//   - every public function is named in a type test: inside `expectTypeOf(…)` in some packages/*/test/types/*.test-d.ts.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import ts from 'typescript'
import { readEntries, readPackages, root } from './packages.mjs'

const { values: options } = parseArgs({ options: { update: { type: 'boolean', default: false } } })

const config = ts.getParsedCommandLineOfConfigFile(
  path.join(root, 'tsconfig.json'),
  {},
  {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic({ messageText }) {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'))
    },
  },
)

const packages = readPackages()
const typeTests = packages.flatMap(({ folder }) => {
  const tests = path.join(folder, 'test/types')
  if (!existsSync(tests)) return []
  return readdirSync(tests).map((file) => path.join(tests, file))
})
const sources = packages.flatMap((each) => readEntries(each).map(({ source }) => source))
const program = ts.createProgram([...sources, ...typeTests], config.options)
const checker = program.getTypeChecker()

/** What an import or export stands for, wherever it was re-exported from. */
const resolve = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)

function getSourceFile(file) {
  const source = program.getSourceFile(file)
  if (!source) throw new Error(`TypeScript does not find ${file}`)
  return source
}

/** The exports of an entry, by name. */
function exportsOf({ source }) {
  const module = checker.getSymbolAtLocation(getSourceFile(source))
  if (!module) throw new Error(`${source} exports nothing`)
  return checker
    .getExportsOfModule(module)
    .map((symbol) => ({ name: symbol.name, symbol: resolve(symbol) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

const isFunction = (symbol) => {
  if (!(symbol.flags & ts.SymbolFlags.Value)) return false
  return checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0
}

/** `function digest(bytes: Uint8Array): Promise<Hex>`: an export as its source declares it, a line per signature. */
function describe({ name, symbol }) {
  const { flags } = symbol
  if (flags & ts.SymbolFlags.Class) return [`class ${name}`]
  if (!(flags & ts.SymbolFlags.Value)) return [`type ${name}`]
  const signatures = checker.getTypeOfSymbol(symbol).getCallSignatures()
  if (signatures.length === 0) return [`const ${name}`]
  return signatures.map((signature) => {
    const { declaration } = signature
    if (!declaration?.type) return `function ${name}: ${checker.signatureToString(signature)}`
    const { parameters, type, typeParameters } = declaration
    const generics = typeParameters ? `<${typeParameters.map(toLine).join(', ')}>` : ''
    return `function ${name}${generics}(${parameters.map(toLine).join(', ')}): ${toLine(type)}`
  })
}

const printer = ts.createPrinter({ removeComments: true })
const toLine = (node) => printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()).replaceAll(/\s+/g, ' ')

/** Every symbol that the type tests name inside an `expectTypeOf`. */
function findTested() {
  const tested = new Set()
  const collect = (node) => {
    if (ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node)
      if (symbol) tested.add(resolve(symbol))
    }
    ts.forEachChild(node, collect)
  }
  const visit = (node) => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'expectTypeOf') {
      node.arguments.forEach(collect)
      node.typeArguments?.forEach(collect)
    }
    ts.forEachChild(node, visit)
  }
  for (const file of typeTests) visit(getSourceFile(file))
  return tested
}

const problems = []
const tested = findTested()
let functions = 0
for (const each of packages) {
  const entries = readEntries(each).map((entry) => ({ ...entry, exported: exportsOf(entry) }))
  const text = entries.map(({ specifier, exported }) => `${specifier}\n\n${exported.flatMap(describe).join('\n')}\n`)
  const file = path.join(each.folder, 'api.txt')
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const after = text.join('\n')
  if (options.update) writeFileSync(file, after)
  else if (before !== after) problems.push(...difference(path.relative(root, file), before, after))
  for (const { specifier, exported } of entries)
    for (const { name, symbol } of exported.filter(({ symbol }) => isFunction(symbol))) {
      functions += 1
      if (!tested.has(symbol)) problems.push(`${specifier}: ${name} has no type test`)
    }
}

/** What was added and removed, a line each. */
function difference(file, before, after) {
  const [old, current] = [before.split('\n'), after.split('\n')]
  return [
    `${file} is not what the packages export. If that is meant: npm run generate:api`,
    ...old.filter((line) => !current.includes(line)).map((line) => `  - ${line}`),
    ...current.filter((line) => !old.includes(line)).map((line) => `  + ${line}`),
  ]
}

for (const problem of problems) console.error(problem)
console.log(`${sources.length} entries, ${functions} public functions, ${typeTests.length} files of type tests`)
process.exitCode = problems.length === 0 ? 0 : 1
