import { expect, test } from 'bun:test'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../running-shop.ts'
import { composeCommand, composeServices, namesIn, root } from './compose-file.ts'
import { stagesOf } from './dockerfile.ts'

const services = composeServices()
const all = Object.entries(services)
const own = all.filter(([, { build }]) => build !== undefined)
const lasting = own.filter(([, { entrypoint }]) => entrypoint === undefined)
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')

test('what is built is a target of the Dockerfile, and of the version that the API has', () => {
  const targets = stagesOf(textOf('Dockerfile')).map(({ name }) => name)
  const { version } = JSON.parse(textOf('sdk/package.json')) as { version: string }

  expect(own.map(([, { build }]) => build!.target)).toEqual(['products', 'inventory', 'inventory', 'shop'])
  expect(own.filter(([, { build }]) => !targets.includes(build!.target))).toEqual([])
  expect(own.map(([, { image }]) => image)).toEqual([
    `abasto-products:${version}`,
    `abasto-inventory:${version}`,
    `abasto-inventory:${version}`,
    `abasto:${version}`,
  ])
})

test('every image that is fetched is of one version, which nobody moves', () => {
  const fetched = all.filter(([, { build }]) => build === undefined).map(([, { image }]) => image)

  expect(fetched.filter((image) => !/:v?\d+\.\d+(\.\d+)?$/.test(image))).toEqual([])
  expect(fetched.length).toBeGreaterThan(3)
})

test('what a service is told is a setting that it knows, and what is asked for stands in .env.example', () => {
  const settings = [...textOf('.env.example').matchAll(/^#?([A-Z_]+)=/gm)].map((found) => found[1]!)
  const told = lasting.flatMap(([, { environment }]) => Object.keys(environment!))
  const asked = namesIn(textOf('docker-compose.yml'))

  expect(told.filter((name) => !settings.includes(name) || name === 'POSTGRES_PASSWORD')).toEqual([])
  expect(asked.filter((name) => !settings.includes(name))).toEqual([])
  expect([told.length, asked.length].every((count) => count > 8)).toBe(true)
})

test('a service can be scaled: it has no port of the machine, and its data is in the stores', () => {
  expect(own.filter(([, { ports, volumes }]) => ports !== undefined || volumes !== undefined)).toEqual([])
  expect(lasting.length).toBe(3)
})

test('what is published is published on this machine only, and gRPC and the stores not at all', () => {
  const published = all.flatMap(([, { ports = [] }]) => ports)

  expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
  expect(published.filter((port) => /:(5005\d|5432|6379|27017)$/.test(port))).toEqual([])
  expect(published.length).toBeGreaterThan(2)
})

test('whoever needs another service waits until that one is well', () => {
  const waits = lasting.flatMap(([name, { depends_on }]) =>
    Object.entries(depends_on!).map(([other, { condition }]) => `${name} waits for ${other}: ${condition}`),
  )

  expect(waits).toEqual([
    'products waits for postgres: service_healthy',
    'products waits for redis: service_started',
    'inventory waits for postgres: service_healthy',
    'inventory waits for products: service_healthy',
    'inventory-mongodb waits for mongodb: service_healthy',
    'inventory-mongodb waits for products: service_healthy',
  ])
})

test('the inventory is in one of two stores, and .env.example chooses the first', () => {
  const profileOf = (name: string) => services[name]!.profiles
  const { aliases } = (services['inventory-mongodb']!.networks as Networks).shop!

  expect(['inventory', 'inventory-mongodb', 'mongodb', 'postgres'].map(profileOf)).toEqual([
    ['postgresql'],
    ['mongodb'],
    ['mongodb'],
    undefined,
  ])
  expect(aliases).toEqual(['inventory'])
  expect(textOf('.env.example')).toContain('\nCOMPOSE_PROFILES=postgresql\n')
})

test('the commands are no service: they run where the stores are, when they are called', () => {
  const { profiles, networks } = services.abasto!

  expect(profiles).toEqual(['commands'])
  expect(networks).toEqual(['stores'])
})

type Networks = Readonly<Record<string, Readonly<{ aliases: readonly string[] }>>>

test('every file that is handed in is there', () => {
  const files = all.flatMap(([, { volumes = [] }]) => volumes).filter((volume) => volume.startsWith('./'))

  expect(files.filter((volume) => !existsSync(join(root, volume.split(':')[0]!)))).toEqual([])
  expect(files.length).toBeGreaterThan(1)
})

const compose = composeCommand()
if (!compose) console.log('docker compose config not tested: neither docker compose nor docker-compose is installed.')
else {
  test('the compose command takes the file without a word, and says what is missing', () => {
    const { folder, remove } = temporaryFolder()
    const [full, empty] = [join(folder, 'full'), join(folder, 'empty')]
    writeFileSync(full, 'ABASTO_API_KEY=the-key-of-a-shop-in-a-test\nPOSTGRES_PASSWORD=secret\n')
    writeFileSync(empty, '')

    const config = (file: string, profile: string) => {
      const { PATH = '', HOME = '' } = process.env
      const { exitCode, stderr } = Bun.spawnSync([...compose, '--env-file', file, 'config', '--quiet'], {
        cwd: root,
        env: { PATH, HOME, COMPOSE_PROFILES: `${profile},monitoring,commands` },
      })
      return { exitCode, said: stderr.toString().trim() }
    }
    const good = ['postgresql', 'mongodb'].map((profile) => config(full, profile))
    const bad = config(empty, 'postgresql')
    remove()

    expect(good).toEqual([
      { exitCode: 0, said: '' },
      { exitCode: 0, said: '' },
    ])
    expect(bad.exitCode).not.toBe(0)
    expect(bad.said).toMatch(/ABASTO_API_KEY|POSTGRES_PASSWORD/)
  }, 30_000)
}
