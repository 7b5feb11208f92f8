import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SQL } from 'bun'
import { openEmbedded } from '../../packages/chassis/src/database/embedded.ts'
import { lockFolder } from '../../packages/chassis/src/database/folder-lock.ts'
import { type FreshDatabase, freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { migrate, readMigrations } from '../../packages/chassis/src/database/migrations.ts'
import { connectPostgres } from '../../packages/chassis/src/database/postgres.ts'
import { askPostgres } from '../../packages/cli/src/verify/databases.ts'
import { type Findings, report, verify } from '../../packages/cli/src/verify/findings.ts'
import { MOST_SHOWN, question } from '../../packages/cli/src/verify/question.ts'
import { runVerify } from '../../packages/cli/src/verify.ts'
import { temporaryFolder } from '../running-shop.ts'
import { asked, inventoryOn, LAMP, liveThroughEverything, succeeded } from './verify-history.ts'

const migrations = readMigrations(join(import.meta.dir, '../../packages/inventory/migrations'))
const server = process.env.TEST_POSTGRES_URL

/** What the command answered to what was typed. */
async function verifying(args: string[], environment: Record<string, string> = {}) {
  const [said, complained]: [string[], string[]] = [[], []]
  const output = { say: (text: string) => said.push(text), complain: (text: string) => complained.push(text) }
  const code = await runVerify(args, output, { ABASTO_DATA: '/nowhere', ...environment })
  return { code, said: said.join('\n'), complained: complained.join('\n') }
}

describe('on the embedded database', () => {
  const { folder, remove } = temporaryFolder()
  const settings = { ABASTO_DATA: folder }
  afterAll(remove)

  test('a folder without a database is told, and none is made', async () => {
    const { code, complained } = await verifying([], settings)

    expect([code, complained]).toEqual([
      2,
      `There is no database to check: INVENTORY_DATABASE_URL is not set, and the folder ${folder} holds none.`,
    ])
    expect(await Array.fromAsync(new Bun.Glob('**').scan(folder))).toEqual([])
  })

  test('a folder that only has the name of a database is none, and is left as it was', async () => {
    const other = join(folder, 'other')
    const notes = join(other, 'database/notes.txt')
    mkdirSync(join(other, 'database'), { recursive: true })
    writeFileSync(notes, 'not ours')

    const { code, complained } = await verifying([], { ABASTO_DATA: other })

    expect([code, complained]).toEqual([
      2,
      `There is no database to check: INVENTORY_DATABASE_URL is not set, and the folder ${other} holds none.`,
    ])
    expect(readdirSync(other, { recursive: true })).toEqual(['database', 'database/notes.txt'])
    expect(await Bun.file(notes).text()).toBe('not ours')
  })

  test('a database without an inventory, or an old one, is told', async () => {
    const database = await openEmbedded(join(folder, 'database'))
    await database.close()

    const { code, complained } = await verifying([], settings)

    expect(code).toBe(2)
    expect(complained).toStartWith('There is no inventory in the embedded database that this Abasto knows, or an older')
  }, 60_000)

  test('while the service runs on it, that is said in one sentence', async () => {
    const lock = lockFolder(folder, { owner: 'a test' })
    try {
      const { code, complained } = await verifying([], settings)

      expect([code, complained]).toEqual([
        2,
        `The service is running on the folder ${folder}, and an embedded database has one user at a time: stop it, ` +
          'then verify again.',
      ])
    } finally {
      lock.release()
    }
  })

  test('it ends with 0 when all is right, and with 1 and a line when something is not', async () => {
    const open = () => openEmbedded(join(folder, 'database'))
    const before = await open()
    await migrate(before, 'inventory', migrations)
    const { inventory } = inventoryOn(before)
    succeeded(await inventory.openInventory(asked(), { productId: LAMP, quantity: 7 }))
    await before.close()
    const clean = await verifying([], settings)
    const after = await open()
    await after.query('UPDATE inventory.stock_levels SET on_hand = 9', [])
    await after.close()
    const wrong = await verifying([], settings)

    expect([clean.code, clean.said.split('\n')[0]]).toEqual([
      0,
      'The ledger equals the balances: 1 levels, 0 purchases, 0 reservations, 1 operations.',
    ])
    expect([wrong.code, ...wrong.said.split('\n').slice(0, 2)]).toEqual([
      1,
      `Product ${LAMP}, warehouse default: on hand is not what the movements add up to: expected 7, found 9.`,
      '1 difference between the ledger and the balances.',
    ])
  }, 60_000)
})

test('what cannot be meant is refused with a sentence', async () => {
  expect((await verifying(['--database', 'mysql://here'])).complained).toStartWith(
    '--database takes an address such as',
  )
  expect((await verifying(['--database', ''])).code).toBe(2)
  expect((await verifying(['--databse', 'x'])).code).toBe(2)
  expect((await verifying(['--help'])).said).toStartWith('Usage: abasto verify')
})

test('a large ledger is told with its seconds per million, and a flood of differences with a count', () => {
  const findings: Findings = {
    lookedAt: { movements: 1_234_567, levels: 10, purchases: 1, reservations: 0, operations: 1 },
    seconds: 2.346,
    counts: { level_on_hand: MOST_SHOWN + 12 },
    differences: [],
  }

  expect(report(findings)).toEqual([
    'And 12 more where on hand is not what the movements add up to.',
    '1,012 differences between the ledger and the balances.',
    'checked 1,234,567 movements in 2.3 s, 1.9 s per million',
  ])
})

if (!server) console.log('Verifying a living PostgreSQL was not tested: TEST_POSTGRES_URL is not set.')
const onPostgres = () => {
  let books: FreshDatabase
  let plain: SQL
  beforeAll(async () => {
    books = await freshDatabase(server!)
    const database = connectPostgres({ url: books.url, connections: 1 })
    await migrate(database, 'inventory', migrations)
    await liveThroughEverything(inventoryOn(database))
    await database.close()
    plain = new SQL(books.url, { max: 1 })
  }, 60_000)
  afterAll(async () => {
    await plain?.close()
    await books?.drop()
  })

  test('the address may come from the setting of the service, and the findings as JSON', async () => {
    const { code, said } = await verifying(['--json'], { INVENTORY_DATABASE_URL: books.url })

    expect(code).toBe(0)
    expect(JSON.parse(said)).toMatchObject({
      isClean: true,
      differenceCount: 0,
      counts: {},
      differences: [],
      lookedAt: { levels: 6 },
      seconds: expect.any(Number),
      secondsPerMillion: expect.any(Number),
    })
  })

  test('a difference ends it with 1, whoever else is told', async () => {
    await plain.unsafe(`UPDATE inventory.holds SET quantity = quantity + 1 WHERE product_id = '${LAMP}'`)
    const { code, said } = await verifying(['--database', books.url, '--json'])
    await plain.unsafe(`UPDATE inventory.holds SET quantity = quantity - 1 WHERE product_id = '${LAMP}'`)

    const { isClean, counts, differences } = JSON.parse(said)
    expect([code, isClean]).toEqual([1, false])
    expect(counts).toMatchObject({
      level_holds: expect.any(Number),
      hold_quantity: differences.length - counts.level_holds,
    })
    expect(differences[0]).toMatchObject({ productId: LAMP, message: expect.stringContaining('expected') })
  })

  test('a role that may only read can verify, and one that may not is told', async () => {
    await plain
      .unsafe(`CREATE ROLE auditor LOGIN; CREATE ROLE stranger LOGIN; GRANT USAGE ON SCHEMA inventory TO auditor;
      GRANT SELECT ON ALL TABLES IN SCHEMA inventory TO auditor`)
      .simple()
    try {
      expect(await verifying(['--database', as('auditor')])).toMatchObject({ code: 0 })
      expect(await verifying(['--database', as('stranger')])).toMatchObject({
        code: 2,
        complained: 'This role may not read the inventory: it takes USAGE of the schema and SELECT on its tables.',
      })
    } finally {
      await plain.unsafe('DROP OWNED BY auditor, stranger; DROP ROLE auditor, stranger').simple()
    }
  })

  test('nothing there, or nobody, is told without the password', async () => {
    const url = new URL(books.url)
    url.password = 'secret'
    url.pathname = '/nothing'
    const nothing = await verifying(['--database', url.href])
    url.port = '1'
    const nobody = await verifying(['--database', url.href])

    expect([nothing.code, nobody.code]).toEqual([2, 2])
    expect(nothing.complained).toMatch(/^The database at .+\/nothing did not answer the check: .+\.$/)
    expect(nothing.complained + nobody.complained).not.toContain('secret')
  }, 20_000)

  test('the server itself refuses whatever would change something', async () => {
    const changing = 'SELECT name AS looked_at FROM inventory.warehouses FOR UPDATE'

    expect(askPostgres(books.url)(changing)).rejects.toThrow('in a read-only transaction')
  })

  test('a connection that is cut fails the check, which says so', async () => {
    const cut = askPostgres(books.url)('SELECT pg_sleep(30) AS to_be_cut').then(
      () => 'an answer',
      (error: Error) => `${error.name}: ${error.message}`,
    )
    let found = 0
    while (found === 0) {
      await Bun.sleep(50)
      const rows = await plain.unsafe(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%to_be_cut%' AND pid <> pg_backend_pid()`,
      )
      found = rows.length
    }

    expect(await cut).toStartWith('CannotVerify: The database at ')
  }, 20_000)

  test('writers and sweepers go on while a check is under way', async () => {
    const check = new SQL(books.url, { max: 1 })
    const database = connectPostgres({ url: books.url, connections: 2 })
    try {
      await check.unsafe(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${question}`).simple()
      const { inventory } = inventoryOn(database)
      const line = { productId: LAMP, quantity: 1 }
      const context = { ...asked(), deadlineMs: Date.now() + 3_000 }
      const { id } = succeeded(await inventory.reserveStock(context, { lines: [line] }))
      succeeded(await inventory.commitReservation({ ...context, operationId: Bun.randomUUIDv7() }, { id }))
      const [locks] = await check.unsafe(
        `SELECT array_agg(DISTINCT mode) AS modes FROM pg_locks WHERE pid = pg_backend_pid() AND relation IS NOT NULL`,
      )

      expect([...locks.modes]).toEqual(['AccessShareLock'])
      await check.unsafe('COMMIT')
    } finally {
      await check.close({ timeout: 1 })
      await database.close()
    }
  }, 20_000)

  test('whatever writers are doing, a check finds no difference', async () => {
    const pools = [1, 2].map(() => connectPostgres({ url: books.url, connections: 3 }))
    const writers = [1, 2].map(() => connectPostgres({ url: books.url, connections: 1 }))
    const shops = pools.map((pool, index) => inventoryOn(pool, writers[index]))
    let isOver = false
    let done = 0
    const busy = shops.flatMap(({ inventory }) =>
      Array.from({ length: 12 }, async (_, who) => {
        for (let turn = who; !isOver; turn++) {
          const lines = [{ productId: LAMP, quantity: 1 + (turn % 3) }]
          if (turn % 4 === 0)
            await inventory.adjustStock(asked(), { productId: LAMP, quantityDelta: 9, reason: 'receipt' })
          else if (turn % 4 === 1) await inventory.sell(asked(), { lines: [...lines, ...lines] })
          else {
            const held = await inventory.reserveStock(asked(), { lines, ttlSeconds: 1 + (turn % 2) })
            if (held.ok && turn % 3 === 0) await inventory.commitReservation(asked(), { id: held.value.id })
            if (held.ok && turn % 3 === 1) await inventory.releaseReservation(asked(), { id: held.value.id })
          }
          done++
        }
      }),
    )

    const [found, seen]: [string[], number[]] = [[], []]
    // Until there was something to be wrong about, however slow the machine.
    for (const until = Date.now() + 4_000; Date.now() < until || new Set(seen).size < 6 || done < 100; ) {
      const findings = await verify(askPostgres(books.url))
      found.push(...report(findings).slice(0, -2))
      seen.push(findings.lookedAt.movements)
    }
    isOver = true
    await Promise.all(busy)
    await Promise.all([...pools, ...writers].map((pool) => pool.close()))

    expect(found).toEqual([])
  }, 60_000)

  const as = (role: string) => {
    const url = new URL(books.url)
    url.username = role
    return url.href
  }
}

if (server) describe('on PostgreSQL', onPostgres)
