/**
 * The health check of a container: ends with 0 where the service in it can do its work, else with 1.
 *
 *   bun deploy/container/health.ts PRODUCTS_PORT 8001 [live]
 *
 * The setting names the port, the number is the port unless it is set. `live` asks whether the process runs, whatever it
 * depends on: for those who start a container anew when its check fails.
 */
const [setting = '', otherwise = '', question = 'ready'] = process.argv.slice(2)
const port = process.env[setting] || otherwise
const answer = await fetch(`http://127.0.0.1:${port}/health/${question}`, {
  signal: AbortSignal.timeout(3_000),
}).catch(() => undefined)
process.exit(answer?.ok ? 0 : 1)

export {}
