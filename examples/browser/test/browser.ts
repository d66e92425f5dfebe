import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

/** Starts the Chromium that is installed; `CHROMIUM_PATH` tells of another one. */
export async function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH || '/usr/bin/chromium'
  if (!existsSync(executablePath))
    throw new Error(
      `There is no ${executablePath}. Install Chromium (apt-get install chromium), or set CHROMIUM_PATH to where it is.`,
    )
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

/** What a page must not do, as it was seen to. */
export type Faults = {
  /** Errors and warnings on the console, and uncaught exceptions. */
  readonly errors: string[]
  /** Addresses that are not of this machine. */
  readonly foreign: string[]
}

export type Screen = { readonly width: number; readonly height: number; readonly colorScheme: 'dark' | 'light' }

export const phone: Screen = { width: 390, height: 844, colorScheme: 'dark' }
export const desktop: Screen = { width: 1280, height: 800, colorScheme: 'light' }

/** A page in a context of its own, which is watched from the beginning. */
export async function openPage(
  browser: Browser,
  { width, height, colorScheme }: Screen = desktop,
): Promise<{ page: Page; faults: Faults }> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, hasTouch: width < 500 })
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  const faults: Faults = { errors: [], foreign: [] }
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.errors.push(message.text())
  })
  page.on('pageerror', (error) => faults.errors.push(String(error)))
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url())
    if (/^(https?|wss?):$/.test(protocol) && hostname !== '127.0.0.1') faults.foreign.push(request.url())
  })
  return { page, faults }
}

/** How far things moved that nobody had touched: 0 for not at all. */
export async function readLayoutShift(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries())
            if ('value' in entry && 'hadRecentInput' in entry && !entry.hadRecentInput) sum += Number(entry.value)
        })
        observer.observe({ type: 'layout-shift', buffered: true })
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)))
      }),
  )
}

/** Texts whose contrast with what is behind them is below WCAG 2's AA (4.5), each with its ratio. */
export async function findFaintTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
    if (!context) throw new TypeError('no canvas')
    /** Red, green, blue and alpha of any CSS colour, as drawn over nothing. */
    const toPixel = (color: string) => {
      context.clearRect(0, 0, 1, 1)
      context.fillStyle = color
      context.fillRect(0, 0, 1, 1)
      return [...context.getImageData(0, 0, 1, 1).data]
    }
    const luminance = (color: string) => {
      const [red = 0, green = 0, blue = 0] = toPixel(color).map((value) => {
        const share = value / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
    const behind = (element: Element | null): string => {
      if (!element) return 'white'
      const { backgroundColor } = getComputedStyle(element)
      return toPixel(backgroundColor)[3] === 255 ? backgroundColor : behind(element.parentElement)
    }
    const faint: string[] = []
    for (const element of document.body.querySelectorAll('*')) {
      const text = [...element.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim())
      if (!text || !element.checkVisibility()) continue
      const [one, other] = [luminance(getComputedStyle(element).color), luminance(behind(element))]
      const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
      if (ratio < 4.5) faint.push(`${text.textContent?.trim()} (${ratio.toFixed(2)})`)
    }
    return faint
  })
}

/** What is wider than the window, or is to be touched and smaller than 44 px. */
export async function findMisfits(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    const misfits = scrollWidth > clientWidth ? [`the page is ${scrollWidth} px wide`] : []
    for (const target of document.querySelectorAll('button, label:has(input), summary')) {
      const { width, height } = target.getBoundingClientRect()
      if (target.checkVisibility() && (width < 44 || height < 44))
        misfits.push(`${target.textContent?.trim()} is ${width} by ${height} px`)
    }
    return misfits
  })
}
