import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { FolderInUse, lockFolder } from './folder-lock.ts'

test('a folder belongs to one at a time, and whoever comes second is told who has it', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'abasto-lock-')), 'new')
  const lock = lockFolder(folder, { owner: 'the Abasto of process 7' })

  expect(() => lockFolder(folder, { owner: 'another' })).toThrow(FolderInUse)
  expect(() => lockFolder(folder, { owner: 'another' })).toThrow('in use by the Abasto of process 7')

  lock.release()
  lockFolder(folder, { owner: 'another' }).release()
  rmSync(dirname(folder), { recursive: true })
})

test('a lock is gone with the process that held it, however that ended', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'abasto-lock-'))
  const holder = Bun.spawn(
    [
      process.execPath,
      '-e',
      `const { lockFolder } = await import(${JSON.stringify(join(import.meta.dir, 'folder-lock.ts'))})
       globalThis.lock = lockFolder(${JSON.stringify(folder)}, { owner: 'a child' })
       console.log('held')
       process.stdin.on('end', () => process.exit()).resume()`,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  try {
    await holder.stdout.getReader().read()
    expect(() => lockFolder(folder, { owner: 'me' })).toThrow('a child')
  } finally {
    holder.kill('SIGKILL')
    await holder.exited
  }

  lockFolder(folder, { owner: 'me' }).release()
  rmSync(folder, { recursive: true })
}, 20_000)
