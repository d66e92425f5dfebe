import { createAdaptorServer } from '@hono/node-server'

/** What to answer instead; `undefined` for the true answer. */
export type Lie = (path: string, answer: () => Promise<Response>) => Promise<Response> | undefined

/** A core service that can be told to lie: passes everything on to a true one. */
export async function startLyingCore(target: string) {
  let lie: Lie = () => undefined
  const server = createAdaptorServer({
    async fetch(request: Request) {
      const { pathname, search } = new URL(request.url)
      const body = request.method === 'POST' ? await request.text() : null
      const answer = () =>
        fetch(`${target}${pathname}${search}`, { method: request.method, headers: request.headers, body })
      const response = await (lie(pathname, answer) ?? answer())
      return new Response(await response.text(), { status: response.status })
    },
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address !== null && typeof address === 'object') resolve(address.port)
    })
  })
  return {
    url: `http://127.0.0.1:${port}`,
    /** Lies from now on; without an argument tells the truth. */
    tell(next: Lie = () => undefined) {
      lie = next
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}

/** Changes the true JSON answer of one path. */
export function change(pattern: RegExp, edit: (json: Record<string, unknown>) => unknown): Lie {
  return (path, answer) =>
    pattern.test(path)
      ? answer().then(async (response) => {
          const json = await response.json()
          return Response.json(edit(json), { status: response.status })
        })
      : undefined
}
