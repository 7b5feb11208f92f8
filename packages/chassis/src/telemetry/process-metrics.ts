import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** How often the event loop is looked at, in milliseconds. */
const LOOK_MS = 100

/**
 * What a process costs: memory, processor time, and how late its event loop is. prom-client brings such metrics too,
 * but on Bun the lag it reads is always 0, so the names that everybody's dashboards know are filled by us.
 * Returns what stops the measuring.
 */
export function measureProcess(registry: Registry, about: Readonly<{ service: string; version: string }>): () => void {
  const registers = [registry]
  const build = new Gauge({
    name: 'abasto_build_info',
    help: 'Always 1; its labels say what runs.',
    labelNames: ['service', 'version', 'bun'],
    registers,
  })
  build.set({ ...about, bun: Bun.version }, 1)

  const started = new Gauge({
    name: 'process_start_time_seconds',
    help: 'When the process started, in seconds since the epoch.',
    registers,
  })
  started.set(performance.timeOrigin / 1000)

  read(registers, 'process_resident_memory_bytes', 'Memory that the process holds.', () => process.memoryUsage.rss())
  read(registers, 'process_heap_bytes', 'Memory that its JavaScript holds.', () => process.memoryUsage().heapUsed)
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time that the process has used.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
  return measureEventLoop(registers)
}

function read(registers: Registry[], name: string, help: string, value: () => number): void {
  new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(value())
    },
  })
}

/** A timer that fires late says for how long nothing else could have been done: no request, no answer. */
function measureEventLoop(registers: Registry[]): () => void {
  const lag = new Histogram({
    name: 'abasto_event_loop_lag_seconds',
    help: 'How late a timer fires: for how long the event loop was busy with something else.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  })
  let due = performance.now() + LOOK_MS
  const timer = setInterval(() => {
    const now = performance.now()
    lag.observe(Math.max(0, now - due) / 1000)
    due = now + LOOK_MS
  }, LOOK_MS)
  timer.unref()
  return () => clearInterval(timer)
}
