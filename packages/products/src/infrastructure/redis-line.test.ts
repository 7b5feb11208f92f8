import { expect, test } from 'bun:test'
import type { Log } from '@abasto/chassis/log'
import { openLine } from './redis-line.ts'

test('an address that the driver refuses is a cache that is away, and says nothing of its password', async () => {
  for (const url of ['redis://:secret@localhost:6379/shop', 'redis://:secret%zz@localhost:6379', 'redis:// secret']) {
    const said: unknown[] = []
    const warn = (...what: unknown[]) => void said.push(what)
    const line = openLine({ url, log: { warn } as Partial<Log> as Log })

    expect(await line.ask(['PING'], 'probe')).toEqual({ ok: false, reason: 'away' })
    await line.close()

    expect(said).toEqual([['cache.away', { reason: 'its address cannot be used' }]])
  }
})
