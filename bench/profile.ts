// `bun bench/profile.ts FILE.cpuprofile [SECONDS]`: what a server did in its last seconds, by function and by file.
type Call = { functionName: string; url: string; lineNumber: number }
type Profile = {
  nodes: { id: number; callFrame: Call; children?: number[] }[]
  samples: number[]
  timeDeltas: number[]
}

const MOST = 40

const [file, seconds = '1e9'] = process.argv.slice(2)
if (!file) {
  console.error('Usage: bun bench/profile.ts FILE.cpuprofile [SECONDS]')
  process.exit(2)
}
const { nodes, samples: all, timeDeltas }: Profile = await Bun.file(file).json()
const calls = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))

const samples = all.slice(firstWithin(Number(seconds) * 1_000_000))

// Samples are counted, not their times: a process is only sampled while it works, so the time until the next sample
// holds all the idleness between the two.
const functions = new Map<string, number>()
const files = new Map<string, number>()
for (const id of samples) {
  const own = calls.get(id)!
  const ours = nearestFile(id)
  const what = own.url === '' && ours ? `${own.functionName} for ` : ''
  add(functions, `${what}${ours ? `${ours.functionName || '(anonymous)'} ${placeOf(ours)}` : own.functionName}`)
  add(files, ours ? placeOf(ours).replace(/:\d+$/, '') : '(native)')
}
print('By function, with what is native under the function that called it', functions)
print('By file', files)

/** Setting up is not what is looked for, and it comes first. */
function firstWithin(microseconds: number): number {
  let left = microseconds
  for (let index = all.length - 1; index >= 0; index--) {
    left -= timeDeltas[index] ?? 0
    if (left < 0) return index + 1
  }
  return 0
}

/** The innermost function of a stack that stands in a file. */
function nearestFile(id: number): Call | undefined {
  for (let at: number | undefined = id; at !== undefined; at = callers.get(at)) {
    const call = calls.get(at)!
    if (call.url !== '') return call
  }
  return undefined
}

function placeOf({ url, lineNumber }: Call): string {
  return `${url.replace(/^.*\/node_modules\//, '').replace(/^.*\/packages\//, '')}:${lineNumber}`
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function print(title: string, counts: ReadonlyMap<string, number>): void {
  console.log(`${title} (${samples.length} samples)`)
  const sorted = [...counts].sort((a, b) => b[1] - a[1]).slice(0, MOST)
  for (const [name, count] of sorted)
    console.log(`${((count / samples.length) * 100).toFixed(1).padStart(6)} %  ${name}`)
  console.log()
}
