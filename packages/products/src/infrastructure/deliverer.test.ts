import { expect, test } from 'bun:test'
import type { WrittenVersion } from '../application/ports.ts'
import { startDeliverer } from './deliverer.ts'

test('what is overdue is told, and then taken off', async () => {
  const office = postOffice({ overdue: [lamp(2), lamp(3)] })

  await office.until(() => office.rows().length === 0)

  expect(office.heard()).toEqual([lamp(2), lamp(3)])
  await office.deliverer.stop()
})

test('what the cache does not hear stays, and is told when it hears again', async () => {
  const office = postOffice({ overdue: [lamp(2)], isDeaf: true })
  await Bun.sleep(500)
  expect(office.rows()).toEqual([lamp(2)])

  office.cure()
  await office.until(() => office.rows().length === 0)

  expect(office.heard()).toEqual([lamp(2)])
  await office.deliverer.stop()
})

test('what its writer has told is taken off without being told again', async () => {
  const office = postOffice({ overdue: [], fresh: [lamp(2), lamp(3)] })

  office.deliverer.told(lamp(2))
  office.deliverer.told(lamp(3))
  await office.deliverer.stop()

  expect(office.rows()).toEqual([])
  expect(office.heard()).toEqual([])
})

test('what its writer could not tell is told as soon as the cache hears again', async () => {
  const office = postOffice({ overdue: [], fresh: [lamp(2)], isDeaf: true })
  office.deliverer.missed(lamp(2))
  await Bun.sleep(500)
  expect(office.rows()).toEqual([lamp(2)])

  office.cure()
  await office.until(() => office.rows().length === 0)

  expect(office.heard()).toEqual([lamp(2)])
  await office.deliverer.stop()
})

test('a database that is away for a while is asked again', async () => {
  const office = postOffice({ overdue: [lamp(2)], failures: 2 })

  await office.until(() => office.rows().length === 0)

  expect(office.heard()).toEqual([lamp(2)])
  await office.deliverer.stop()
})

test('without a cache nothing is told, and nothing is taken off before its time', async () => {
  const office = postOffice({ overdue: [lamp(2)], hasCache: false })

  await Bun.sleep(500)
  await office.deliverer.stop()

  expect(office.rows()).toEqual([lamp(2)])
  expect(office.mootLooks()).toBe(1)
})

const lamp = (version: number): WrittenVersion => ({ id: 'lamp', version, isDeleted: false })

/** An outbox and a cache in memory, with a deliverer between them. */
function postOffice({
  overdue,
  fresh = [],
  isDeaf = false,
  failures = 0,
  hasCache = true,
}: {
  overdue: WrittenVersion[]
  fresh?: WrittenVersion[]
  isDeaf?: boolean
  failures?: number
  hasCache?: boolean
}) {
  let rows = [...overdue, ...fresh]
  let mootLooks = 0
  const heard: WrittenVersion[] = []
  const outdate = async (written: WrittenVersion) => {
    if (!isDeaf) heard.push(written)
    return !isDeaf
  }
  const outbox = {
    overdue: async () => {
      if (failures-- > 0) throw new Error('away')
      return rows.filter((row) => overdue.includes(row))
    },
    remove: async (told: readonly WrittenVersion[]) => {
      rows = rows.filter(({ version }) => !told.some((other) => version <= other.version))
    },
    removeMoot: async () => {
      mootLooks++
      return 0
    },
  }
  return {
    deliverer: startDeliverer({ outbox, cache: hasCache ? { outdate } : undefined }),
    rows: () => rows,
    heard: () => heard,
    mootLooks: () => mootLooks,
    cure: () => {
      isDeaf = false
    },
    until: async (isSo: () => boolean) => {
      while (!isSo()) await Bun.sleep(10)
    },
  }
}
