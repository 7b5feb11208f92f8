import { afterEach, expect, test } from 'bun:test'
import { connect } from './connection.ts'
import { withFile } from './temporary-file.ts'

const environment = { ...process.env }
afterEach(() => {
  for (const name of ['ABASTO_API_KEY', 'ABASTO_DATA']) delete process.env[name]
  Object.assign(process.env, environment)
})

test('takes the key that was typed, else the one of the environment, else the one that the owner keeps', async () => {
  await withServer(async (server, keys) => {
    process.env.ABASTO_API_KEY = 'of-the-environment'
    await connect({ server, 'api-key': 'typed' })
    await connect({ server })
    delete process.env.ABASTO_API_KEY
    await withFile('unused', async (path) => {
      const folder = path.replace('/file.csv', '')
      await Bun.write(`${folder}/api-key`, 'kept\n')
      process.env.ABASTO_DATA = folder
      await connect({ server: `${server}/` })
    })

    expect(keys).toEqual(['typed', 'of-the-environment', 'kept'])
  })
})

test('says what to do when there is no key, no server, or the wrong key', async () => {
  process.env.ABASTO_DATA = '/nowhere'
  delete process.env.ABASTO_API_KEY
  await expect(connect({})).rejects.toThrow('/nowhere/api-key does not exist. Start the server with "bun run dev"')
  await withServer(async (server) => {
    await expect(connect({ server, 'api-key': 'wrong' })).rejects.toThrow(`The server at ${server} does not know this`)
  })
  const closed = await withServer(async (server) => server)
  await expect(connect({ server: closed, 'api-key': 'any' })).rejects.toThrow(`Nothing answers at ${closed}.`)
  await expect(connect({ server: 'localhost:8080', 'api-key': 'any' })).rejects.toThrow('--server takes an address')
})

/** A server that has no products and knows every key but one; `keys` are those it was shown. */
async function withServer<T>(use: (server: string, keys: string[]) => Promise<T>): Promise<T> {
  const keys: string[] = []
  const server = Bun.serve({
    port: 0,
    hostname: 'localhost',
    fetch: (request) => {
      const key = request.headers.get('X-API-Key') ?? ''
      keys.push(key)
      const isKnown = key !== 'wrong'
      const document = isKnown ? { data: [] } : { errors: [{ code: 'unauthenticated', status: '401' }] }
      const headers = { 'Content-Type': 'application/vnd.api+json' }
      return new Response(JSON.stringify(document), { status: isKnown ? 200 : 401, headers })
    },
  })
  try {
    return await use(`http://localhost:${server.port}`, keys)
  } finally {
    await server.stop(true)
  }
}
