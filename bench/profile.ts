// `bun bench/profile.ts FILE.cpuprofile`: where a server's time went, by function and by package.
type Node = { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }
type Profile = { nodes: Node[]; samples: number[]; timeDeltas: number[] }

const MOST = 45

const [file] = process.argv.slice(2)
if (!file) {
  console.error('Usage: bun bench/profile.ts FILE.cpuprofile')
  process.exit(2)
}
const { nodes, samples, timeDeltas }: Profile = await Bun.file(file).json()
const byId = new Map(nodes.map((node) => [node.id, node]))
const functions = new Map<string, number>()
const files = new Map<string, number>()
let total = 0
for (const [index, id] of samples.entries()) {
  const { functionName, url, lineNumber } = byId.get(id)!.callFrame
  const time = timeDeltas[index] ?? 0
  const place = url.replace(/^.*\/node_modules\//, '').replace(/^.*\/packages\//, '')
  add(functions, `${functionName || '(anonymous)'} ${place}${place ? `:${lineNumber}` : ''}`, time)
  add(files, place || '(native)', time)
  total += time
}
for (const [title, costs] of [
  ['Own time by function', functions],
  ['Own time by file', files],
] as const) {
  console.log(`${title}, ${Math.round(total / 1000)} ms in all`)
  const sorted = [...costs].sort((a, b) => b[1] - a[1]).slice(0, MOST)
  for (const [name, time] of sorted) console.log(`${((time / total) * 100).toFixed(1).padStart(6)} %  ${name}`)
  console.log()
}

function add(costs: Map<string, number>, name: string, time: number): void {
  costs.set(name, (costs.get(name) ?? 0) + time)
}
