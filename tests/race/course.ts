import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_WAREHOUSE } from '../../packages/inventory/src/domain/warehouse.ts'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import type { Sent } from '../linearizability/projection.ts'
import { LEASH } from '../processes/command.ts'
import { context, migrateInventory, openSeller } from '../stock/seller.ts'
import type { Cable, Cuts, SharedStore } from '../stores/shared-store.ts'
import type { Plan, Report } from './shopper.ts'

/** What one process is to do, apart from where. */
type Part = Plan extends infer P ? (P extends unknown ? Omit<P, 'url' | 'record'> : never) : never

export type Course = Readonly<{
  /** The database, past the cable. */
  url: string
  products: readonly Uuid[]
  cable: Cable
  /** Sends the processes off together, and gathers what each of them recorded. */
  run: (
    parts: readonly Part[],
  ) => Promise<Readonly<{ sent: readonly Sent[]; tries: Record<string, number>; seconds: number }>>
  close: () => Promise<void>
}>

/** A database with these products in it, and the cable to it that is cut at random. */
export async function openCourse(
  store: SharedStore,
  server: string,
  {
    products: count,
    quantity,
    backorderLimit,
    cuts,
  }: Readonly<{
    products: number
    quantity: number
    backorderLimit: number
    cuts: Cuts
  }>,
): Promise<Course> {
  const { url, drop } = await store.fresh(server)
  await migrateInventory(url, { partitions: store.partitions })
  const products = Array.from({ length: count }, () => Bun.randomUUIDv7() as Uuid)
  const seller = openSeller(url)
  for (const productId of products) {
    const level = { productId, warehouseId: DEFAULT_WAREHOUSE, quantity, settings: { backorderLimit } }
    const opened = await seller.inventory.openLevel(context(), level)
    if (!opened.ok) throw new Error(`the product could not be stocked: ${opened.error.message}`)
  }
  await seller.close()
  const cable = await store.openCable(url, cuts)
  const folder = mkdtempSync(join(tmpdir(), 'abasto-race-'))

  const run = async (parts: readonly Part[]) => {
    const runners = await Promise.all(
      parts.map((part, index) => start({ ...part, url: cable.url, record: join(folder, `${index}`) }, folder, index)),
    )
    const started = performance.now()
    for (const { go } of runners) go()
    const tries: Record<string, number> = {}
    const sent: Sent[] = []
    for (const { finish } of runners) {
      const { report, record } = await finish()
      for (const [number, count] of Object.entries(report.tries)) tries[number] = (tries[number] ?? 0) + count
      for (const line of record) sent.push(line)
    }
    return { sent, tries, seconds: Number(((performance.now() - started) / 1_000).toFixed(1)) }
  }

  const close = async () => {
    await cable.close()
    await drop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { url, products, cable, run, close }
}

/** Starts one process and waits until it is ready. */
async function start(plan: Plan, folder: string, index: number) {
  const file = join(folder, `plan-${index}.json`)
  writeFileSync(file, JSON.stringify(plan))
  const child = Bun.spawn([...LEASH, process.execPath, join(import.meta.dir, 'shopper.ts'), file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader()
  let said = ''
  const hear = async () => {
    const { value, done } = await reader.read()
    if (done) return false
    said += value
    return true
  }
  while (!said.includes('ready\n')) if (!(await hear())) throw new Error(`a process of the race did not start: ${said}`)
  return {
    go: () => {
      child.stdin.write('go\n')
      child.stdin.end()
    },
    finish: async () => {
      while (await hear());
      if ((await child.exited) !== 0) throw new Error(`a process of the race ended with ${child.exitCode}`)
      const report = JSON.parse(said.trim().split('\n').at(-1)!) as Report
      const record = readFileSync(plan.record, 'utf8').split('\n').filter(Boolean)
      return { report, record: record.map((line) => JSON.parse(line) as Sent) }
    },
  }
}
