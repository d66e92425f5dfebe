// What the docs' scripts read of a Markdown file.

/**
 * The fenced code blocks of a Markdown text. `lang` and `title` are those of the fence: ```lang [title] rest.
 *
 * @returns {{ lang: string, title: string | undefined, info: string, code: string, line: number }[]} `line`: of the first line of
 * code, from 1.
 */
export function codeBlocks(markdown) {
  const blocks = []
  let open
  for (const [index, line] of markdown.split('\n').entries()) {
    if (open) {
      if (new RegExp(`^\\s*${open.fence}+\\s*$`).test(line)) {
        const { fence: _, indent, lines, ...block } = open
        blocks.push({
          ...block,
          code: lines.map((each) => each.replace(new RegExp(`^\\s{0,${indent}}`), '')).join('\n'),
        })
        open = undefined
      } else open.lines.push(line)
      continue
    }
    const [, space, fence, info] = /^(\s*)(`{3,}|~{3,})([^`]*)$/.exec(line) ?? []
    if (fence === undefined) continue
    const [, lang = '', rest = ''] = /^\s*(\S*)\s*(.*)$/.exec(info) ?? []
    const title = /^\[(.+?)\]/.exec(rest)?.[1]
    open = {
      lang,
      title,
      info: rest.replace(/^\[.+?\]\s*/, '').trim(),
      line: index + 2,
      fence,
      indent: space.length,
      lines: [],
    }
  }
  if (open) throw new Error(`The code block that opens before line ${open.line} is not closed.`)
  return blocks
}

/** The text without its fenced code blocks, line for line. */
export function withoutCode(markdown) {
  const lines = markdown.split('\n')
  for (const { line, code } of codeBlocks(markdown)) {
    const count = code.split('\n').length
    lines.fill('', line - 2, line + count)
  }
  return lines.join('\n')
}

/** The anchor of a heading, as GitHub makes it, and the site's configuration likewise. */
export function slug(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replace(/ /g, '-')
}

/** The anchors of all headings of a Markdown text. */
export function anchors(markdown) {
  const found = new Set()
  for (const [, heading] of withoutCode(markdown).matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const base = slug(heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/<[^>]+>|[*`]/g, ''))
    let anchor = base
    for (let count = 1; found.has(anchor); count++) anchor = `${base}-${count}`
    found.add(anchor)
  }
  return found
}
