import { exitCodeOf, Obstacle, type Output, readArguments, serverHelp, serverOptions, terminal } from './command.ts'
import { connect } from './connection.ts'
import { demoProducts } from './demo-products.ts'
import { codeOf, type Shop } from './shop.ts'

const help = `Usage: abasto demo [options]

Adds twenty products of a small shop with stock, to look at. Run again, it adds nothing.

${serverHelp}
`

/** Creates the demo products and their stock, once: the keys are fixed. Returns the id of each, by its SKU. */
export async function createDemo(abasto: Shop): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  // One after the other, so that they are listed in the order in which the shop would show them.
  for (const { quantity, ...product } of demoProducts) {
    const idempotencyKey = `demo:1:${product.sku}`
    try {
      const { id } = await abasto.products.create(product, { idempotencyKey })
      await abasto.inventory.create({ productId: id, quantity }, { idempotencyKey })
      ids.set(product.sku, id)
    } catch (failure) {
      if (codeOf(failure) !== 'sku_taken') throw failure
      throw new Obstacle(`Another product of this shop has the SKU ${product.sku} already, so the demo stops there.`)
    }
  }
  return ids
}

/** `abasto demo`; returns the exit code. */
export function runDemo(args: string[], output: Output = terminal): Promise<number> {
  return exitCodeOf(output, help, async () => {
    const { values } = readArguments(args, serverOptions, [])
    if (values.help) {
      output.say(help)
      return 0
    }
    const { abasto, server } = await connect(values)
    const ids = await createDemo(abasto)
    for (const { sku, name, price, currency, quantity } of demoProducts) {
      output.say(
        `${sku.padEnd(12)} ${name.padEnd(32)} ${price.padStart(7)} ${currency} ${String(quantity).padStart(5)}`,
      )
    }
    const first = ids.get(demoProducts[0]?.sku ?? '')
    output.say(`
Twenty products are in the shop, each with its opening stock (sales since then are not shown above).
  All of them:     ${server}/api/v1/products
  Their stock:     ${server}/api/v1/inventory?include=product
  One's movements: ${server}/api/v1/inventory/${first}/movements
  Try it out:      ${server}/docs
The addresses of the API want the key in the header X-API-Key.`)
    return 0
  })
}
