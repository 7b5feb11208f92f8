import { exitCodeOf, type Output, readArguments, serverHelp, serverOptions, terminal, wholeNumber } from '../command.ts'
import { connect } from '../connection.ts'
import { count, showProgress } from '../progress.ts'
import type { Shop } from '../shop.ts'
import { FULL, type OpeningStock, parseOpeningStock } from './opening-stock.ts'
import { type Plan, planReplay } from './plan.ts'
import { describe, type Run, reportOf } from './report.ts'
import { stockTheShop } from './stocking.ts'
import { runTheYear } from './year.ts'

const help = `Usage: abasto replay FILE [options]

Runs a real retailer's year through a server: every product of the file with its opening stock, then every sale as a
purchase, every cancellation as a return, every write-off as an adjustment, each product's in the order of the file.
FILE is Online Retail II (plain or gzipped CSV); docs/replay.md says where to get it, and by which rules each line is
judged. Run again, or after an interruption, it ends at the same stock.

  --opening-stock N% begin with this share of the units that leave (default 100%; below that, some are refused)
  --concurrency N    requests under way at once (default 128)
  --report FILE      also write the result as JSON, with the refused lines
${serverHelp}
`

const options = {
  ...serverOptions,
  'opening-stock': { type: 'string' },
  concurrency: { type: 'string' },
  report: { type: 'string' },
} as const

const WIDTH = 128

/** What a shell expects of a program that was ended by Ctrl-C. */
const INTERRUPTED = 130

/** `abasto replay`; returns the exit code. */
export function runReplay(args: string[], output: Output = terminal): Promise<number> {
  return exitCodeOf(output, help, async () => {
    const { values, positionals } = readArguments(args, options, ['FILE'])
    if (values.help) {
      output.say(help)
      return 0
    }
    const share = values['opening-stock'] === undefined ? FULL : parseOpeningStock(values['opening-stock'])
    const width = values.concurrency === undefined ? WIDTH : wholeNumber('--concurrency', values.concurrency, 1, 1024)
    const plan = await planReplay(positionals[0] as string)
    output.say(
      `${count(plan.lines)} lines read: ${count(plan.products.length)} products, ${count(plan.commands.count)} stock commands.`,
    )

    const { abasto, server } = await connect(values)
    const stop = stopOnInterrupt(output)
    const done = await replay({ abasto, plan, share, width, signal: stop.signal }).finally(stop.forget)
    if (!done) {
      output.complain('Stopped. Everything that was sent has been answered; run the same command again to go on.')
      return INTERRUPTED
    }
    if (values.report !== undefined) await Bun.write(values.report, `${JSON.stringify(reportOf(done.run), null, 2)}\n`)
    output.say(describe(done.run, done.ids, server))
    return 0
  })
}

type Replay = Readonly<{ abasto: Shop; plan: Plan; share: OpeningStock; width: number; signal: AbortSignal }>

/** Stocks the shop and runs the year through it; undefined when the signal ended it early. */
async function replay(input: Replay): Promise<{ run: Run; ids: string[] } | undefined> {
  const { plan, share, signal } = input
  const begun = performance.now()
  const ids = await withProgress('Stocking', plan.products.length, (step) => stockTheShop({ ...input, step }))
  if (signal.aborted) return undefined
  const opened = performance.now()
  const outcome = await withProgress('Selling', plan.commands.count, (step) => runTheYear({ ...input, ids, step }))
  if (signal.aborted) return undefined
  const ended = performance.now()
  const run = { plan, share, outcome, seconds: (ended - begun) / 1000, yearSeconds: (ended - opened) / 1000 }
  return { run, ids }
}

async function withProgress<T>(what: string, total: number, work: (step: () => void) => Promise<T>): Promise<T> {
  const progress = showProgress(what, total)
  try {
    return await work(progress.step)
  } finally {
    progress.end()
  }
}

/** The first Ctrl-C lets what is under way be answered; the second ends the program as always. */
function stopOnInterrupt(output: Output): { signal: AbortSignal; forget: () => void } {
  const controller = new AbortController()
  const interrupted = () => {
    output.complain('\nStopping …')
    controller.abort()
  }
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
  const forget = () => {
    process.off('SIGINT', interrupted)
    process.off('SIGTERM', interrupted)
  }
  return { signal: controller.signal, forget }
}
