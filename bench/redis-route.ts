// A server of one Elysia route that answers with what one GET of Redis brings, and prints where it listens.
import { Elysia } from 'elysia'
import { createClient } from 'redis'
import type { Answer } from './reading-shop.ts'

const { path, body, headers }: Answer = JSON.parse(process.argv[2]!)
const redis = await createClient({ url: process.argv[3]! }).connect()
const pattern = path.replace(/[^/]+$/, ':id')
await redis.set(`bench:${path}`, body)

const app = new Elysia()
  .get(pattern, async ({ request }) => {
    const found = await redis.get(`bench:${new URL(request.url).pathname}`)
    return new Response(found, { headers })
  })
  .listen({ hostname: '127.0.0.1', port: 0 })
console.log(`http://127.0.0.1:${app.server!.port}`)
