import type { Contract } from '@abasto/contract/contract'
import { printOpenApi } from '@abasto/contract/openapi'
import type { Metrics } from '../telemetry/telemetry.ts'
import { docsAssets, docsHeaders } from './docs.ts'
import type { Pages } from './edge.ts'
import { type Health, healthReply } from './health.ts'
import { emptyReply, errorReply } from './reply.ts'

const ALLOW = 'GET, HEAD, OPTIONS'

/**
 * What stands around the API: `/` leads to `/docs`, `/openapi.json`, the health of the process and its metrics. None of
 * them asks for the API key, so none may say anything of products, stock or callers.
 */
export function createPages(contract: Contract, services: readonly string[], health: Health, metrics: Metrics): Pages {
  const openapi = JSON.stringify(printOpenApi(contract, services))
  // Made when it is first asked for: most processes never show the page.
  let assets: ReturnType<typeof docsAssets> | undefined

  const show = async (path: string, requestId: string): Promise<Response> => {
    if (path === '/') return emptyReply(302, requestId, { Location: '/docs' })
    if (path === '/openapi.json') return file({ body: openapi, type: 'application/json' }, requestId)
    if (path === '/metrics') return file(await metrics.page(), requestId, UNCACHED)
    if (path.startsWith('/health')) return healthReply(path, health, requestId)
    assets ??= docsAssets(contract.title)
    const asset = (await assets).get(path)
    return asset ? file(asset, requestId, docsHeaders) : errorReply([unknownFile], contract.failures, requestId)
  }

  return (path, { method }, requestId) => {
    if (!isPage(path)) return undefined
    if (method === 'OPTIONS') return emptyReply(204, requestId, { Allow: ALLOW })
    if (method === 'GET' || method === 'HEAD') return show(path, requestId)
    const refusal = { code: 'method_not_allowed', detail: `This address takes ${ALLOW}.` }
    return errorReply([refusal], contract.failures, requestId, { extra: { Allow: ALLOW } })
  }
}

const UNCACHED = { 'Cache-Control': 'no-store' }

const PAGES = ['/', '/openapi.json', '/metrics', '/health', '/health/live', '/health/ready', '/docs']

const isPage = (path: string): boolean => PAGES.includes(path) || path.startsWith('/docs/')

const unknownFile = { code: 'route_not_found', detail: 'The docs have no such file.' }

function file(
  { body, type }: { body: string | Blob; type: string },
  requestId: string,
  extra?: Readonly<Record<string, string>>,
): Response {
  const headers = { 'Content-Type': type, Vary: 'Accept', 'X-Request-ID': requestId, ...extra }
  return new Response(body, { headers })
}
