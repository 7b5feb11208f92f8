import {
  buryScript,
  fillScript,
  leaseScript,
  outdateScript,
} from '../../../packages/products/src/infrastructure/redis-scripts.ts'

/** What Redis holds under a key, and until when. */
export type Held = Readonly<{ text: string; expiresMs: number }>

/** What a command makes of the key that it touches, and what it answers. */
export type Effect = Readonly<{ after: Held | undefined; reply: string | number | null }>

type Rule = (before: Held | undefined, values: readonly string[], nowMs: number) => Effect

const held = (text: string, forMs: string, nowMs: number): Held => ({ text, expiresMs: nowMs + Number(forMs) })

/** What the scripts of `redis-scripts.ts` say, as functions of what is there; a test compares them on a real Redis. */
export const RULES = {
  lease: (before, [lease = '', forMs = ''], nowMs) =>
    before ? { after: before, reply: before.text } : { after: held(lease, forMs, nowMs), reply: lease },

  fill: (before, [lease, text = '', forMs = ''], nowMs) =>
    before?.text === lease ? { after: held(text, forMs, nowMs), reply: 1 } : { after: before, reply: 0 },

  outdate: (before, [version = '']) => {
    if (!before || before.text === '-') return { after: before, reply: 0 }
    const known = /^\d+/.exec(before.text)?.[0]
    const isNewer = known !== undefined && Number(known) >= Number(version)
    return isNewer ? { after: before, reply: 0 } : { after: undefined, reply: 1 }
  },

  bury: (_, [forMs = ''], nowMs) => ({ after: held('-', forMs, nowMs), reply: 1 }),
} as const satisfies Record<string, Rule>

export type RuleName = keyof typeof RULES

export const SCRIPTS = {
  lease: leaseScript,
  fill: fillScript,
  outdate: outdateScript,
  bury: buryScript,
} as const satisfies Record<RuleName, unknown>

const names = new Map(
  Object.entries(SCRIPTS).flatMap(([name, { digest, source }]) => [
    [digest, name as RuleName],
    [source, name as RuleName],
  ]),
)

/** A command in its parts: `name` is that of the rule, where it is a script of ours. */
export type Parsed = Readonly<{ name: RuleName | undefined; verb: string; key: string; values: readonly string[] }>

export function parsed([verb = '', first = '', ...others]: readonly string[]): Parsed {
  if (verb !== 'EVALSHA' && verb !== 'EVAL') return { name: undefined, verb, key: first, values: others }
  const [, key = '', ...values] = others
  return { name: names.get(first), verb, key, values }
}

/** What any command that the cache may send does to its key; plain ones too, which a faulty version might use. */
export function effectOf({ name, verb, values }: Parsed, before: Held | undefined, nowMs: number): Effect {
  if (name) return RULES[name](before, values, nowMs)
  const [text = '', , forMs] = values
  switch (verb) {
    case 'GET':
      return { after: before, reply: before?.text ?? null }
    case 'SET':
      return { after: forMs ? held(text, forMs, nowMs) : { text, expiresMs: Number.POSITIVE_INFINITY }, reply: 'OK' }
    case 'DEL':
      return { after: undefined, reply: before ? 1 : 0 }
    default:
      throw new Error(`The model of Redis does not know ${verb} ${name ?? ''}`)
  }
}
