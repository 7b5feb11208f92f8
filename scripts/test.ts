// `bun run test`: everything that a new clone needs is installed, then `bun test` runs with the arguments given here.
import { install, requireBun } from './start.ts'

requireBun()
install()
// What a test waits for at most unless it says so itself: a busy machine may need longer than the runner's 5 seconds.
const tests = Bun.spawn([process.execPath, 'test', '--timeout=20000', ...process.argv.slice(2)], {
  cwd: `${import.meta.dir}/..`,
  stdio: ['inherit', 'inherit', 'inherit'],
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => tests.kill(signal))
process.exit(await tests.exited)
