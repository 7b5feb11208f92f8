import type { RedisServer } from './redis-server.ts'
import { createWorld, type World } from './world.ts'

/** One choice of a walk: which kind of step, and which of those that are possible. Both from 0 to 1. */
export type Choice = readonly [kind: number, which: number]

/** What came of one interleaving. */
export type Walked = Readonly<{
  /** The promise that was broken, if one was. */
  fault: string | undefined
  /** What happened, in its order; only where it was asked for. */
  steps: readonly string[]
  counts: World['counts']
}>

type Walk = Readonly<{
  redis: RedisServer
  /** What the products of this walk are called: nobody else's are. */
  name: string
  choices: readonly Choice[]
  weights: Weights
  /** It begins where every product is in the cache, and nobody has anything to do. */
  isWarm: boolean
  isTold?: boolean
}>

/** What may happen at any moment, and how often it does on a usual walk. */
const USUAL = {
  'go on': 60,
  read: 14,
  write: 5,
  'end a pause': 4,
  'let time pass': 2,
  forget: 2,
  'be impatient': 1,
  'give up': 3,
  lose: 1,
  connect: 3,
  cut: 2,
  kill: 2,
  start: 2,
  restart: 0.5,
} as const

export type Kind = keyof typeof USUAL

/** Where nothing goes wrong, none of these happens. */
const WRONG: readonly Kind[] = ['give up', 'lose', 'connect', 'cut', 'kill', 'start', 'restart']

/** How often each kind of step is chosen on one walk. */
export type Weights = readonly (readonly [Kind, number])[]

/**
 * No two walks are alike in what they do often: on each, some things never happen, and some all the time. What needs
 * three rare things in a row is found sooner so than by always doing a little of everything.
 */
export function weightsFrom(random: () => number): Weights {
  const isCalm = random() < 0.25
  const factor = () => [0, 1, 1, 4][Math.floor(random() * 4)]!
  return (Object.entries(USUAL) as [Kind, number][]).map(([kind, usual]) => {
    const drawn = factor()
    if (isCalm && WRONG.includes(kind)) return [kind, 0]
    return [kind, usual * (kind === 'go on' || kind === 'read' ? Math.min(Math.max(drawn, 0.5), 2) : drawn)]
  })
}

const READERS = 4
const TURNS_TO_REST = 200

/**
 * Lets everything happen that the choices say, then mends everything, lets a second and a look of the deliverers pass,
 * and has each product read everywhere. The same choices lead to the same steps.
 */
export async function walk({ redis, name, choices, weights, isWarm, isTold = false }: Walk): Promise<Walked> {
  const world = createWorld({ redis, ids: [`lamp-${name}`, `chair-${name}`] })
  const steps: string[] = []
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0)
  for (const hasRedis of [
    [true, true],
    [true, true, true],
    [true, false],
  ][choices.length % 3]!)
    world.start(hasRedis)

  if (isWarm) {
    for (const id of world.ids) void world.read(world.replicas[0]!, id)
    await rest(world, () => 0)
  }

  function kindOf(share: number): Kind {
    let left = share * total
    for (const [kind, weight] of weights) {
      left -= weight
      if (left < 0) return kind
    }
    return 'go on'
  }

  for (const [kind, which] of choices) {
    await step(world, kindOf(kind), which, isTold ? (text) => void steps.push(text) : undefined)
    await settled()
    if (world.broken.length > 0) break
  }
  if (world.broken.length === 0) await mend(world, choices)
  for (const id of world.ids) await world.forget(id)
  return { fault: world.broken[0], steps, counts: world.counts }
}

/** Until everybody who can do something has done it: whatever they wait for now is a step. */
const settled = () => new Promise(setImmediate)

const chosen = <T>(all: readonly T[], which: number): T | undefined => all[Math.floor(which * all.length)]

async function step(world: World, kind: Kind, which: number, tell?: (text: string) => void): Promise<unknown> {
  const { network } = world
  const living = world.living()
  const replica = chosen(living, (which * 7) % 1)
  const id = which * 100 - Math.floor(which * 100) < 0.6 ? world.ids[0]! : world.ids[1]!
  switch (kind) {
    case 'go on':
      return goOn(world, which, tell)
    case 'read': {
      if (!replica || network.asked.length > READERS * 4) return goOn(world, which, tell)
      tell?.(`somebody asks replica ${replica.number} for ${id}`)
      return void world.read(replica, id)
    }
    case 'write': {
      if (!replica) return
      if (world.orphans.length > 0) {
        tell?.(`a write whose process died is sent again, to replica ${replica.number}`)
        return void world.sendAgain(replica)
      }
      const what = which < 0.2 ? 'delete' : 'change'
      tell?.(`somebody has replica ${replica.number} ${what} ${id}`)
      return void world.write(replica, id, what)
    }
    case 'end a pause':
    case 'be impatient': {
      const word = kind === 'end a pause' ? 'pause' : 'patience'
      const pause = chosen(
        network.waits.filter(({ what }) => what === word),
        which,
      )
      if (!pause) return goOn(world, which, tell)
      tell?.(`the ${word} of replica ${pause.by} is over`)
      return pause.answer()
    }
    case 'let time pass': {
      const ms = [100, 100, 100, 1_100, 1_100, 1_100, 1_100, 11_000, 301_000, 601_000][Math.floor(which * 10)]!
      tell?.(`${ms} ms pass`)
      return world.advance(ms)
    }
    case 'forget':
      tell?.(`Redis forgets ${id}`)
      return world.forget(id)
    default:
      return goWrong(world, kind, which, tell)
  }
}

async function goWrong(world: World, kind: Kind, which: number, tell?: (text: string) => void): Promise<void> {
  const { network } = world
  const living = world.living()
  switch (kind) {
    case 'give up': {
      const one = chosen(
        network.asked.filter(({ to, isGivenUp }) => to === 'Redis' && !isGivenUp),
        which,
      )
      if (!one) return
      tell?.(`replica ${one.by} waits no longer for ${one.what}`)
      return world.giveUp(one)
    }
    case 'lose': {
      const one = chosen(
        network.asked.filter(({ isGivenUp, hasTakenEffect }) => isGivenUp && !hasTakenEffect),
        which,
      )
      if (!one) return
      tell?.(`${one.what} of replica ${one.by} is lost on its way`)
      return network.remove(one)
    }
    case 'cut':
    case 'connect': {
      const replica = chosen(
        living.filter(({ isCut }) => isCut === (kind === 'connect')),
        which,
      )
      if (!replica) return
      tell?.(
        `replica ${replica.number} ${kind === 'cut' ? 'loses its line to Redis' : 'reaches Redis again'}, or all do`,
      )
      // Mostly it is Redis that is away, for everybody.
      const others = which * 100 - Math.floor(which * 100) < 0.6 ? living : [replica]
      for (const each of others) {
        if (kind === 'connect') each.isCut = false
        else if (!each.isCut) world.cut(each)
      }
      return
    }
    case 'kill': {
      const replica = chosen(living, which)
      if (!replica) return
      tell?.(`replica ${replica.number} is killed`)
      return world.kill(replica)
    }
    case 'start': {
      if (living.length >= 3) return
      const { number } = world.start(which < 0.8)
      return tell?.(`replica ${number} starts`)
    }
    default:
      tell?.('Redis is killed, and comes back with nothing')
      return world.restart()
  }
}

/** Something that is on its way gets there, or its answer gets back. */
async function goOn({ network }: World, which: number, tell?: (text: string) => void): Promise<void> {
  const one = chosen(network.asked, which)
  if (!one) return
  tell?.(`${one.what} of replica ${one.by} ${one.hasTakenEffect ? 'is over' : 'takes effect'}`)
  if (one.hasTakenEffect) return one.answer()
  await one.takeEffect()
  if (one.isGivenUp) network.remove(one)
}

async function mend(world: World, choices: readonly Choice[]): Promise<void> {
  const { network } = world
  const next = randomFrom(choices.length)
  const endPauses = async () => {
    for (const one of [...network.waits]) one.answer()
    return rest(world, next)
  }

  for (const replica of world.living()) replica.isCut = false
  if (!world.living().some(({ hasRedis }) => hasRedis)) world.start(true)
  const [first] = world.living()
  while (world.orphans.length > 0) void world.sendAgain(first!)
  if (!(await rest(world, next))) return void world.broken.push('it does not come to rest')
  if (world.isAnybodyWaiting()) await endPauses()
  if (world.isAnybodyWaiting()) return void world.broken.push('somebody is never answered')

  await world.advance(1_001)
  if (!(await endPauses())) return void world.broken.push('it does not come to rest again')
  world.promiseAll()
  for (const replica of world.living()) for (const id of world.ids) void world.read(replica, id)
  await rest(world, next)
  const left = world.waiting().length
  if (left > 0 && world.broken.length === 0) world.broken.push(`${left} writes were never delivered`)
}

/** Has all that is under way come to its end, and says whether it did. */
async function rest({ network }: World, next: () => number): Promise<boolean> {
  for (let turn = 0; turn < TURNS_TO_REST; turn++) {
    await settled()
    if (network.asked.length === 0) return true
    // What is under way together is done in one of two orders, and not looked at in between: the walk has done that.
    for (const one of next() < 0.5 ? [...network.asked] : network.asked.toReversed()) {
      if (!one.hasTakenEffect) await one.takeEffect()
      if (one.isGivenUp) network.remove(one)
      else one.answer()
    }
  }
  return false
}

/** A generator of shares from 0 to 1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
