type Command = Readonly<{ run: (args: string[]) => Promise<number>; about: string }>

// Each is loaded when it is asked for: a service starts sooner and is smaller without what the others need.
const commands: Readonly<Record<string, Command>> = {
  dev: {
    run: async () => (await import('./dev.ts')).runDev(),
    about: 'start the whole shop in one process',
  },
  products: {
    run: async () => (await import('@abasto/products/main')).runProducts(process.env),
    about: 'start the products service by itself',
  },
  inventory: {
    run: async () => (await import('@abasto/inventory/main')).runInventory(process.env),
    about: 'start the inventory service by itself',
  },
  demo: {
    run: async (args) => (await import('./demo.ts')).runDemo(args),
    about: 'add twenty products with stock to a running shop',
  },
  import: {
    run: async (args) => (await import('./import.ts')).runImport(args),
    about: 'add the products of a CSV file',
  },
  replay: {
    run: async (args) => (await import('./replay/replay.ts')).runReplay(args),
    about: "send a real retailer's year through a running shop",
  },
  verify: {
    run: async (args) => (await import('./verify.ts')).runVerify(args),
    about: 'prove that the ledger equals the balances',
  },
  copy: {
    run: async (args) => (await import('./copy.ts')).runCopy(args),
    about: 'move the inventory into another database',
  },
}

/** Runs one command of `abasto` and says with which code the process should end. */
export async function runCommand([name, ...args]: string[]): Promise<number> {
  const command = name === undefined ? undefined : commands[name]
  if (command) return command.run(args)
  if (name !== undefined && name !== '--help' && name !== '-h') console.error(`There is no command "${name}".\n`)
  const rows = Object.entries(commands).map(([each, { about }]) => `  ${each.padEnd(10)} ${about}`)
  console.error(`Usage: bun run abasto COMMAND\n\n${rows.join('\n')}\n\nEach takes --help.`)
  return name === '--help' || name === '-h' ? 0 : 2
}

// Where nothing has to be installed first, as in a container, this is the whole command.
if (import.meta.main) process.exit(await runCommand(process.argv.slice(2)))
