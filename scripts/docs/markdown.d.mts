export type CodeBlock = { lang: string; title: string | undefined; info: string; code: string; line: number }
export function codeBlocks(markdown: string): CodeBlock[]
export function withoutCode(markdown: string): string
export function slug(heading: string): string
export function anchors(markdown: string): Set<string>
