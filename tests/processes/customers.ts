import { Agent, request } from 'node:http'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { API_KEY } from '../stock/service.ts'

/** What customers did, and what they were answered. */
export type Visits = {
  /** How often each kind of request was answered in each way that is right: `buy 201`. */
  readonly answered: Record<string, number>
  /** Every answer that was not right, and every request without one. */
  readonly wrong: string[]
  /** The ids of the purchases that were acknowledged. */
  readonly bought: Set<Uuid>
  total: number
}

type Kind = Readonly<{
  name: string
  share: number
  method: 'GET' | 'POST' | 'PATCH'
  path: string
  right: readonly string[]
  document?: object
}>

/** How many connections customers keep, and how many requests a second they send together. */
const CONNECTIONS = 32
const RATE = 650

/**
 * Customers who keep their connections, buy and look, each request once and at a steady pace, until `isOver`. Of
 * `plenty` there is always enough; of `scarce` there is not, and they are told so.
 */
export async function visit(
  url: string,
  { plenty, scarce, isOver }: Readonly<{ plenty: Uuid; scarce: Uuid; isOver: (visits: Visits) => boolean }>,
): Promise<Visits> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const visits: Visits = { answered: {}, wrong: [], bought: new Set(), total: 0 }
  const kinds = kindsOf(plenty, scarce)
  let dueMs = performance.now()

  const customer = async () => {
    while (!isOver(visits)) {
      // Who is late does not hurry: the pace is the same for all, whatever a restart has cost.
      dueMs = Math.max(dueMs + 1_000 / RATE, performance.now() - 50)
      await Bun.sleep(Math.max(0, dueMs - performance.now()))
      visits.total++
      const kind = chosen(kinds, Math.random())
      const answer = await send(agent, url, kind).catch((error) => ({ said: `${error}`, text: '' }))
      if (kind.right.includes(answer.said)) {
        const name = `${kind.name} ${answer.said}`
        visits.answered[name] = (visits.answered[name] ?? 0) + 1
        if (answer.said === '201') visits.bought.add(JSON.parse(answer.text).data.id)
      } else visits.wrong.push(`${kind.name}: ${answer.said} ${answer.text.slice(0, 300)}`)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, customer))
  agent.destroy()
  return visits
}

const kindsOf = (plenty: Uuid, scarce: Uuid): readonly Kind[] => [
  { name: 'buy', share: 0.4, method: 'POST', path: '/purchases', right: ['201'], document: purchase(plenty) },
  {
    name: 'buy what is scarce',
    share: 0.1,
    method: 'POST',
    path: '/purchases',
    right: ['201', '409 insufficient_stock'],
    document: purchase(scarce),
  },
  { name: 'look at the product', share: 0.15, method: 'GET', path: `/products/${plenty}`, right: ['200'] },
  {
    name: 'look at the stock and its product',
    share: 0.15,
    method: 'GET',
    path: `/inventory/${plenty}?include=product`,
    right: ['200'],
  },
  { name: 'list purchases', share: 0.1, method: 'GET', path: '/purchases?page[size]=5', right: ['200'] },
  {
    name: 'change the product',
    share: 0.1,
    method: 'PATCH',
    path: `/products/${scarce}`,
    right: ['200'],
    document: { data: { type: 'products', id: scarce, attributes: { name: 'Rare lamp' } } },
  },
]

const purchase = (product: Uuid) => ({
  data: {
    type: 'purchases',
    attributes: { quantity: 1 },
    relationships: { product: { data: { type: 'products', id: product } } },
  },
})

function chosen(kinds: readonly Kind[], place: number): Kind {
  let left = place
  for (const kind of kinds) {
    left -= kind.share
    if (left < 0) return kind
  }
  return kinds[0]!
}

/** Sends one request, once. Says the status of its answer, and the code of the error where it is one. */
function send(agent: Agent, url: string, { method, path, document }: Kind) {
  return new Promise<{ said: string; text: string }>((resolve, reject) => {
    const headers: Record<string, string> = { 'X-API-Key': API_KEY, Accept: 'application/vnd.api+json' }
    if (document) headers['Content-Type'] = 'application/vnd.api+json'
    if (document) headers['Idempotency-Key'] = crypto.randomUUID()
    const sent = request(`${url}/api/v1${path}`, { agent, method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => {
        const code = /"code":"(\w+)"/.exec(text)?.[1]
        const status = String(response.statusCode)
        resolve({ said: status >= '400' && code ? `${status} ${code}` : status, text })
      })
    })
    sent.on('error', reject)
    sent.end(document ? JSON.stringify(document) : undefined)
  })
}
