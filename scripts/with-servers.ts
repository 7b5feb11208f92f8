// Runs a command with a PostgreSQL, a Redis and a MongoDB of its own: `bun scripts/with-servers.ts bun test`.
// The command finds them in TEST_POSTGRES_URL, TEST_REDIS_URL and TEST_MONGODB_URL.
import { startMongo } from './mongo-server.ts'
import { startPostgres } from './postgres-server.ts'
import { startRedis } from './redis-server.ts'

const command = process.argv.slice(2)
if (command.length === 0) {
  console.error('Name the command to run: bun scripts/with-servers.ts bun test')
  process.exit(2)
}

const starting = [startRedis(), startMongo(), startPostgres()] as const
const started = await Promise.allSettled(starting)
const stop = () => Promise.all(started.map((server) => server.status === 'fulfilled' && server.value.stop()))
const failure = started.find((server) => server.status === 'rejected')
if (failure) {
  await stop()
  throw failure.reason
}
const [redis, mongo, postgres] = await Promise.all(starting)
const child = Bun.spawn(command, {
  env: { ...process.env, TEST_POSTGRES_URL: postgres.url, TEST_REDIS_URL: redis.url, TEST_MONGODB_URL: mongo.url },
  stdio: ['inherit', 'inherit', 'inherit'],
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
const status = await child.exited
await stop()
process.exit(status)
