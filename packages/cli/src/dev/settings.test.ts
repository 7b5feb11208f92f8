import { expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { apiKeyOf } from './api-key.ts'
import { readSettings } from './settings.ts'

test('a shop needs no setting', () => {
  expect(readSettings({})).toEqual({
    host: 'localhost',
    ports: { gateway: 8080, products: 8001, inventory: 8002 },
    data: '.abasto',
    databases: { products: undefined, inventory: undefined },
    apiKey: undefined,
    logLevel: 'info',
  })
})

test('each port has a setting of its own', () => {
  const settings = readSettings({ GATEWAY_PORT: '1', PRODUCTS_PORT: '2', INVENTORY_PORT: '3' })

  expect(settings.ports).toEqual({ gateway: 1, products: 2, inventory: 3 })
})

test('a key is made once, kept for its owner alone, and gives way to one that is set', () => {
  const data = join(mkdtempSync(join(tmpdir(), 'abasto-key-')), 'data')

  const made = apiKeyOf(data, undefined)

  expect(made).toMatch(/^abasto_[\w-]{32}$/)
  expect(apiKeyOf(data, undefined)).toBe(made)
  expect(apiKeyOf(data, 'another-key-that-is-set')).toBe('another-key-that-is-set')
  expect(readFileSync(join(data, 'api-key'), 'utf8')).toBe(`${made}\n`)
  expect(statSync(join(data, 'api-key')).mode & 0o777).toBe(0o600)
  rmSync(dirname(data), { recursive: true })
})
