// `bun run test`: everything that a new clone needs is installed, then `bun test` runs with the arguments given here.
import { install, requireBun } from './start.ts'

requireBun()
install()
const tests = Bun.spawn([process.execPath, 'test', ...process.argv.slice(2)], {
  cwd: `${import.meta.dir}/..`,
  stdio: ['inherit', 'inherit', 'inherit'],
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => tests.kill(signal))
process.exit(await tests.exited)
