import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { DefaultTheme } from 'vitepress'

const docs = path.resolve(import.meta.dirname, '..')

/** Sections of the sidebar: titles, and the order of the pages in their folder. */
const sections = [
  {
    text: 'Concepts',
    folder: 'concepts',
    pages: ['roles', 'life-of-a-request', 'consensus', 'payloads', 'trust'],
  },
  {
    text: 'Guides: buy and sell',
    folder: 'guides',
    pages: ['build-a-requester-agent', 'batches', 'pay-with-4mica', 'read-a-receipt', 'canaries-and-audits'],
  },
  {
    text: 'Guides: operate',
    folder: 'guides',
    pages: ['join-the-operator-set', 'run-an-operator', 'aggregator', 'slashing'],
  },
  {
    text: 'Guides: models',
    folder: 'guides',
    pages: ['write-a-verifier', 'calibrate-a-model', 'add-a-runner', 'subprocess-runners'],
  },
  {
    text: 'Guides: deploy',
    folder: 'guides',
    pages: ['deploy-the-contracts', 'deploy-on-an-l2', 'go-to-a-testnet'],
  },
  { text: 'Security and comparison', folder: '.', pages: ['security-model', 'comparison'] },
] as const

/** Pages of the folders that are listed elsewhere. */
const elsewhere = new Set(['./index', './quickstart', './glossary'])

/** The first heading of a page. */
function titleOf(page: string): string {
  const title = /^# (.+)$/m.exec(readFileSync(path.join(docs, `${page}.md`), 'utf8'))?.[1]
  if (title === undefined) throw new Error(`docs/${page}.md has no heading of level 1.`)
  return title.replaceAll('`', '')
}

function link(page: string): DefaultTheme.SidebarItem {
  return { text: titleOf(page), link: `/${page.replace('./', '')}` }
}

/** The sidebars: of the pages, and of the reference. Throws where a page is in no section, or a listed one is missing. */
export function sidebars(): DefaultTheme.SidebarMulti {
  const listed = sections.flatMap(({ folder, pages }) => pages.map((page) => `${folder}/${page}`))
  const written = ['.', 'concepts', 'guides'].flatMap((folder) =>
    readdirSync(path.join(docs, folder))
      .filter((file) => file.endsWith('.md'))
      .map((file) => `${folder}/${file.slice(0, -3)}`),
  )
  const problems = [
    ...written
      .filter((page) => !listed.includes(page) && !elsewhere.has(page))
      .map((page) => `${path.join('docs', page)}.md is in no section of docs/.vitepress/pages.ts.`),
    ...listed
      .filter((page) => !written.includes(page))
      .map((page) => `${path.join('docs', page)}.md is listed, and not there.`),
  ]
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return {
    '/': [
      { text: 'Start', items: [{ text: 'What it is', link: '/' }, link('quickstart')] },
      ...sections.map(({ text, folder, pages }) => ({ text, items: pages.map((page) => link(`${folder}/${page}`)) })),
      {
        text: 'Look up',
        items: [{ text: 'Reference', link: '/reference/' }, { text: 'Errors', link: '/errors/' }, link('glossary')],
      },
    ],
    '/reference/': [{ text: 'Reference', link: '/reference/', items: entries() }],
  }
}

/** The entries of the packages, from what TypeDoc has written. */
function entries(): DefaultTheme.SidebarItem[] {
  const index = path.join(docs, 'reference/index.md')
  if (!existsSync(index)) throw new Error('docs/reference is missing: `npm run docs` generates it.')
  return [...readFileSync(index, 'utf8').matchAll(/\[@proof-of-inference\/([^\]]+)\]\(([^)]+)index\.md\)/g)].map(
    ([, text = '', folder = '']) => ({ text, link: `/reference/${folder}` }),
  )
}
