// Runs a command with servers of its own: `bun scripts/with-servers.ts bun test`. The command finds a PostgreSQL in
// TEST_POSTGRES_URL, a pgbouncer in front of it in TEST_PGBOUNCER_URL, a Redis in TEST_REDIS_URL and a MongoDB in
// TEST_MONGODB_URL.
import { startPgbouncer } from './pgbouncer-server.ts'
import { startPostgres } from './postgres-server.ts'
import { startRedis } from './redis-server.ts'
import { install, requireBun } from './start.ts'

const command = process.argv.slice(2)
if (command.length === 0) {
  console.error('Name the command to run: bun scripts/with-servers.ts bun test')
  process.exit(2)
}

requireBun()
install()
// Its driver is one of the packages that a new clone does not have yet.
const { startMongo } = await import('./mongo-server.ts')
const database = startPostgres()
const starting = [startRedis(), startMongo(), database, database.then(startPgbouncer)] as const
const started = await Promise.allSettled(starting)
const stop = () => Promise.all(started.map((server) => server.status === 'fulfilled' && server.value.stop()))
const failure = started.find((server) => server.status === 'rejected')
if (failure) {
  await stop()
  throw failure.reason
}
const [redis, mongo, postgres, pgbouncer] = await Promise.all(starting)
const child = Bun.spawn(command, {
  env: {
    ...process.env,
    TEST_POSTGRES_URL: postgres.url,
    TEST_PGBOUNCER_URL: pgbouncer.url,
    TEST_REDIS_URL: redis.url,
    TEST_MONGODB_URL: mongo.url,
  },
  stdio: ['inherit', 'inherit', 'inherit'],
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
const status = await child.exited
await stop()
process.exit(status)
