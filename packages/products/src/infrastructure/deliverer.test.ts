import { expect, test } from 'bun:test'
import type { WrittenVersion } from '../application/ports.ts'
import { startDeliverer } from './deliverer.ts'
import type { OverdueVersion } from './outbox.ts'
import { createPauses } from './pauses.ts'

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

test('a server of the cache that is down keeps from the others nothing that is theirs', async () => {
  const ofItsOwn = Array.from({ length: 450 }, (_, index) => product(`down-${index}`))
  const office = postOffice({ overdue: [...ofItsOwn, product('lamp'), product('chair')], isDeafTo: 'down-' })

  await office.until(() => office.rows().length === 450)

  expect(office.heard()).toEqual([product('lamp'), product('chair')])
  await office.deliverer.stop()
})

test('however many are not heard, a look ends, and the next goes on behind them', async () => {
  const ofItsOwn = Array.from({ length: 4_500 }, (_, index) => product(`down-${index}`))
  const office = postOffice({ overdue: [...ofItsOwn, product('lamp')], isDeafTo: 'down-' })

  await office.until(() => office.looks().length > 2)
  expect(office.looks().slice(0, 3)).toEqual([2_000, 4_000, 4_501])
  expect(office.rows()).toHaveLength(4_500)
  office.cure()
  await office.until(() => office.rows().length === 0)

  expect(office.heard()).toHaveLength(4_501)
  await office.deliverer.stop()
})

const product = (id: string): WrittenVersion => ({ id, version: 2, isDeleted: false })

const lamp = (version: number): WrittenVersion => ({ id: 'lamp', version, isDeleted: false })

/** An outbox and a cache in memory, with a deliverer between them. */
function postOffice({
  overdue,
  fresh = [],
  isDeaf = false,
  isDeafTo,
  failures = 0,
  hasCache = true,
}: {
  overdue: WrittenVersion[]
  fresh?: WrittenVersion[]
  isDeaf?: boolean
  /** It hears nothing of products whose id begins so. */
  isDeafTo?: string
  failures?: number
  hasCache?: boolean
}) {
  let rows = [...overdue, ...fresh]
  let mootLooks = 0
  let tries = 0
  const looks: number[] = []
  const heard: WrittenVersion[] = []
  const outdate = async ({ id, version, isDeleted }: WrittenVersion) => {
    tries++
    if (isDeaf || (isDeafTo && id.startsWith(isDeafTo))) return false
    heard.push({ id, version, isDeleted })
    return true
  }
  const places = new Map(overdue.map((row, index) => [row, String(index)]))
  const outbox = {
    overdue: async (limit: number, after?: OverdueVersion) => {
      if (failures-- > 0) throw new Error('away')
      const waiting = rows.flatMap((row) => (places.has(row) ? { ...row, writtenAt: places.get(row)! } : []))
      return waiting.filter(({ writtenAt }) => Number(writtenAt) > Number(after?.writtenAt ?? -1)).slice(0, limit)
    },
    remove: async (told: readonly WrittenVersion[]) => {
      const versions = new Map(told.map(({ id, version }) => [id, version]))
      rows = rows.filter(({ id, version }) => version > (versions.get(id) ?? 0))
    },
    removeMoot: async () => {
      mootLooks++
      return 0
    },
  }
  const pauses = createPauses()
  const pause = (ms: number) => {
    if (ms < 1_000) looks.push(tries)
    return pauses.pause(ms)
  }
  return {
    deliverer: startDeliverer({ outbox, cache: hasCache ? { outdate } : undefined, pauses: { ...pauses, pause } }),
    rows: () => rows,
    heard: () => heard,
    mootLooks: () => mootLooks,
    /** How many rows had been told at the end of each look, heard or not. */
    looks: () => looks,
    cure: () => {
      isDeaf = false
      isDeafTo = undefined
    },
    until: async (isSo: () => boolean) => {
      while (!isSo()) await Bun.sleep(10)
    },
  }
}
