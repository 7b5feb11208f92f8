import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { found, size } from '../stock/size.ts'
import { type Copy, changed, makeCopy, sourceOf } from './copy.ts'
import type { Fault, Suite } from './fault.ts'
import { FAULTS_OF_THE_RULE } from './faults-of-the-rule.ts'
import { FAULTS_OF_THE_STORE } from './faults-of-the-store.ts'

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Faults that only races show were not tested: TEST_POSTGRES_URL is not set.')

/** A wrong statement may do no harm by luck, once; each fault has so many chances to be caught. */
const CHANCES = 3

const root = join(import.meta.dir, '../..')

const LANES = 2

describe('a fault that is planted', () => {
  const faults = [...FAULTS_OF_THE_STORE, ...FAULTS_OF_THE_RULE].filter(isRunnable)
  const chosen = shareOf(faults, size({ usual: server ? 8 : 3, full: faults.length }))
  let copies: Copy[] = []
  beforeAll(() => {
    copies = Array.from({ length: LANES }, makeCopy)
  })
  afterAll(() => {
    for (const { remove } of copies) remove()
  })

  test('is really planted: what it changes is there, once', () => {
    expect(() => changed('one two two', { file: 'a.ts', from: 'two', to: 'three' })).toThrow('2 times')
    expect(() => changed('one', { file: 'a.ts', from: 'two', to: 'three' })).toThrow('0 times')
    expect(new Set(faults.map(({ title }) => title)).size).toBe(faults.length)
    // Of all of them, also of those that are not run this time.
    for (const change of faults.flatMap(({ changes }) => changes)) {
      changed(readFileSync(sourceOf(root, change.file), 'utf8'), change)
    }
  })

  test('is not seen where there is none', async () => {
    const suites = [...new Set(chosen.map(({ suite }) => suite))]
    expect(await copies[0]!.typeErrors()).toBe('')

    await inLanes(suites, async (copy, suite) => {
      const { passed, failed, said } = await copy.run(suite)
      if (failed !== undefined || passed === 0) throw new Error(`${suite.file} without a fault:\n${said}`)
    })
  }, 600_000)

  test('is caught, each by a test that has a name', async () => {
    const caught = new Map<string, string>()
    const started = performance.now()

    await inLanes(chosen, async (copy, fault) => {
      const by = await copy.planted(fault.changes, () => catcherOf(copy, fault))
      caught.set(fault.title, by)
    })

    const seconds = Math.round((performance.now() - started) / 1_000)
    const inOrder = chosen.map(({ title }) => [title, caught.get(title)] as const)
    found('faults planted one at a time, and the test that caught each', {
      planted: chosen.length,
      caught: inOrder.filter(([, by]) => by !== NOBODY).length,
      seconds,
      ...Object.fromEntries(inOrder),
    })
    expect(inOrder.filter(([, by]) => by === NOBODY)).toEqual([])
  }, 1_800_000)

  async function inLanes<T>(tasks: readonly T[], work: (copy: Copy, task: T) => Promise<void>): Promise<void> {
    const waiting = [...tasks]
    const lane = async (copy: Copy) => {
      for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) await work(copy, task)
    }
    await Promise.all(copies.map(lane))
  }
})

const NOBODY = 'nobody'

async function catcherOf(copy: Copy, { title, suite }: Fault): Promise<string> {
  const errors = await copy.typeErrors()
  if (errors !== '') throw new Error(`the compiler finds this fault, so it proves nothing: ${title}\n${errors}`)
  for (let chance = 1; chance <= CHANCES; chance++) {
    const { passed, failed, said } = await copy.run(suite)
    if (failed !== undefined) return `${failed} (${suite.file})`
    if (passed === 0) throw new Error(`no test ran against this fault: ${title}\n${said}`)
  }
  return NOBODY
}

function isRunnable({ suite }: Readonly<{ suite: Suite }>): boolean {
  return server !== undefined || !suite.needsServer
}

/** As many of them as wanted, from all over the list. */
const shareOf = <T>(all: readonly T[], count: number): readonly T[] =>
  all.filter((_, index) => Math.floor((index * count) / all.length) !== Math.floor(((index - 1) * count) / all.length))
