import { ok, type Uuid } from '../../packages/kernel/src/kernel.ts'
import { lamp } from '../../packages/products/src/domain/examples.ts'
import type { Products } from '../../packages/products/src/products.ts'
import { memoryProducts, serveProducts } from './services.ts'

// A products service of its own process, so that it can be killed: whatever is asked for is a lamp at 12.50 EUR.
// `bun tests/grpc/products-process.ts <port>` says its port once it listens.

if (import.meta.main) {
  const lamps = async (_: unknown, ids: readonly Uuid[]) => ok(new Map(ids.map((id) => [id, lamp(id)])))
  const products: Products = { ...memoryProducts(), findProducts: lamps, priceProducts: lamps }
  const { port } = await serveProducts(products, { port: Number(process.argv[2] ?? 0) })
  console.log(port)
  // Whoever started it is gone, tidily or not: so is this.
  process.stdin.on('end', () => process.exit()).resume()
}

/** A products service that can be killed, and started again on its port. */
export async function startProductsProcess() {
  let { child, port } = await start(0)
  return {
    port,
    async kill(): Promise<void> {
      child.kill('SIGKILL')
      await child.exited
    },
    async startAgain(): Promise<void> {
      child = (await start(port)).child
    },
  }
}

async function start(wanted: number) {
  const child = Bun.spawn([process.execPath, import.meta.path, String(wanted)], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const reader = child.stdout.getReader()
  const { value } = await reader.read()
  const port = Number(new TextDecoder().decode(value))
  if (!(port > 0)) throw new Error('The products did not start.')
  return { child, port }
}
