// Type-checks the TypeScript blocks of Markdown files, and the @example blocks of docstrings. See CONTRIBUTING.md for the rules.
import path from 'node:path'
import ts from 'typescript'
import { codeBlocks } from './markdown.mjs'

const root = path.resolve(import.meta.dirname, '../..')
export const prelude = path.join(root, 'scripts/docs/prelude.d.ts')
const { compilerOptions } = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile).config
const { options } = ts.convertCompilerOptionsFromJson(compilerOptions, root)

/** What has been parsed, for the next program. */
const parsed = new Map()

function createHost() {
  const host = ts.createCompilerHost(options)
  const { getSourceFile } = host
  host.getSourceFile = (name, ...rest) => {
    if (!parsed.has(name)) parsed.set(name, getSourceFile(name, ...rest))
    return parsed.get(name)
  }
  return host
}

/** Where a block is, for a report. */
const at = (file, line) => `${path.relative(root, file)}:${line}`

/**
 * What a block imports, by local name, and the rest of it: with blanks in place of what only the top of a module may have, so that
 * lines and columns stay.
 */
function split(code) {
  const source = ts.createSourceFile('block.ts', code, ts.ScriptTarget.Latest, true)
  const imports = new Map()
  let body = code
  const blank = (start, end, replacement = '') => {
    const text = body.slice(start, end)
    const rest = text.slice(replacement.length).replace(/[^\n]/g, ' ')
    body = body.slice(0, start) + replacement + rest + body.slice(end)
  }
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) {
      const from = statement.moduleSpecifier.getText()
      const clause = statement.importClause
      const type = clause?.isTypeOnly ? 'type ' : ''
      if (!clause) imports.set(from, `import ${from}`)
      if (clause?.name) imports.set(clause.name.text, `import ${type}${clause.name.text} from ${from}`)
      const bindings = clause?.namedBindings
      if (bindings && ts.isNamespaceImport(bindings))
        imports.set(bindings.name.text, `import ${type}* as ${bindings.name.text} from ${from}`)
      if (bindings && ts.isNamedImports(bindings))
        for (const each of bindings.elements)
          imports.set(each.name.text, `import { ${each.isTypeOnly ? '' : type}${each.getText()} } from ${from}`)
      blank(statement.getStart(), statement.end)
    } else if (ts.isVariableStatement(statement) && isDeclared(statement)) {
      // `declare` is for the top of a module: given here, and not initialized
      const [{ name }] = statement.declarationList.declarations
      blank(statement.getStart(), name.end, `let ${name.text}!`)
    } else if (ts.isExportAssignment(statement))
      blank(statement.getStart(), statement.expression.getStart(), 'const _ =')
    else if (ts.canHaveModifiers(statement))
      for (const modifier of ts.getModifiers(statement) ?? [])
        if (modifier.kind === ts.SyntaxKind.ExportKeyword) blank(modifier.getStart(), modifier.end)
  }
  return { imports, body }
}

function isDeclared(statement) {
  return (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword)
}

/** The module of a block that goes on where the page's earlier blocks ended: each is a scope within that of the one before. */
function toModule(blocks) {
  const parts = blocks.map(({ code }) => split(code))
  const own = parts.at(-1)?.imports ?? new Map()
  // The last to import a name has it: earlier blocks are checked by themselves.
  const earlier = new Map(parts.flatMap((part) => [...part.imports]).filter(([name]) => !own.has(name)))
  const head = `${[...earlier.values()].join('; ')}; export {}\n${[...own.values()].join('; ')}; {\n`
  const bodies = parts.map(({ body }) => `${body}\n`)
  const text = `${head}${bodies.join('{\n')}${'}'.repeat(blocks.length)}\n`
  const linesBefore =
    `${head}${bodies
      .slice(0, -1)
      .map((body) => `${body}{\n`)
      .join('')}`.split('\n').length - 1
  return { text, linesBefore }
}

/** The modules to check for a Markdown file. */
export function pageModules(file, markdown) {
  const blocks = codeBlocks(markdown).filter(({ lang, info }) => lang === 'ts' && info === '')
  const folder = `${file}.blocks`
  const given = [...markdown.matchAll(/^<!-- given\n(.*?)^-->$/gms)].map((match) => ({
    code: match[1],
    line: markdown.slice(0, match.index).split('\n').length + 1,
  }))
  const scope = []
  return [...given, ...blocks].map((block) => {
    const origin = { file, line: block.line }
    // A file of its own, which the others import by its name.
    if (block.title !== undefined)
      return { name: path.join(folder, block.title), text: `${block.code}\nexport {}\n`, linesBefore: 0, origin }
    scope.push(block)
    return { name: path.join(folder, `block${block.line}.ts`), origin, ...toModule(scope) }
  })
}

/** What modules export, by name: how it is imported from where. */
function importsOf(program, modules) {
  const checker = program.getTypeChecker()
  const found = new Map()
  for (const [specifier, file] of modules) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file))
    if (!module && specifier !== file) throw new Error(`${file} is no module.`)
    for (const symbol of module ? checker.getExportsOfModule(module) : []) {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
      const type = target.flags & ts.SymbolFlags.Value ? '' : 'type '
      if (!found.has(symbol.name)) found.set(symbol.name, `import { ${type}${symbol.name} } from '${specifier}'`)
    }
  }
  return found
}

/** The names that an example uses, without those of properties. */
function namesIn(code) {
  const names = new Set()
  const visit = (node) => {
    const isMember =
      (ts.isPropertyAccessExpression(node.parent ?? node) && node.parent.name === node) ||
      (ts.isPropertyAssignment(node.parent ?? node) && node.parent.name === node)
    if (ts.isIdentifier(node) && !isMember) names.add(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest, true))
  return names
}

/** The @example blocks of a source file's docstrings. */
function examplesOf(file) {
  const source = ts.createSourceFile(file, ts.sys.readFile(file), ts.ScriptTarget.Latest, true)
  const examples = []
  const visit = (node) => {
    for (const doc of node.jsDoc ?? [])
      for (const tag of doc.tags ?? [])
        if (tag.tagName.text === 'example')
          examples.push({
            code: ts.getTextOfJSDocComment(tag.comment) ?? '',
            line: source.getLineAndCharacterOfPosition(tag.getStart()).line + 2,
          })
    ts.forEachChild(node, visit)
  }
  visit(source)
  return examples
}

/**
 * The modules to check for the docstrings of source files: each example by itself. What the packages export, what its file
 * exports, and what viem does, it may use without importing it. Values that an app has need no declaration; what is called does.
 *
 * @param {[name: string, file: string][]} entries What packages export.
 */
export function exampleModules(files, entries) {
  const program = ts.createProgram([...files, ...entries.map(([, file]) => file)], options, createHost())
  const exported = importsOf(program, entries)
  return files.flatMap((file) => {
    const own = importsOf(program, [[file, file]])
    return examplesOf(file).map(({ code, line }) => {
      const { body } = split(code)
      const imports = [...namesIn(code)].flatMap((name) => own.get(name) ?? exported.get(name) ?? [])
      const head = `${imports.join('; ')}; export const example = async () => {\n`
      return {
        isExample: true,
        name: `${file}.example${line}.ts`,
        text: `${head}${body}\n}\n`,
        linesBefore: 1,
        origin: { file, line },
      }
    })
  })
}

/** TypeScript's codes for a name that is not declared, and for what follows from one having no type. */
const unknownName = new Set([2304, 2552, 7006, 18004, 18046])

/** Functions in examples that are not ours: what an app does, and what its packages are called. */
const ofTheApp = new Set([
  ...[
    'askAgent',
    'attest',
    'check',
    'createEscrowFixture',
    'createSchema',
    'dropSchema',
    'linearRunner',
    'postgresStore',
  ],
  ...['readFile', 's3PayloadStore', 'save', 'shared', 'tryAnotherStore'],
])

/** Whether what is there is called, and is not of the app. */
function isCalled(source, position) {
  const find = (node) =>
    ts.forEachChild(node, (child) =>
      child.getStart(source) <= position && position < child.end ? (find(child) ?? child) : undefined,
    )
  const node = find(source)
  return (
    node !== undefined &&
    !ofTheApp.has(node.text) &&
    ts.isCallExpression(node.parent) &&
    node.parent.expression === node
  )
}

/**
 * Reports what is wrong with modules, a line each.
 *
 * @param {{ name: string, text: string, linesBefore: number, origin: { file: string, line: number } }[]} modules
 * @returns {string[]}
 */
export function checkModules(modules, given) {
  const texts = new Map(modules.map(({ name, text }) => [name, text]))
  const host = createHost()
  const { fileExists, readFile, getSourceFile } = host
  const folders = new Set([...texts.keys()].map((name) => path.dirname(name)))
  host.directoryExists = (name) => folders.has(name) || ts.sys.directoryExists(name)
  host.fileExists = (name) => texts.has(name) || fileExists(name)
  host.readFile = (name) => texts.get(name) ?? readFile(name)
  host.getSourceFile = (name, version, ...rest) =>
    texts.has(name) ? ts.createSourceFile(name, texts.get(name), version, true) : getSourceFile(name, version, ...rest)
  const program = ts.createProgram([...(given ? [given] : []), ...texts.keys()], options, host)
  const problems = []
  for (const { messageText } of given ? program.getSemanticDiagnostics(program.getSourceFile(given)) : [])
    problems.push(`${at(given, 1)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
  for (const { name, linesBefore, origin, isExample } of modules) {
    const source = program.getSourceFile(name)
    for (const { start = 0, code, messageText } of [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ]) {
      const position = source.getLineAndCharacterOfPosition(start).line
      // What is wrong with an earlier block is said for that one; the second line has what this one imports.
      if (position < linesBefore && position !== 1) continue
      const line = Math.max(position - linesBefore, 0)
      if (isExample && unknownName.has(code) && !isCalled(source, start)) continue
      problems.push(`${at(origin.file, origin.line + line)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
    }
  }
  return problems
}

/** The names that blocks may use without declaring them. */
export function preludeNames() {
  return [...(ts.sys.readFile(prelude) ?? '').matchAll(/^ {2}const (\w+):/gm)].map(([, name]) => name)
}
