import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { defineConfig } from 'vitepress'
import { slug } from '../../scripts/docs/markdown.mjs'
import { sidebars } from './pages.ts'

const repository = 'https://github.com/proof-of-inference/proof-of-inference'
const docs = path.resolve(import.meta.dirname, '..')
const root = path.resolve(docs, '..')

/** Where a relative link of a page leads: within the docs to a page or the index of a folder, otherwise to the repository. */
function resolveLink(href: string, page: string): string {
  if (/^(?:[a-z+]+:|\/|#)/i.test(href)) return href
  const [, file = '', anchor = ''] = /^([^#]*)(#.*)?$/.exec(href) ?? []
  const target = path.resolve(path.dirname(page), file)
  const isFolder = existsSync(target) && statSync(target).isDirectory()
  if (isFolder && existsSync(path.join(target, 'index.md'))) return `${file.replace(/\/?$/, '/')}${anchor}`
  if (!isFolder && target.startsWith(`${docs}${path.sep}`)) return href
  return `${repository}/${isFolder ? 'tree' : 'blob'}/main/${path.relative(root, target)}${anchor}`
}

export default defineConfig({
  title: 'Proof-of-Inference Market',
  description: 'Have the output of an ML model verified by restaked operators: SDK, verifiers, contracts.',
  lang: 'en',
  // A site under a path is built with it: DOCS_BASE=/path/
  base: process.env.DOCS_BASE ?? '/',
  cleanUrls: true,
  lastUpdated: false,
  vite: { build: { chunkSizeWarningLimit: 1_000 } },
  metaChunk: true,
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: {
    // as GitHub has them, so that a link with an anchor is good in both
    anchor: { slugify: slug },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config(md) {
      md.core.ruler.push('relative-links', ({ tokens, env }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const href = token.type === 'link_open' && token.attrGet('href')
          if (href) token.attrSet('href', resolveLink(href, env.path))
        }
      })
      // as GitHub shows `- [ ] `
      md.core.ruler.push('checkboxes', ({ tokens }) => {
        for (const [index, { children }] of tokens.entries()) {
          const first = children?.[0]
          if (tokens[index - 2]?.type !== 'list_item_open' || !first?.content.startsWith('[ ] ')) continue
          first.type = 'html_inline'
          first.content = `<input type="checkbox" aria-label="to do" disabled> ${md.utils.escapeHtml(first.content.slice(4))}`
        }
      })
    },
  },
  // VitePress leads from a page that is not in the sidebar to the first that is
  transformPageData({ relativePath, frontmatter }) {
    if (/^errors\/.+-error\.md$/.test(relativePath))
      Object.assign(frontmatter, { prev: { text: 'Errors', link: '/errors/' }, next: false })
    if (/^reference\/.+\/(?!index\.md)[^/]+$|\/namespaces\//.test(relativePath))
      Object.assign(frontmatter, { prev: false, next: false })
  },
  themeConfig: {
    nav: [
      { text: 'Quickstart', link: '/quickstart' },
      { text: 'Concepts', link: '/concepts/roles', activeMatch: '^/concepts/' },
      { text: 'Guides', link: '/guides/run-an-operator', activeMatch: '^/guides/' },
      { text: 'Reference', link: '/reference/', activeMatch: '^/reference/' },
      { text: 'Errors', link: '/errors/', activeMatch: '^/errors/' },
    ],
    sidebar: sidebars(),
    outline: [2, 3],
    socialLinks: [{ icon: 'github', link: repository }],
    search: {
      provider: 'local',
      options: {
        // Of the reference, what a thing is called and what it is: signatures match everything.
        _render(source, env, md) {
          // what a function has under its name is told on the function's page
          if (/^reference\/.*\/namespaces\//.test(env.relativePath)) return ''
          const html = md.render(source, env)
          if (!env.relativePath.startsWith('reference/')) return html
          const headings = html.search(/<h2[ >]/)
          return (headings < 0 ? html : html.slice(0, headings)).replace(/<div class="language-[\s\S]*?<\/div>/g, '')
        },
        miniSearch: { searchOptions: { boostDocument: (id) => (/^\/reference\//.test(id) ? 0.5 : 1) } },
      },
    },
  },
})
