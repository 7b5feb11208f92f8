import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BadSetting } from '@abasto/chassis/config'
import { freshMongo } from '@abasto/chassis/database/fresh-mongo'
import { connectMongo } from '@abasto/chassis/database/mongo'
import { runCopy } from '../copy.ts'
import { CannotCopy } from './cannot-copy.ts'
import { expectApart } from './folders.ts'
import { openTarget, placeOf } from './places.ts'

const home = mkdtempSync(join(tmpdir(), 'abasto-places-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

test.each([
  'mongodb:/host/shop',
  'mongodb:host',
  'Mongodb://host/shop',
  'postgres:/host/shop',
  'postgres:me:secret@host',
])('the mistyped address %s is no folder', (typed) => {
  for (const option of ['--from', '--to']) {
    expect(() => placeOf(option, typed)).toThrow(BadSetting)
    expect(() => placeOf(option, typed)).toThrow(
      new RegExp(
        `^${option} takes an address such as postgres://.* begins with neither postgres:// nor mongodb://\\.$`,
      ),
    )
    expect(() => placeOf(option, typed)).not.toThrow('secret')
  }
})

test('what only has a colon somewhere in its path is a folder', () => {
  for (const typed of ['./mongodb:host', '/srv/shop:old', 'shops/a:b', '.abasto', '2026:shop']) {
    expect(placeOf('--to', typed)).toEqual({ kind: 'folder', address: typed, name: typed })
  }
})

test('neither of two folders lies within the other, by whatever way', async () => {
  const source = databaseIn('shop')
  symlinkSync(source, join(home, 'way'))
  const within = [join(source, 'new'), join(source, 'database'), join(home, 'way/not/yet'), `${source}/../shop/new`]
  for (const target of within) expect(await copying(source, target)).toBe(refused(target, source))
  expect(await copying(join(home, 'way'), join(source, 'new'))).toBe(refused(join(source, 'new'), join(home, 'way')))
  // One whose name only begins alike lies beside it.
  expect(() => expectApart(source, `${source}-new`)).not.toThrow()
  expect(await copying(source, home)).toBe(`The folder ${source} lies within ${home}: copy to one beside it.`)

  expect(readdirSync(source)).toEqual(['database'])
  // Where there is nothing to copy, that is what is wrong.
  expect(await copying(join(home, 'nothing'), join(home, 'nothing/new'))).toContain('holds no embedded database.')
})

test('nothing is copied into the inside of a database', async () => {
  const shop = databaseIn('other-shop')
  const inside = join(shop, 'database')

  for (const target of [inside, join(inside, 'base/new')]) {
    expect(await copying('postgres://nobody.invalid/shop', target)).toBe(
      `The folder ${target} is inside of a database, the one in ${inside}: name another one.`,
    )
  }
  expect(readdirSync(inside)).toEqual(['PG_VERSION'])
})

const server = process.env.TEST_MONGODB_URL
if (!server) console.log('Copying into a MongoDB that refuses it was not tested: TEST_MONGODB_URL is not set.')
else {
  test('a MongoDB whose name differs from another only in capitals is refused in one sentence', async () => {
    const { url, drop } = freshMongo(server)
    const mongo = connectMongo({ url, connections: 1 })
    await mongo.db.collection('lamps').insertOne({ sold: 1 })
    await mongo.close()

    const target = placeOf('--to', url.replace('/abasto_', '/Abasto_'))
    const opening = openTarget(target, { partitions: undefined })

    await expect(opening).rejects.toThrow(CannotCopy)
    await expect(opening).rejects.toThrow(
      /^The database at mongodb:.* cannot be used: db already exists with different case/,
    )
    await drop()
  }, 30_000)
}

const refused = (target: string, source: string) =>
  `The folder ${target} lies within ${source}: copy to one outside of it.`

function databaseIn(name: string): string {
  mkdirSync(join(home, name, 'database'), { recursive: true })
  writeFileSync(join(home, name, 'database/PG_VERSION'), '17\n')
  return join(home, name)
}

/** What the command complains about; it ends with 2. */
async function copying(from: string, to: string): Promise<string> {
  const complained: string[] = []
  const output = { say: () => {}, complain: (text: string) => complained.push(text) }
  expect(await runCopy(['--from', from, '--to', to], output, {})).toBe(2)
  return complained.join('\n')
}
