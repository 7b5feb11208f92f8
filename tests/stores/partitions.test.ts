import { expect, test } from 'bun:test'
import { migrateInventory } from '../stock/seller.ts'
import { postgres, postgresInPartitions } from './postgres.ts'

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Which tables are in partitions was not tested: TEST_POSTGRES_URL is not set.')
else
  test.each([
    ['whole', undefined],
    ['in other partitions', 2],
    ['as they should be', postgresInPartitions.partitions],
  ])('a database whose tables are %s is told from one with every table in partitions', async (_, partitions) => {
    const { url, drop } = await postgres.fresh(server)
    await migrateInventory(url, { partitions })

    const misfits = await postgresInPartitions.misfits(url)

    const ledger = partitions === postgresInPartitions.partitions ? [] : ['the ledger is not in its partitions']
    expect(misfits.filter((what) => !what.endsWith(' is whole'))).toEqual(ledger)
    expect(misfits.includes('movements is whole')).toBe(partitions === undefined)
    await drop()
  })
