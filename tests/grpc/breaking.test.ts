import { expect, test } from 'bun:test'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../running-shop.ts'
import { root } from '../tidy/project.ts'

const buf = join(root, 'node_modules/.bin/buf')

test('the messages are still those of the last release, and a change that would break its programs is seen', async () => {
  const { folder, remove } = temporaryFolder()
  cpSync(join(root, 'proto'), folder, {
    recursive: true,
    filter: (path) => !path.includes('node_modules') && !path.endsWith('/gen'),
  })
  const check = () => Bun.spawnSync([process.execPath, buf, 'breaking', '--against', 'released.binpb'], { cwd: folder })
  expect(check().exitCode).toBe(0)

  const product = join(folder, 'products/v1/product.proto')
  const text = await Bun.file(product).text()
  const planted = text.replace('string sku = 2;', 'int64 sku = 2;')
  expect(planted).not.toBe(text)
  await Bun.write(product, planted)

  const { exitCode, stdout } = check()
  expect(exitCode).not.toBe(0)
  expect(stdout.toString()).toContain('"sku"')
  remove()
}, 30_000)
