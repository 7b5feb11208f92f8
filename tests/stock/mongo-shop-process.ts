// A shop on MongoDB in a process of its own. Says where it listens, and ends when nobody holds its input open any more.
import { openMongoShop } from './mongo-shop.ts'

const shop = await openMongoShop(process.env.INVENTORY_DATABASE_URL ?? '')
console.log(shop.url)
await Bun.stdin.text()
process.exit(0)
