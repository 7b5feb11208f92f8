import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type RunningShop, runShop, temporaryFolder } from '../running-shop.ts'
import { root } from '../tidy/project.ts'
import { builtPackage } from './built-package.ts'
import { type CustomerProject, customerProject, installWith } from './customer-project.ts'
import { bothSample, commonJsSample, moduleSample, SAMPLE_PRINTS, typedSample } from './samples.ts'

const { folder, remove } = temporaryFolder()
let shop: RunningShop

beforeAll(async () => {
  shop = await runShop(folder)
}, 60_000)
afterAll(async () => {
  await shop?.stop()
  remove()
})

const hasNode = Bun.which('node') !== null && Bun.which('npm') !== null
if (!hasNode) console.log('The SDK on Node was not tested: there is no node or no npm.')
else {
  describe('installed by npm into an empty project', () => {
    const project = installed('npm')

    test('it brings nothing else along', () => {
      expect(readdirSync(join(project.folder, 'node_modules/@abasto/sdk')).sort()).toContain('abasto.cjs')
      expect(namesIn(project)).toEqual(['@abasto'])
    })

    test.each([
      ['a module', 'sample.mjs', moduleSample],
      ['CommonJS', 'sample.cjs', commonJsSample],
      ['both at once', 'both.mjs', bothSample],
    ])(
      'it sells on Node as %s',
      async (_, file, text) => {
        expect(await printed(project, ['node', file], file, text)).toEqual(SAMPLE_PRINTS)
      },
      30_000,
    )

    test.each([
      ['nodenext', 'typed.mts'],
      ['nodenext', 'typed.cts'],
      ['node20', 'typed.mts'],
      ['node16', 'typed.cts'],
      ['bundler', 'typed.ts'],
    ])(
      'its types hold with %s in %s',
      async (resolution, file) => {
        expect(await checked(project, resolution, file, typedSample)).toEqual({ status: 0, out: '', problems: '' })
      },
      60_000,
    )

    test('a type that is wrong would be seen', async () => {
      const wrong = typedSample.replace('// @ts-expect-error a price is a decimal string', '')

      const { status, out } = await checked(project, 'nodenext', 'wrong.mts', wrong)

      expect([status === 0, out.includes("Type 'string' is not assignable to type 'number'")]).toEqual([false, true])
    }, 60_000)
  })
}

describe('installed by Bun into an empty project', () => {
  const project = installed('bun')

  test('it brings nothing else along', () => {
    expect(namesIn(project)).toEqual(['@abasto'])
  })

  test.each([
    ['a module', 'sample.ts', moduleSample],
    ['CommonJS', 'sample.cjs', commonJsSample],
  ])(
    'it sells as %s',
    async (_, file, text) => {
      expect(await printed(project, [process.execPath, file], file, text)).toEqual(SAMPLE_PRINTS)
    },
    30_000,
  )

  test('its types hold', async () => {
    expect(await checked(project, 'bundler', 'typed.ts', typedSample)).toEqual({ status: 0, out: '', problems: '' })
  }, 60_000)
})

function installed(manager: 'npm' | 'bun'): CustomerProject {
  const project = customerProject()
  beforeAll(async () => {
    const { status, problems } = await installWith(manager, project, (await builtPackage()).tarball)
    if (status !== 0) throw new Error(`${manager} did not install it: ${problems}`)
  }, 60_000)
  afterAll(project.remove)
  return project
}

/** What stands in `node_modules`, without what the package manager keeps there for itself. */
const namesIn = ({ folder }: CustomerProject): string[] =>
  readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))

async function printed(project: CustomerProject, command: string[], file: string, text: string): Promise<unknown> {
  project.write(file, text)
  const SKU = `LAMP-${Bun.randomUUIDv7()}`
  const outcome = await project.run(command, {
    ABASTO_URLS: JSON.stringify(shop.urls),
    ABASTO_API_KEY: shop.apiKey,
    SKU,
  })
  expect(outcome).toMatchObject({ status: 0, problems: '' })
  return JSON.parse(outcome.out)
}

/** Has the project's own `tsc` look at one file, as strict as it can be and with the types of the package included. */
async function checked(project: CustomerProject, resolution: string, file: string, text: string) {
  const isBundled = resolution === 'bundler'
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2022', 'dom'],
    module: isBundled ? 'esnext' : resolution,
    moduleResolution: isBundled ? 'bundler' : resolution === 'node20' ? 'node16' : resolution,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    types: [],
  }
  project.write(file, text)
  project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: [file] }))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  expect(existsSync(tsc)).toBe(true)
  return project.run([process.execPath, tsc, '-p', '.'])
}
