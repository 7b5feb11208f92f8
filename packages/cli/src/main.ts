import { runDemo } from './demo.ts'
import { runDev } from './dev.ts'
import { runImport } from './import.ts'
import { runReplay } from './replay/replay.ts'

type Command = Readonly<{ run: (args: string[]) => Promise<number>; about: string }>

const commands: Readonly<Record<string, Command>> = {
  dev: { run: runDev, about: 'start the whole shop in one process' },
  demo: { run: runDemo, about: 'add twenty products with stock to a running shop' },
  import: { run: runImport, about: 'add the products of a CSV file' },
  replay: { run: runReplay, about: "send a real retailer's year through a running shop" },
}

/** Runs one command of `abasto` and says with which code the process should end. */
export async function runCommand([name, ...args]: string[]): Promise<number> {
  const command = name === undefined ? undefined : commands[name]
  if (command) return command.run(args)
  if (name !== undefined && name !== '--help' && name !== '-h') console.error(`There is no command "${name}".\n`)
  const rows = Object.entries(commands).map(([each, { about }]) => `  ${each.padEnd(8)} ${about}`)
  console.error(`Usage: bun run abasto COMMAND\n\n${rows.join('\n')}\n\nEach takes --help.`)
  return name === '--help' || name === '-h' ? 0 : 2
}
