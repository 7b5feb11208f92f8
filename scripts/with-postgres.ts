// Runs a command with a PostgreSQL of its own: `bun scripts/with-postgres.ts bun test`.
// The command finds it in TEST_POSTGRES_URL.
import { startPostgres } from './postgres-server.ts'

const command = process.argv.slice(2)
if (command.length === 0) {
  console.error('Name the command to run: bun scripts/with-postgres.ts bun test')
  process.exit(2)
}

const server = await startPostgres()
const child = Bun.spawn(command, {
  env: { ...process.env, TEST_POSTGRES_URL: server.url },
  stdio: ['inherit', 'inherit', 'inherit'],
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
const status = await child.exited
server.stop()
process.exit(status)
