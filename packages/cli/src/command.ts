import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { FileFault } from './csv.ts'
import { codeOf } from './shop.ts'

/** What was typed cannot be done; said in one sentence, exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** What stands in the way of a command, for the person who typed it; exit code 1, no stack. */
export class Obstacle extends Error {
  override name = 'Obstacle'
}

/** A long run that met a failure it cannot go on after; every key is fixed, so running it again is always right. */
export function stoppedAt(line: number, sku: string, failure: unknown): Obstacle {
  const why = failure instanceof Error ? failure.message : String(failure)
  const advice = 'Stopped there. Mend the cause and run the same command again: nothing is done twice.'
  return new Obstacle(`Line ${line}, SKU ${sku}: ${why}\n${advice}`, { cause: failure })
}

/** Where a command writes; a test hands over its own. */
export type Output = Readonly<{ say(text: string): void; complain(text: string): void }>

export const terminal: Output = {
  say: (text) => console.log(text),
  complain: (text) => console.error(text),
}

/** The options that every command has which talks to a server. */
export const serverOptions = {
  server: { type: 'string' },
  'api-key': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig

export const serverHelp = `  --server URL       the server (default http://localhost:8080)
  --api-key KEY      the key (default ABASTO_API_KEY, else the one kept in .abasto/api-key)
  -h, --help         this text`

/** Reads what was typed; `names` are the positional arguments, all of them needed. */
export function readArguments<O extends ParseArgsOptionsConfig>(args: string[], options: O, names: readonly string[]) {
  const parsed = parsedOrRefused(args, options)
  const { values, positionals } = parsed
  if ('help' in values && values.help) return parsed
  const missing = names[positionals.length]
  if (missing) throw new UsageError(`${missing} is missing.`)
  const extra = positionals[names.length]
  if (extra !== undefined) throw new UsageError(`"${extra}" is one argument too many.`)
  return parsed
}

/** A whole number from an option, between two bounds. */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (!/^[0-9]+$/.test(text) || value < least || value > most) {
    throw new UsageError(`${option} takes a whole number from ${least} to ${most}, not "${text}".`)
  }
  return value
}

/** Runs a command and turns what it throws into a sentence and an exit code; only bugs show a stack. */
export async function exitCodeOf(output: Output, help: string, run: () => Promise<number>): Promise<number> {
  try {
    return await run()
  } catch (failure) {
    if (failure instanceof UsageError) {
      output.complain(`${failure.message} (${firstLine(help)}; --help says more)`)
      return 2
    }
    if (failure instanceof FileFault || failure instanceof Obstacle) output.complain(failure.message)
    else if (failure instanceof Error && codeOf(failure) !== undefined)
      output.complain(`The server: ${failure.message}`)
    else throw failure
    return 1
  }
}

const firstLine = (text: string) => text.slice(0, text.indexOf('\n'))

function parsedOrRefused<O extends ParseArgsOptionsConfig>(args: string[], options: O) {
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (refusal) {
    if (!(refusal instanceof TypeError)) throw refusal
    // The first sentence names the option; what follows explains how a parser works.
    throw new UsageError(`${refusal.message.split(/\.\s|\n/)[0]?.replace(/\.$/, '')}.`)
  }
}
