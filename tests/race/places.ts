import { expiryOf, type Places } from '../linearizability/projection.ts'
import { booksAt } from '../stores/shared-store.ts'

/** Where the ledger says that each operation, the clock's included, took effect on each product: its movement's number. */
export async function placesIn(url: string): Promise<Places> {
  const places = new Map<string, number>()
  for (const { operation, reservation, product, kind, sequence } of await booksAt(url).movements()) {
    const name = `${kind === 'expiry' ? expiryOf(reservation!) : operation} ${product}`
    places.set(name, Math.min(sequence, places.get(name) ?? sequence))
  }
  return (key, product) => places.get(`${key} ${product}`)
}
