import { expect, test } from 'bun:test'
import { sharedNow } from './clock.ts'

test('what another process reads lies between what we read before and after', async () => {
  const script = `import { sharedNow } from ${JSON.stringify(`${import.meta.dir}/clock.ts`)}; console.log(sharedNow())`
  for (let time = 0; time < 3; time++) {
    const before = sharedNow()

    const other = Bun.spawn([process.execPath, '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const read = Number(await new Response(other.stdout).text())

    expect(read).toBeGreaterThan(before)
    expect(read).toBeLessThan(sharedNow())
  }
})

test('it never goes back, and tells moments apart that are far less than a call apart', () => {
  const moments = Array.from({ length: 1_000 }, sharedNow)

  expect(moments).toEqual(moments.toSorted((one, other) => one - other))
  expect(new Set(moments).size).toBeGreaterThan(500)
})
