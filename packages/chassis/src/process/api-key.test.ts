import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apiKeyOf } from './api-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'abasto-key-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a key is made once, kept for its owner alone, and gives way to one that is set', () => {
  const data = join(folder, 'data')

  const made = apiKeyOf(data, undefined)

  expect(made).toMatch(/^abasto_[\w-]{32}$/)
  expect(apiKeyOf(data, undefined)).toBe(made)
  expect(apiKeyOf(data, 'another-key-that-is-set')).toBe('another-key-that-is-set')
  expect(readFileSync(join(data, 'api-key'), 'utf8')).toBe(`${made}\n`)
  expect(statSync(join(data, 'api-key')).mode & 0o777).toBe(0o600)
})

test('processes that start at the same moment in one folder come to have one key', async () => {
  const data = join(folder, 'contested')
  const code = `
    const { apiKeyOf } = await import(${JSON.stringify(join(import.meta.dir, 'api-key.ts'))})
    await Bun.stdin.text()
    console.log(apiKeyOf(${JSON.stringify(data)}, undefined))`
  const processes = Array.from({ length: 6 }, () =>
    Bun.spawn([process.execPath, '-e', code], { stdio: ['pipe', 'pipe', 'inherit'] }),
  )

  for (const each of processes) each.stdin.end()
  const keys = await Promise.all(processes.map((each) => new Response(each.stdout).text()))

  expect(keys[0]).toMatch(/^abasto_[\w-]{32}\n$/)
  expect(new Set(keys).size).toBe(1)
  expect(readdirSync(data)).toEqual(['api-key'])
}, 30_000)

test('a file of a key that was never written gets one', () => {
  const data = join(folder, 'empty')
  apiKeyOf(data, undefined)
  writeFileSync(join(data, 'api-key'), '')

  const made = apiKeyOf(data, undefined)

  expect(made).toMatch(/^abasto_/)
  expect(apiKeyOf(data, undefined)).toBe(made)
})
