// One process of the race, with a committer and connections of its own: plays its part of the plan, writes down all
// that it asked and was answered, one JSON object a line, and prints how often its commands were tried.
import { writeFileSync } from 'node:fs'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { each, openSeller } from '../stock/seller.ts'
import { type Buyer, buy, comeLate, fillCart } from './customers.ts'
import { createRecorder } from './recorder.ts'

export type Plan = Readonly<{
  url: string
  /** Where the record goes. */
  record: string
  callers: number
}> &
  (
    | Readonly<{ part: 'buyers'; product: Uuid; buyers: readonly Buyer[] }>
    | Readonly<{ part: 'carts' | 'late'; products: readonly Uuid[]; carts: number }>
  )

export type Report = Readonly<{ tries: Readonly<Record<string, number>> }>

if (import.meta.main) {
  const plan = (await Bun.file(process.argv[2]!).json()) as Plan
  const tries: Record<string, number> = {}
  const seller = openSeller(plan.url, {
    observe: (round) => {
      for (const count of round.tries) tries[count] = (tries[count] ?? 0) + 1
    },
  })
  const recorder = createRecorder(seller.inventory)
  // All processes begin together, when they are told.
  console.log('ready')
  for await (const _ of console) break
  if (plan.part === 'buyers') await buy(recorder, plan.product, plan.buyers, plan.callers)
  else if (plan.part === 'carts') await each(plan.carts, plan.callers, () => fillCart(recorder, plan.products))
  else await each(plan.carts, plan.callers, () => comeLate(recorder, plan.products))
  await seller.close()
  writeFileSync(plan.record, recorder.sent.map((sent) => `${JSON.stringify(sent)}\n`).join(''))
  console.log(JSON.stringify({ tries } satisfies Report))
  process.exit(0)
}
