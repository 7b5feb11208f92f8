// One of several processes at the adapter, each with its own committer and its own connections: loads the stock as often
// as it is told to, from the moment that all of them are told.
import { type Answered, ask } from './callers.ts'
import { type Asked, commandsOver } from './commands.ts'
import { connectCounter, type Rounds } from './counter.ts'
import { obey } from './worker.ts'

/** What such a process is told: when to start, by the clock of the machine, and for how long. */
export type Told = Readonly<{ startAtMs: number; seconds: number }>

/** What it says of each load. */
export type Said = Answered & Readonly<{ rounds: Rounds }>

const [url, asked, callers, file] = process.argv.slice(2) as [string, Asked, string, string]
const counter = connectCounter(url)
const command = commandsOver(asked, await Bun.file(file).json())

obey<Told, Said>(async ({ startAtMs, seconds }) => {
  counter.takeRounds()
  await Bun.sleep(Math.max(0, startAtMs - Date.now()))
  const answered = await ask(counter, command, { seconds, callers: Number(callers) })
  return { ...answered, rounds: counter.takeRounds() }
})
