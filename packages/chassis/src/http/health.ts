import type { Log } from '../log.ts'

/** Something that the process depends on. */
export type Dependency = Readonly<{
  /** Asks it; an answer that does not come in time counts as a no. */
  isUp: () => Promise<boolean>
  /** Whether the process can do its work at all without it. */
  isNeeded: boolean
}>

/** What the process says about itself to those who send it work. */
export type Health = Readonly<{
  /** Whether work should be sent here: all that is needed answers, and the process is not about to stop. */
  isReady: () => Promise<boolean>
  /** Everything that it depends on, by name. */
  look: () => Promise<Readonly<Record<string, 'up' | 'down'>>>
  isDraining: () => boolean
  /** From now on it is not ready. */
  drain: () => void
}>

/** A dependency that has not answered by then counts as down: whoever asks for health waits no longer either. */
export const PATIENCE_MS = 2_000

/** For how long what was found is still what is said. */
const FRESH_MS = 250

/**
 * Watches over what a process depends on. However many ask at a time, each dependency is asked once; the log tells when
 * one is found gone, and when it is found again.
 */
export function createHealth(dependencies: Readonly<Record<string, Dependency>>, log?: Log): Health {
  const probes = Object.entries(dependencies).map(([name, { isUp, isNeeded }]) => ({
    name,
    isNeeded,
    isUp: sharedProbe(isUp, (state) => {
      if (state) log?.info('dependency.up', { dependency: name })
      else log?.warn('dependency.down', { dependency: name, needed: isNeeded })
    }),
  }))
  let draining = false
  return {
    isReady: async () => {
      if (draining) return false
      const answers = await Promise.all(probes.filter(({ isNeeded }) => isNeeded).map(({ isUp }) => isUp()))
      return !draining && answers.every(Boolean)
    },
    look: async () => {
      const looked = await Promise.all(
        probes.map(async ({ name, isUp }) => [name, (await isUp()) ? 'up' : 'down'] as const),
      )
      return Object.fromEntries(looked)
    },
    isDraining: () => draining,
    drain: () => {
      draining = true
    },
  }
}

/**
 * `/health/live`: the process runs. `/health/ready`: it can work. `/health`: the same, with what it depends on. Plain
 * JSON, because it is read by orchestrators, not by clients of the API.
 */
export async function healthReply(path: string, health: Health, requestId: string): Promise<Response> {
  if (path === '/health/live') return reply(200, { status: 'up' }, requestId)
  const [isReady, dependencies] = await Promise.all([health.isReady(), path === '/health' ? health.look() : undefined])
  const status = health.isDraining() ? 'draining' : isReady ? 'up' : 'down'
  return reply(isReady ? 200 : 503, { status, ...(dependencies ? { dependencies } : {}) }, requestId)
}

/** Asks at most one question at a time, and gives what it learnt to all who ask meanwhile or shortly after. */
function sharedProbe(ask: () => Promise<boolean>, changed: (isUp: boolean) => void): () => Promise<boolean> {
  let running: Promise<boolean> | undefined
  let isUp = true
  let askedAt = Number.NEGATIVE_INFINITY
  return () => {
    if (running) return running
    if (performance.now() - askedAt < FRESH_MS) return Promise.resolve(isUp)
    running = inTime(ask).then((answer) => {
      if (answer !== isUp) changed(answer)
      isUp = answer
      askedAt = performance.now()
      running = undefined
      return answer
    })
    return running
  }
}

async function inTime(ask: () => Promise<boolean>): Promise<boolean> {
  let timer: Timer | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS)
  })
  const asked = Promise.resolve()
    .then(ask)
    .catch(() => false)
  const answer = await Promise.race([asked, late])
  clearTimeout(timer)
  return answer
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
