import type { Uuid } from '../../packages/kernel/src/kernel.ts'

/** A shop in a process of its own, started as anyone starts it. */
export type Service = Readonly<{
  url: string
  /** What it printed for whoever started it. */
  welcome: string
  pid: number
  post: (path: string, attributes: object, options?: PostOptions) => Promise<Reply>
  get: (path: string) => Promise<Reply>
  /** Sends the signal, and says with which code the process ended. */
  end: (signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL') => Promise<number | null>
}>

type PostOptions = Readonly<{ key?: string; product?: Uuid }>

export type Reply = Readonly<{
  status: number
  text: string
  isReplay: boolean
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents and say what they expect to find.
  document: any
}>

export const API_KEY = 'the-key-of-a-shop-in-a-test'

const FREE_PORTS = { GATEWAY_PORT: '0', PRODUCTS_PORT: '0', INVENTORY_PORT: '0' }

/** Runs `abasto dev` with these settings and waits until it is open. What it logs stands among what the tests print. */
export async function startService(settings: Readonly<Record<string, string>>): Promise<Service> {
  const child = spawnDev(settings, 'inherit')
  const decoder = new TextDecoder()
  let welcome = ''
  const reader = child.stderr.getReader()
  while (!welcome.includes('What to do next')) {
    const { value, done } = await reader.read()
    if (done) throw new Error(`the service ended before it was open: ${welcome}`)
    welcome += decoder.decode(value, { stream: true })
  }
  reader.releaseLock()
  const url = /open at (\S+)/.exec(welcome)![1]!
  const key = /API key +(\S+)/.exec(welcome)![1]!

  const send = async (path: string, method: string, body?: string, idempotencyKey?: string): Promise<Reply> => {
    const headers: Record<string, string> = { 'X-API-Key': key, Accept: 'application/vnd.api+json' }
    if (body !== undefined) headers['Content-Type'] = 'application/vnd.api+json'
    if (idempotencyKey !== undefined) headers['Idempotency-Key'] = idempotencyKey
    const response = await fetch(`${url}/api/v1${path}`, { method, headers, ...(body === undefined ? {} : { body }) })
    const text = await response.text()
    const isReplay = response.headers.get('idempotency-replayed') === 'true'
    return { status: response.status, text, isReplay, document: text === '' ? undefined : JSON.parse(text) }
  }
  return {
    url,
    welcome,
    pid: child.pid,
    post: (path, attributes, { key: idempotencyKey, product } = {}) => {
      const relationships = product && { product: { data: { type: 'products', id: product } } }
      const data = { type: path.slice(1), attributes, ...(relationships ? { relationships } : {}) }
      return send(path, 'POST', JSON.stringify({ data }), idempotencyKey)
    },
    get: (path) => send(path, 'GET'),
    end: async (signal) => {
      child.kill(signal)
      await child.exited
      return child.exitCode
    },
  }
}

/** Runs `abasto dev` where it is expected to refuse, and says what it told whoever started it. */
export async function refusedStart(settings: Readonly<Record<string, string>>) {
  const child = spawnDev(settings, 'ignore')
  const said = (await new Response(child.stderr).text()).trim()
  return { code: await child.exited, said }
}

function spawnDev(settings: Readonly<Record<string, string>>, log: 'inherit' | 'ignore') {
  const script = `${import.meta.dir}/../../scripts/start.ts`
  // Nothing that is set where the tests run reaches the shop, but for what a process needs to run at all.
  const { PATH = '', HOME = '' } = process.env
  return Bun.spawn([process.execPath, script, 'dev'], {
    env: { PATH, HOME, ABASTO_HOST: '127.0.0.1', ...FREE_PORTS, ...settings },
    stdio: ['ignore', log, 'pipe'],
  })
}

/** Adds a product that costs 2.50 EUR, with this much of it. */
export async function stocked(service: Service, quantity: number): Promise<Uuid> {
  const sku = `LAMP-${Bun.randomUUIDv7()}`
  const created = await service.post('/products', { sku, name: 'Lamp', price: '2.50', currency: 'EUR' })
  const product: Uuid = created.document.data.id
  const opened = await service.post('/inventory', { quantity }, { product })
  if (opened.status !== 201) throw new Error(`the product could not be stocked: ${opened.text}`)
  return product
}
