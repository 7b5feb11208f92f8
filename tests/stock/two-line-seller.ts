// One process of the two-line sales: sells two random products at a time, and prints what came of it as JSON.
import { context, each, openSeller } from './seller.ts'

const { url, products, sales, callers } = JSON.parse(process.argv[2]!) as {
  url: string
  products: readonly string[]
  sales: number
  callers: number
}

const outcomes: Record<string, number> = {}
const tries: Record<number, number> = {}
const seller = openSeller(url, {
  observe: (round) => {
    for (const count of round.tries) tries[count] = (tries[count] ?? 0) + 1
  },
})
await each(sales, callers, async () => {
  const first = Math.floor(Math.random() * products.length)
  const second = (first + 1 + Math.floor(Math.random() * (products.length - 1))) % products.length
  const lines = [first, second].map((index) => ({ productId: products[index]!, quantity: 1 + (index % 2) }))
  const sold = await seller.inventory.sell(context(), { lines })
  const outcome = sold.ok ? 'sold' : sold.error.code
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
})
await seller.close()
console.log(JSON.stringify({ outcomes, tries }))
