import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { userInfo } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { commandIn, type Instruction, pairsIn, type Stage } from './dockerfile.ts'

/** What a stage of the Dockerfile comes to: a folder with what would be the root of its files, and its settings. */
export type Image = {
  readonly folder: string
  workdir: string
  env: Record<string, string>
  user: string
  ports: number[]
  volumes: string[]
  stopSignal: string
  command: string[]
  healthCheck: string[]
}

/** Where images are built, from what: `context` is the folder of the project, of which `ignored` is not sent. */
export type Yard = Readonly<{
  folder: string
  context: string
  ignored: (path: string) => boolean
  stages: readonly Stage[]
  built: Map<string, Image>
}>

/**
 * The user of an image. Where the tests are root it is one who owns nothing; where they are not, there is no other, and
 * files that belong to root do not come about either.
 */
export const isRoot = userInfo().uid === 0
const NOBODY = 65_534
export const AS_USER = isRoot
  ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--pdeathsig=KILL']
  : []

/** Does what an engine does for one stage, in folders; what it cannot do it refuses. */
export function build(yard: Yard, name: string): Image {
  const known = yard.built.get(name)
  if (known) return known
  const stage = yard.stages.find((each) => each.name === name)
  if (!stage) throw new Error(`The Dockerfile has no stage ${name}.`)
  const image = beginning(yard, stage)
  for (const instruction of stage.instructions) carryOut(yard, image, instruction)
  yard.built.set(name, image)
  return image
}

function beginning(yard: Yard, stage: Stage): Image {
  const folder = join(yard.folder, stage.name)
  mkdirSync(folder, { recursive: true })
  if (!yard.stages.some(({ name }) => name === stage.from)) {
    // An image of someone else's: what matters of it is Bun, and that is the one that runs the tests.
    return {
      folder,
      workdir: '/',
      env: {},
      user: 'root',
      ports: [],
      volumes: [],
      stopSignal: '',
      command: [],
      healthCheck: [],
    }
  }
  const base = build(yard, stage.from)
  linkAll(base.folder, folder)
  const { env, ports, volumes } = base
  return { ...base, folder, env: { ...env }, ports: [...ports], volumes: [...volumes] }
}

function carryOut(yard: Yard, image: Image, { name, text }: Instruction): void {
  switch (name) {
    case 'WORKDIR':
      image.workdir = resolve(image.workdir, text)
      mkdirSync(join(image.folder, image.workdir), { recursive: true })
      return
    case 'ENV':
      Object.assign(image.env, pairsIn(text))
      return
    case 'COPY':
      copy(yard, image, text)
      return
    case 'RUN':
      run(image, text)
      return
    case 'USER':
      image.user = text
      return
    case 'EXPOSE':
      image.ports.push(...text.split(/\s+/).map(Number))
      return
    case 'VOLUME':
      image.volumes.push(text)
      return
    case 'STOPSIGNAL':
      image.stopSignal = text
      return
    case 'CMD':
      image.command = commandIn(text)
      return
    case 'HEALTHCHECK':
      image.healthCheck = commandIn(text.slice(text.indexOf('CMD') + 'CMD'.length).trim())
      return
    default:
      throw new Error(`${name} is not known to this builder.`)
  }
}

function copy(yard: Yard, image: Image, text: string): void {
  const words = text.split(/\s+/)
  const stage = words[0]?.startsWith('--from=') ? words.shift()!.slice('--from='.length) : undefined
  const target = words.pop()
  if (!target || words.length === 0 || words.some((word) => word.startsWith('--'))) {
    throw new Error(`COPY ${text} cannot be read.`)
  }
  const to = join(image.folder, resolve(image.workdir, target))
  for (const source of words) {
    if (stage !== undefined) moveAll(join(build(yard, stage).folder, source), to)
    else copyFromContext(yard, source, target.endsWith('/') ? join(to, basename(source)) : to, to)
  }
}

/** A folder is copied with what is in it, not by its name; of all of it only what `.dockerignore` lets through. */
function copyFromContext({ context, ignored }: Yard, source: string, file: string, folder: string): void {
  const from = join(context, source)
  if (!existsSync(from) || ignored(source)) throw new Error(`COPY ${source}: the engine is sent no such thing.`)
  const isFolder = lstatSync(from).isDirectory()
  mkdirSync(isFolder ? folder : dirname(file), { recursive: true })
  cpSync(from, isFolder ? folder : file, {
    recursive: true,
    filter: (path) => lstatSync(path).isDirectory() || !ignored(path.slice(context.length + 1)),
  })
}

/** What a stage begins with is linked, not copied: nobody writes to files that are there already. */
function linkAll(from: string, to: string): void {
  for (const entry of readdirSync(from)) must(['cp', '--archive', '--link', join(from, entry), to], {})
}

/** Packages are very many files, so they are not copied; a stage that only others copy from is done with after that. */
function moveAll(from: string, to: string): void {
  if (!existsSync(from)) throw new Error(`${from} is not there, or has been copied from before.`)
  if (!existsSync(to) || !lstatSync(from).isDirectory()) {
    renameSync(from, to)
    return
  }
  for (const entry of readdirSync(from)) moveAll(join(from, entry), join(to, entry))
  rmSync(from, { recursive: true })
}

function run({ folder, workdir, env }: Image, script: string): void {
  if (/(?:^|[\s=])\//.test(script)) throw new Error(`RUN ${script}: an absolute path is one of this machine.`)
  must(['sh', '-ec', script], {
    cwd: join(folder, workdir),
    env: { ...env, PATH: `${standIns(folder)}:${pathOfBun}:/usr/bin:/bin`, HOME: process.env.HOME ?? '/' },
  })
}

/** The user `bun` of the image is somebody else on this machine: what would become theirs becomes that one's. */
function standIns(folder: string): string {
  const programs = `${folder}.programs`
  mkdirSync(programs, { recursive: true })
  const chown = isRoot ? `exec /bin/chown ${NOBODY}:${NOBODY} "$2"` : ':'
  writeFileSync(join(programs, 'chown'), `#!/bin/sh\n[ "$1" = bun:bun ] || exit 1\n${chown}\n`)
  chmodSync(join(programs, 'chown'), 0o755)
  return programs
}

export const pathOfBun = dirname(process.execPath)

function must(command: string[], options: { cwd?: string; env?: Record<string, string> }): void {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  if (exitCode !== 0) throw new Error(`${command.join(' ')} failed: ${stderr}${stdout}`)
}
