import { expect, test } from 'bun:test'
import { join } from 'node:path'

test('a process ends at the place that is named, and not before it has passed so often', async () => {
  expect(await passings('after-send:3')).toEqual({ signal: 'SIGKILL', lines: ['1', '2'] })
  expect(await passings('after-send')).toEqual({ signal: 'SIGKILL', lines: [] })
})

test('a place that is not passed, or none, ends nothing', async () => {
  const all = ['1', '2', '3', '4', 'end']

  expect(await passings('after-read')).toEqual({ signal: null, lines: all })
  expect(await passings('')).toEqual({ signal: null, lines: all })
})

test('a place that does not exist is refused: a crash that never comes would prove nothing', async () => {
  const refused = { signal: null, lines: [] }

  expect(await passings('after-sent')).toEqual(refused)
  expect(await passings('after-send:often')).toEqual(refused)
})

async function passings(failpoint: string) {
  const program = `
    const { passing } = await import(${JSON.stringify(join(import.meta.dir, 'failpoint.ts'))})
    for (const count of [1, 2, 3, 4]) {
      passing('after-send')
      console.log(count)
    }
    console.log('end')`
  const child = Bun.spawn([process.execPath, '-e', program], {
    env: { ...process.env, ABASTO_FAILPOINT: failpoint },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const text = await new Response(child.stdout).text()
  await child.exited
  return { signal: child.signalCode, lines: text.split('\n').filter(Boolean) }
}
