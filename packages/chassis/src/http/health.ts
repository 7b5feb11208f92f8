/** Whether each thing that the process depends on answers, by name. */
export type Health = () => Promise<Readonly<Record<string, 'up' | 'down'>>>

/** A dependency that has not answered by then counts as down: whoever asks for health waits no longer either. */
const PATIENCE_MS = 2_000

/**
 * `/health/live`: the process runs. `/health/ready`: it can work. `/health`: the same, with what it depends on. Plain
 * JSON, because it is read by orchestrators, not by clients of the API.
 */
export async function healthReply(path: string, health: Health, requestId: string): Promise<Response> {
  if (path === '/health/live') return reply(200, { status: 'up' }, requestId)
  const dependencies = await withPatience(health)
  const isUp = dependencies !== null && Object.values(dependencies).every((status) => status === 'up')
  const body = { status: isUp ? 'up' : 'down', ...(path === '/health' ? { dependencies: dependencies ?? {} } : {}) }
  return reply(isUp ? 200 : 503, body, requestId)
}

async function withPatience(health: Health): Promise<Awaited<ReturnType<Health>> | null> {
  let timer: Timer | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), PATIENCE_MS)
  })
  const asked = health().catch(() => null)
  const dependencies = await Promise.race([asked, late])
  clearTimeout(timer)
  return dependencies
}

const reply = (status: number, body: unknown, requestId: string): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      Vary: 'Accept',
      'X-Request-ID': requestId,
      ...(status === 503 ? { 'Retry-After': '1' } : {}),
    },
  })
