import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { freePort } from '../../scripts/free-port.ts'
import { mongoProgram } from '../../scripts/mongo-program.ts'

/** A MongoDB that keeps as little of the past as it can. */
export type ForgetfulMongo = Readonly<{
  url: string
  /** Writes until nothing is known any more of what was written before. */
  forget: () => Promise<void>
  stop: () => Promise<void>
}>

/** The least that an oplog grows to before some of it is cut off, and what is written at a time. */
const MEGABYTES = { most: 200, atATime: 4 } as const

export async function startForgetfulMongo(): Promise<ForgetfulMongo> {
  const folder = mkdtempSync(join(tmpdir(), 'abasto-forgetful-'))
  const port = await freePort()
  const options = ['--dbpath', folder, '--port', `${port}`, '--bind_ip', '127.0.0.1', '--nounixsocket', '--quiet']
  // An oplog is cut off only up to what a checkpoint holds, so there is one each second.
  const small = ['--oplogSize', '1', '--syncdelay', '1', '--wiredTigerCacheSizeGB', '0.25', '--replSet', 'forgetful']
  const dying = Bun.which('setpriv') ? ['setpriv', '--pdeathsig', 'KILL', '--'] : []
  const server = Bun.spawn([...dying, mongoProgram(), ...options, ...small], { stdio: ['ignore', 'ignore', 'ignore'] })
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`)
  const admin = client.db('admin')
  const oldest = async (): Promise<string> => {
    const [entry] = await client.db('local').collection('oplog.rs').find().sort({ $natural: 1 }).limit(1).toArray()
    return String(entry?.ts)
  }
  const stop = async () => {
    await client.close()
    server.kill('SIGKILL')
    await server.exited
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const members = [{ _id: 0, host: `127.0.0.1:${port}` }]
    await admin.command({ replSetInitiate: { _id: 'forgetful', members } })
    while (!(await admin.command({ hello: 1 })).isWritablePrimary) await Bun.sleep(20)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: `mongodb://127.0.0.1:${port}/?replicaSet=forgetful`,
    forget: async () => {
      const before = await oldest()
      const noise = Array.from({ length: MEGABYTES.atATime }, () => ({ noise: 'x'.repeat(1_000_000) }))
      for (let written = 0; (await oldest()) === before; written += MEGABYTES.atATime) {
        if (written > MEGABYTES.most) throw new Error('the server forgets nothing')
        await client.db('noise').collection('noise').insertMany(structuredClone(noise))
        await Bun.sleep(100)
      }
      await client.db('noise').dropDatabase()
    },
    stop,
  }
}
