import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as sdk from '../../sdk/src/abasto.ts'
import { type RunningShop, runShop, temporaryFolder } from '../running-shop.ts'
import { root } from '../tidy/project.ts'
import { builtPackage } from './built-package.ts'
import { customerProject, installWith } from './customer-project.ts'
import { undocumented } from './declarations.ts'

describe('the doc comments', () => {
  test('stand on everything that the package exports, and on every member of it', async () => {
    const { folder } = await builtPackage()
    const { lookedAt, bare } = undocumented(join(folder, 'types'))

    expect(bare).toEqual([])
    expect(lookedAt).toBeGreaterThan(150)
  }, 60_000)

  test('would be missed', () => {
    const text = 'export declare class Lamps {\n    /** Lights them. */\n    light(): void;\n    dim(): void;\n}\n'
    const { bare } = undocumented({
      'abasto.d.ts': `/** A shop. */\nexport type Shop = {\n    lamps: Lamps;\n};\n${text}`,
    })

    expect(bare).toEqual(['Shop.lamps', 'Lamps', 'Lamps.dim'])
  })
})

describe('the README', () => {
  const project = customerProject()
  const { folder, remove } = temporaryFolder()
  let shop: RunningShop

  beforeAll(async () => {
    const { status, problems } = await installWith('bun', project, (await builtPackage()).tarball)
    if (status !== 0) throw new Error(problems)
    shop = await runShop(folder)
  }, 60_000)
  afterAll(async () => {
    await shop?.stop()
    remove()
    project.remove()
  })

  test('and the doc comments have examples that a type checker accepts', async () => {
    const { folder } = await builtPackage()
    const examples = [...blocksOf(readme), ...commentBlocksOf(join(folder, 'types'))]

    expect(await checked(examples)).toEqual({ status: 0, out: '', problems: '' })
    expect(examples.length).toBeGreaterThan(15)
  }, 60_000)

  test('would be caught with an example that is wrong', async () => {
    const { status, out } = await checked(['const price: number = lamp.price', 'abasto.products.sell(lamp.id)'])

    expect(status).not.toBe(0)
    expect(out.split('\n').filter((line) => line.includes('error TS'))).toHaveLength(2)
  }, 60_000)

  const checked = async (examples: readonly string[]) => {
    const files = examples.map((text, index) => {
      project.write(`example-${index}.ts`, withImports(text))
      return `example-${index}.ts`
    })
    project.write('surroundings.d.ts', SURROUNDINGS)
    const compilerOptions = {
      target: 'es2022',
      lib: ['es2022', 'dom'],
      module: 'esnext',
      moduleResolution: 'bundler',
      strict: true,
      noEmit: true,
      types: [],
    }
    project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: [...files, 'surroundings.d.ts'] }))

    return project.run([process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'])
  }

  test('begins with a sale that can be made as it stands', async () => {
    const [first = ''] = blocksOf(readme)
    const here = first
      .replace("'http://localhost:8080'", JSON.stringify(shop.urls))
      .replace('the key that the server printed', shop.apiKey)
    project.write('first.ts', here)

    const { status, out } = await project.run([process.execPath, 'first.ts'])

    expect([status, out]).toEqual([0, '25.00 EUR\nreceipt 100\nsale -2\n'])
  }, 30_000)

  test('names every class that is exported, and every option', () => {
    const classes = Object.keys(sdk).filter((name) => !readme.includes(`\`${name}\``) && name !== 'Abasto')
    const settings = [...readFileSync(join(root, 'sdk/src/settings.ts'), 'utf8').matchAll(/^ {4}(\w+)\?: /gm)]
    const options = [...readFileSync(join(root, 'sdk/src/options.ts'), 'utf8').matchAll(/^ {4}(\w+)\?: /gm)]
    const names = [...settings, ...options].map(([, name]) => name!)

    expect(classes).toEqual([])
    expect(names.filter((name) => !readme.includes(`\`${name}`))).toEqual([])
    expect(names).toContain('attemptTimeoutMs')
  })
})

const readme = readFileSync(join(root, 'sdk/README.md'), 'utf8')

const blocksOf = (text: string): string[] => [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, block]) => block!)

/** The examples in the doc comments of the declarations. */
function commentBlocksOf(folder: string): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.d.ts'))
  return files.flatMap((file) => blocksOf(readFileSync(join(folder, file), 'utf8').replaceAll(/^ *\* ?/gm, '')))
}

/** An example with the imports that it leaves to its reader. */
function withImports(text: string): string {
  const names = Object.keys(sdk).filter((name) => new RegExp(`\\b${name}\\b`).test(text))
  const imported = text.includes("from '@abasto/sdk'") ? '' : `import { ${names.join(', ')} } from '@abasto/sdk'\n`
  return `${imported}${text}\nexport {}\n`
}

/** What the examples take for granted. */
const SURROUNDINGS = `
declare const abasto: import('@abasto/sdk').Abasto
declare const apiKey: string
declare const id: string
declare const lamp: import('@abasto/sdk').Product
declare const chair: import('@abasto/sdk').Product
declare const attic: import('@abasto/sdk').Warehouse
declare const shop: import('@abasto/sdk').Warehouse
declare const cart: import('@abasto/sdk').Reservation
declare const sale: import('@abasto/sdk').Purchase
`
