import type { Customer } from './customer.ts'
import { levels } from './levels.ts'
import { past } from './past.ts'
import { repeats } from './repeats.ts'
import { reservations } from './reservations.ts'
import { sales } from './sales.ts'
import { warehouses } from './warehouses.ts'

/** What is asked about one subject. Each chapter brings its own products and warehouses. */
export type Chapter = (customer: Customer) => Promise<void>

/** Everything that somebody asks a shop, in its order, by the subject. */
export const CHAPTERS: Readonly<Record<string, Chapter>> = {
  'a shop that is empty': empty,
  warehouses,
  'levels, counts and transfers': levels,
  sales,
  'reservations and what is owed': reservations,
  'writes that are sent again': repeats,
  'the ledger and the past': past,
}

async function empty({ get }: Customer): Promise<void> {
  for (const list of ['inventory', 'stock-levels', 'movements', 'purchases', 'reservations', 'backorders']) {
    await get(`/${list}`)
    await get(`/${list}?page[size]=100`)
  }
  await get('/warehouses')
}
