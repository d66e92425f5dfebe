import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createMarkdownRenderer, defineLoader } from 'vitepress'

/** `what` is HTML. */
type ErrorPage = { name: string; link: string; what: string }
declare const data: ErrorPage[]

export { data }

const folder = path.resolve(import.meta.dirname, '../errors')

export default defineLoader({
  watch: ['../errors/*-error.md'],
  async load(): Promise<ErrorPage[]> {
    const markdown = await createMarkdownRenderer(folder)
    return readdirSync(folder)
      .filter((file) => file.endsWith('-error.md'))
      .map((file) => {
        const text = readFileSync(path.join(folder, file), 'utf8')
        const [name, what] = [/^# (\w+)$/m.exec(text)?.[1], /\*\*What happened\.\*\* (.+)/.exec(text)?.[1]]
        if (!name || !what) throw new Error(`docs/errors/${file} has no heading, or does not say what happened.`)
        return { name, link: `./${file.slice(0, -3)}`, what: markdown.renderInline(what) }
      })
  },
})
