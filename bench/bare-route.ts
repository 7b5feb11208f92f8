// A server of one Elysia route that answers what its argument says, and prints where it listens.
import { Elysia } from 'elysia'
import type { Answer } from './reading-shop.ts'

const { path, body, headers }: Answer = JSON.parse(process.argv[2]!)
const pattern = path.replace(/[^/]+$/, ':id')

const app = new Elysia().get(pattern, () => new Response(body, { headers })).listen({ hostname: '127.0.0.1', port: 0 })
console.log(`http://127.0.0.1:${app.server!.port}`)
