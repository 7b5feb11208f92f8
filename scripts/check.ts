// `bun run check`: everything a contributor should run before sending a change. Every step runs, so one look shows all
// that is wrong; each also says how much it looked at, and fails when that is nothing.
import { install, requireBun } from './start.ts'

type Step = Readonly<{
  name: string
  command: readonly string[]
  /** How many things were looked at, read from what the step printed; the last match counts. */
  counts: RegExp
  of: string
}>

const bun = process.execPath

const steps: readonly Step[] = [
  {
    name: 'format and lint',
    command: [bun, 'x', 'biome', 'check', '--error-on-warnings', '.'],
    counts: /Checked (\d+) files?/g,
    of: 'files',
  },
  {
    name: 'types',
    // It counts the declarations of packages too; with no file of ours it stops by itself (TS18003).
    command: [bun, 'x', 'tsc', '-p', '.', '--diagnostics'],
    counts: /^Files:\s+(\d+)/gm,
    of: 'files',
  },
  {
    name: 'generated files',
    command: [bun, 'scripts/generate.ts', '--check'],
    counts: /^(\d+) generated files? (?:is|are) fresh/gm,
    of: 'files',
  },
  {
    name: 'buf lint',
    command: [bun, 'scripts/check-proto.ts', 'lint'],
    counts: /^(\d+) proto files? are fine/gm,
    of: 'files',
  },
  {
    name: 'buf breaking',
    command: [bun, 'scripts/check-proto.ts', 'breaking'],
    counts: /^(\d+) proto files? are fine/gm,
    of: 'files',
  },
  {
    name: 'tests',
    command: [bun, 'test'],
    counts: /Ran (\d+) tests? across/g,
    of: 'tests',
  },
]

if (import.meta.main) {
  requireBun()
  install()
  const wanted = process.argv.slice(2)
  const chosen = steps.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
  if (chosen.length === 0) {
    console.error(`The steps are: ${steps.map(({ name }) => `"${name}"`).join(', ')}.`)
    process.exit(2)
  }
  const results = []
  for (const step of chosen) results.push(await run(step))

  console.error('')
  for (const { step, fault, seconds, looked } of results) {
    const what = fault ?? `${looked} ${step.of}`
    console.error(`${fault ? 'FAIL' : 'pass'}  ${step.name.padEnd(16)} ${what} (${seconds.toFixed(1)} s)`)
  }
  process.exit(results.some(({ fault }) => fault) ? 1 : 0)
}

async function run(step: Step) {
  console.error(`\n== ${step.name}: ${step.command.slice(1).join(' ')}`)
  const begun = performance.now()
  const child = Bun.spawn([...step.command], { cwd: `${import.meta.dir}/..`, stdio: ['inherit', 'pipe', 'pipe'] })
  const [out, err] = await Promise.all([shown(child.stdout), shown(child.stderr)])
  const status = await child.exited
  const looked = lookedAt(step, out + err)
  const fault = status !== 0 ? `left with ${status}` : looked === 0 ? `found no ${step.of} to look at` : undefined
  return { step, fault, looked, seconds: (performance.now() - begun) / 1000 }
}

/** Passes on what a step prints while it runs, and keeps it. */
async function shown(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of stream) {
    process.stderr.write(chunk)
    text += decoder.decode(chunk, { stream: true })
  }
  return text
}

function lookedAt({ counts }: Step, text: string): number {
  const plain = Bun.stripANSI(text)
  const found = [...plain.matchAll(counts)].at(-1)
  return Number(found?.[1] ?? 0)
}
