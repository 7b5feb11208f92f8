import { posix } from 'node:path'
import { importsOf, isCode, isTest, type ProjectFile, type Verdict } from './project.ts'

/** Which packages each may import. The arrows have one direction, so no two can come to need each other. */
export const MAY_DEPEND_ON: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  contract: ['kernel'],
  proto: [],
  chassis: ['kernel', 'contract', 'proto'],
  products: ['kernel', 'contract', 'proto', 'chassis', 'sdk'],
  inventory: ['kernel', 'contract', 'proto', 'chassis', 'products', 'sdk'],
  cli: ['kernel', 'contract', 'chassis', 'products', 'inventory', 'sdk'],
  sdk: [],
  bench: ['kernel', 'contract', 'proto', 'chassis', 'products', 'inventory', 'cli', 'sdk'],
}

/** Which layers each may import; arrows point inward. The table of contents of a service stands beside `application/`. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  domain: ['domain'],
  application: ['domain', 'application'],
  api: ['domain', 'application', 'api', 'surface'],
  infrastructure: ['domain', 'application', 'infrastructure', 'surface'],
}

/** Holds what each package imports, and what its package.json declares, against `MAY_DEPEND_ON`. */
export function packageFaults(files: readonly ProjectFile[]): Verdict {
  const faults: string[] = []
  let lookedAt = 0
  for (const file of files) {
    const owner = packageOf(file.path)
    if (owner === undefined) continue
    const allowed = MAY_DEPEND_ON[owner]
    if (!allowed) {
      faults.push(`${file.path}: nothing says what the package ${owner} may depend on`)
      continue
    }
    for (const wanted of file.path.endsWith('/package.json') ? declaredIn(file) : importedBy(file)) {
      lookedAt++
      if (wanted !== owner && !allowed.includes(wanted)) faults.push(`${file.path}: ${owner} may not use ${wanted}`)
    }
  }
  return { lookedAt, faults }
}

/** Holds the imports between the layers of a service against the direction of the arrows. */
export function layerFaults(files: readonly ProjectFile[]): Verdict {
  const faults: string[] = []
  let lookedAt = 0
  for (const file of files) {
    const layer = layerOf(file.path)
    if (layer === undefined || !isCode(file.path) || isTest(file.path)) continue
    for (const imported of importsOf(file)) {
      const target = targetOf(file.path, imported)
      const inner = target === undefined ? undefined : (layerOf(target) ?? surfaceOf(target))
      if (inner === undefined) continue
      lookedAt++
      if (!LAYERS[layer]?.includes(inner)) faults.push(`${file.path}: ${layer} may not import ${inner} (${imported})`)
    }
  }
  return { lookedAt, faults }
}

function packageOf(path: string): string | undefined {
  const [, name] = /^packages\/([^/]+)\//.exec(path) ?? /^(sdk|bench|proto)\//.exec(path) ?? []
  return name
}

const layerOf = (path: string): string | undefined =>
  /^packages\/[^/]+\/src\/(domain|application|api|infrastructure)\//.exec(path)?.[1]

/** The file of a service that names its use cases: `packages/inventory/src/inventory.ts`. */
const surfaceOf = (path: string): string | undefined =>
  /^packages\/(?!kernel)([^/]+)\/src\/\1\.ts$/.test(path) ? 'surface' : undefined

function importedBy(file: ProjectFile): string[] {
  if (!isCode(file.path)) return []
  return importsOf(file).flatMap((imported) => {
    const target = targetOf(file.path, imported)
    const owner = target === undefined ? undefined : packageOf(target)
    return owner === undefined ? [] : [owner]
  })
}

/** The path that an import leads to, when it leads to a file of the project. */
function targetOf(path: string, imported: string): string | undefined {
  if (imported.startsWith('.')) return posix.join(path, '..', imported)
  const [, owner, file] = /^@abasto\/([^/]+)(?:\/(.+))?$/.exec(imported) ?? []
  if (owner === undefined) return undefined
  if (owner === 'proto') return `proto/gen/${file}_pb.ts`
  const folder = owner === 'sdk' ? 'sdk' : `packages/${owner}`
  return `${folder}/src/${file ?? owner}.ts`
}

function declaredIn({ text }: ProjectFile): string[] {
  const { dependencies, devDependencies, peerDependencies } = JSON.parse(text)
  const names = Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies })
  return names.filter((name) => name.startsWith('@abasto/')).map((name) => name.slice('@abasto/'.length))
}
