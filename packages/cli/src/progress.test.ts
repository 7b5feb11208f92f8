import { expect, test } from 'bun:test'
import { showProgress } from './progress.ts'

test('draws a bar that fits the terminal, and ends it with a line', () => {
  const { text, screen } = paper({ isTTY: true, columns: 40 })

  const progress = showProgress('Selling', 4, screen)
  for (let step = 0; step < 4; step++) progress.step()
  progress.end()
  progress.end()

  expect(text()).toStartWith('\rSelling ████████████████████████ 100%')
  expect(text()).toEndWith('\n')
  expect(text().replace('\r', '').replace('\x1b[K\n', '').length).toBeLessThan(40)
})

test('writes plain lines where there is no terminal', () => {
  const { text, screen } = paper({})

  const progress = showProgress('Selling', 2000, screen)
  for (let step = 0; step < 1000; step++) progress.step()
  progress.end()

  expect(text()).toMatch(/^Selling: 50%, 1,000 of 2,000, [\d,]+\/s, \d+ s left\n$/)
})

test('is never beyond the end, though there is more to do than was thought', () => {
  const { text, screen } = paper({})

  const progress = showProgress('Copying', 7798, screen)
  progress.step(8131)
  progress.end()

  expect(text()).toMatch(/^Copying: 100%, 8,131 of 8,131, [\d,]+\/s\n$/)
})

function paper(of: { isTTY?: boolean; columns?: number }) {
  const written: string[] = []
  return { text: () => written.join(''), screen: { ...of, write: (text: string) => written.push(text) } }
}
