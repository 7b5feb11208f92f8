import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dir, '../..')

/** What of a service in `docker-compose.yml` is looked at. */
export type ComposeService = Readonly<{
  image: string
  build?: Readonly<{ target: string }>
  entrypoint?: readonly string[]
  environment?: Readonly<Record<string, string>>
  ports?: readonly string[]
  depends_on?: Readonly<Record<string, Readonly<{ condition: string }>>> | readonly string[]
  healthcheck?: object
  profiles?: readonly string[]
  networks?: readonly string[] | Readonly<Record<string, object>>
  volumes?: readonly string[]
}>

/** The services of `docker-compose.yml`, as they stand there. */
export function composeServices(): Readonly<Record<string, ComposeService>> {
  const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8')
  return (Bun.YAML.parse(text) as { services: Record<string, ComposeService> }).services
}

/** The names of what is to be filled in: `${NAME}`, `${NAME:-otherwise}`, `${NAME:?it is missing}`. */
export const namesIn = (text: string): string[] => [...text.matchAll(/\$\{([A-Z_]+)/g)].map((found) => found[1] ?? '')

/** Fills in what is given, and what holds otherwise. */
export const filledIn = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind: string, otherwise: string) => {
    const value = values[name]
    if (value) return value
    if (kind === '-') return otherwise
    throw new Error(`${name} is not given: ${otherwise}`)
  })

/** The command that reads compose files on this machine, or undefined where there is none. */
export function composeCommand(): string[] | undefined {
  const candidates = [['docker', 'compose'], ['docker-compose']]
  return candidates.find(([program, ...rest]) => {
    if (!Bun.which(program!)) return false
    return Bun.spawnSync([program!, ...rest, 'version'], { stdio: ['ignore', 'ignore', 'ignore'] }).exitCode === 0
  })
}
