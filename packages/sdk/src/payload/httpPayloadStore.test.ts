import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { isPrivateAddress } from './assertPublicUrl.ts'
import { digest } from './digest.ts'
import { type HttpPayloadStoreOptions, httpPayloadStore } from './httpPayloadStore.ts'

const bytes = new TextEncoder().encode('payload')
const key = await digest(bytes)

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

/** A server on a free port of the loopback interface. */
async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no port')
  return `http://127.0.0.1:${address.port}`
}

async function storeOn(listener: RequestListener, options: Partial<HttpPayloadStoreOptions> = {}) {
  return httpPayloadStore({ url: await listen(listener), allowPrivateNetwork: true, ...options })
}

describe('httpPayloadStore', () => {
  test('puts and gets at <url>/<digest>, with its headers', async () => {
    const held = new Map<string, Buffer>()
    const seen: string[] = []
    const base = await listen((request, response) => {
      seen.push(`${request.method} ${request.headers.authorization}`)
      const path = request.url ?? ''
      if (request.method === 'GET') return void response.end(held.get(path))
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        held.set(path, Buffer.concat(chunks))
        response.writeHead(201).end()
      })
    })
    const store = httpPayloadStore({
      url: `${base}/payloads/?tenant=1`,
      allowPrivateNetwork: true,
      headers: { authorization: 'Bearer x' },
    })
    expect(await store.put(bytes)).toBe(key)
    expect([...held.keys()]).toEqual([`/payloads/${key}?tenant=1`])
    expect(await store.get(key)).toEqual(bytes)
    expect(seen).toEqual(['PUT Bearer x', 'GET Bearer x'])
  })

  test('gets an empty payload', async () => {
    const store = await storeOn((_, response) => response.end())
    expect(await store.get(await digest(new Uint8Array()))).toEqual(new Uint8Array())
  })

  test('refuses wrong bytes', async () => {
    const store = await storeOn((_, response) => response.end('other'))
    await expect(store.get(key)).rejects.toMatchObject({ name: 'PayloadDigestMismatchError', expected: key })
  })

  test.each([301, 302, 303, 307, 308])('refuses a redirect (%i), and does not follow it', async (status) => {
    let followed = 0
    const target = await listen((_, response) => {
      followed++
      response.end(bytes)
    })
    const store = await storeOn((_, response) => response.writeHead(status, { location: target }).end())
    await expect(store.get(key)).rejects.toMatchObject({ name: 'DisallowedUrlError' })
    await expect(store.put(bytes)).rejects.toMatchObject({ name: 'DisallowedUrlError' })
    expect(followed).toBe(0)
  })

  test('refuses a body announced as too large without reading it', async () => {
    const store = await storeOn((_, response) => response.writeHead(200, { 'content-length': '1000000' }).write('x'))
    await expect(store.get(key, { maxBytes: 10 })).rejects.toMatchObject({
      name: 'PayloadTooLargeError',
      limit: 10,
      size: 1_000_000,
    })
  })

  test('cuts off a body that never ends, and its connection', async () => {
    let closed = () => {}
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve
    })
    let sent = 0
    const store = await storeOn((_, response) => {
      const write = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536
      }
      response.on('drain', write).on('close', closed)
      write()
    })
    await expect(store.get(key, { maxBytes: 100_000 })).rejects.toMatchObject({
      name: 'PayloadTooLargeError',
      limit: 100_000,
    })
    await isClosed
    expect(sent).toBeLessThan(50_000_000)
  })

  test('counts decompressed bytes', async () => {
    const { gzipSync } = await import('node:zlib')
    const bomb = gzipSync(Buffer.alloc(10_000_000))
    const store = await storeOn((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb))
    expect(bomb.length).toBeLessThan(100_000)
    await expect(store.get(key, { maxBytes: 100_000 })).rejects.toMatchObject({ name: 'PayloadTooLargeError' })
  })

  test('refuses a body shorter than announced', async () => {
    const store = await storeOn((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write(bytes, () => response.destroy())
    })
    await expect(store.get(key)).rejects.toMatchObject({ name: 'PayloadUnavailableError' })
  })

  test.each([
    [404, 'does not hold it'],
    [500, 'answered 500'],
    [204, 'answered 204'],
    [206, 'answered 206'],
  ])('takes status %i as unavailable', async (status, reason) => {
    const store = await storeOn((_, response) => response.writeHead(status).end())
    const error = await store.get(key).catch((error: unknown) => error)
    expect(error).toMatchObject({ name: 'PayloadUnavailableError', digest: key })
    expect(String(error)).toContain(reason)
  })

  test('says when an upload is refused', async () => {
    const store = await storeOn((_, response) => response.writeHead(403).end())
    await expect(store.put(bytes)).rejects.toThrow('answered 403')
    await expect(store.put(bytes)).rejects.toMatchObject({ name: 'PayloadNotStoredError', digest: key })
  })

  test('says when nobody listens', async () => {
    const url = await listen(() => {})
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
    const store = httpPayloadStore({ url, allowPrivateNetwork: true })
    await expect(store.get(key)).rejects.toMatchObject({ name: 'PayloadUnavailableError', cause: expect.any(Error) })
    await expect(store.put(bytes)).rejects.toMatchObject({ name: 'PayloadNotStoredError', cause: expect.any(Error) })
    await expect(store.get(key)).rejects.toThrow(/ECONNREFUSED(.|\n)*Check the address of the store/)
    await expect(store.put(bytes)).rejects.toThrow('ECONNREFUSED')
  })

  test.each([
    ['before the headers', () => {}],
    ['in the middle of the body', (_: unknown, response: { write(text: string): void }) => response.write('x')],
  ] as const)('gives up on a server that hangs %s', async (_, listener) => {
    const store = await storeOn(listener as RequestListener, { timeout: 50 })
    await expect(store.get(key)).rejects.toMatchObject({
      name: 'PayloadUnavailableError',
      cause: { name: 'TimeoutError' },
    })
  })

  test('aborts in the middle of the body with the reason of the signal', async () => {
    const controller = new AbortController()
    const store = await storeOn((_, response) => {
      response.write('x', () => controller.abort(new Error('enough')))
    })
    await expect(store.get(key, { signal: controller.signal })).rejects.toThrow('enough')
  })

  test('refuses an upload over its own limit', async () => {
    const store = await storeOn(() => {}, { maxBytes: 3 })
    await expect(store.put(bytes)).rejects.toMatchObject({ name: 'PayloadTooLargeError' })
  })

  test('refuses what is not a digest before it asks', async () => {
    const store = await storeOn(() => {
      throw new Error('asked')
    })
    await expect(store.get('0x12')).rejects.toMatchObject({ name: 'PayloadInvalidError' })
  })
})

describe('addresses', () => {
  const fetched: string[] = []
  const fetch: typeof globalThis.fetch = async (url) => {
    fetched.push(String(url))
    return new Response(bytes)
  }

  test.each([
    'http://127.0.0.1/',
    'http://localhost/',
    'http://payloads.localhost/',
    'http://LOCALHOST./',
    'http://printer.local/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://100.64.0.1/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://[64:ff9b::a00:1]/',
    'http://[2002:7f00:1::]/',
    'https://user:secret@payloads.example.com/',
  ])('%s is refused without a request', async (url) => {
    fetched.length = 0
    const store = httpPayloadStore({ url, fetch })
    const error = await store.get(key).catch((error: unknown) => error)
    expect(error).toMatchObject({ name: 'DisallowedUrlError' })
    expect(String(error)).not.toContain('secret')
    await expect(store.put(bytes)).rejects.toMatchObject({ name: 'DisallowedUrlError' })
    expect(fetched).toEqual([])
  })

  test('of the public network are asked, and private ones when allowed', async () => {
    fetched.length = 0
    expect(await httpPayloadStore({ url: 'https://93.184.215.14', fetch }).get(key)).toEqual(bytes)
    expect(await httpPayloadStore({ url: 'http://10.0.0.1/p', fetch, allowPrivateNetwork: true }).get(key)).toEqual(
      bytes,
    )
    expect(fetched).toEqual([`https://93.184.215.14/${key}`, `http://10.0.0.1/p/${key}`])
  })

  test.each([
    [['10.0.0.1'], false],
    [['93.184.215.14', '::1'], false],
    [['93.184.215.14'], true],
    [[], true],
  ])('of a name that resolves to %j: asked %s', async (addresses, isAsked) => {
    fetched.length = 0
    const lookup = async () => addresses.map((address) => ({ address }))
    const getBuiltinModule = vi.spyOn(process, 'getBuiltinModule').mockReturnValue({ lookup })
    await httpPayloadStore({ url: 'https://payloads.example.com', fetch })
      .get(key)
      .catch((error: unknown) => expect(error).toMatchObject({ name: 'DisallowedUrlError' }))
    getBuiltinModule.mockRestore()
    expect(fetched.length).toBe(isAsked ? 1 : 0)
  })

  test.each([
    '/payloads',
    'payloads.example.com',
    'localhost:8080',
    'ftp://payloads.example.com/',
    'file:///etc/passwd',
    'data:text/plain,x',
  ])('that are no address of a web server are refused at once: %s', (url) => {
    expect(() => httpPayloadStore({ url })).toThrow(expect.objectContaining({ name: 'DisallowedUrlError' }))
  })

  test.each<[string, boolean]>([
    ['8.8.8.8', false],
    ['172.15.255.255', false],
    ['172.32.0.0', false],
    ['100.128.0.0', false],
    ['224.0.0.1', true],
    ['255.255.255.255', true],
    ['192.0.2.1', true],
    ['198.18.0.1', true],
    ['198.51.100.1', true],
    ['203.0.113.1', true],
    ['192.88.99.1', true],
    ['2606:4700::1111', false],
    ['2001:4860:4860::8888', false],
    ['2001:db8::1', true],
    ['2001::1', true],
    ['::ffff:8.8.8.8', false],
    ['::ffff:10.0.0.1', true],
    ['::8.8.8.8', true],
    ['64:ff9b::808:808', false],
    ['64:ff9b:1::808:808', true],
    ['2002:808:808::', false],
    ['fe80::1%eth0', true],
    ['ff02::1', true],
    ['1::2::3', true],
    ['1:2', true],
  ])('%s: private %s', (address, isPrivate) => {
    expect(isPrivateAddress(address)).toBe(isPrivate)
  })
})
