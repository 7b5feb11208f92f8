// Runs a command with a PostgreSQL and a Redis of its own: `bun scripts/with-servers.ts bun test`.
// The command finds them in TEST_POSTGRES_URL and TEST_REDIS_URL.
import { startPostgres } from './postgres-server.ts'
import { startRedis } from './redis-server.ts'

const command = process.argv.slice(2)
if (command.length === 0) {
  console.error('Name the command to run: bun scripts/with-servers.ts bun test')
  process.exit(2)
}

const redis = await startRedis()
const postgres = await startPostgres().catch(async (error) => {
  await redis.stop()
  throw error
})
const child = Bun.spawn(command, {
  env: { ...process.env, TEST_POSTGRES_URL: postgres.url, TEST_REDIS_URL: redis.url },
  stdio: ['inherit', 'inherit', 'inherit'],
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
const status = await child.exited
postgres.stop()
await redis.stop()
process.exit(status)
