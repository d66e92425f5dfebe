import type { Connect, Plugin } from 'vite'
import { type SettingsJson, settingsPath } from '../settings.ts'

/** Serves the settings beside the page, in development and of a build alike. */
export function settingsPlugin(settings: SettingsJson): Plugin {
  const answer: Connect.NextHandleFunction = (_, response) => {
    response.setHeader('content-type', 'application/json')
    response.setHeader('cache-control', 'no-store')
    response.end(JSON.stringify(settings))
  }
  return {
    name: 'market-settings',
    configureServer: ({ middlewares }) => void middlewares.use(settingsPath, answer),
    configurePreviewServer: ({ middlewares }) => void middlewares.use(settingsPath, answer),
  }
}
