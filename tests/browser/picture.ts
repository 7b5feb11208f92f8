import type { Locator, Page } from 'playwright-core'

/** Keeps a picture of an operation as it was tried: from its name to the answer, without what is only documented. */
export async function pictureOf(page: Page, block: Locator, path: string): Promise<void> {
  await page.setViewportSize({ width: 1000, height: 2400 })
  await page.evaluate('scrollTo(0, 0)')
  const [first, last] = [await block.boundingBox(), await block.locator('.live-responses-table').boundingBox()]
  if (!first || !last) throw new Error('The operation and its answer are not to be seen.')
  // What it is framed by is left of it, right of it and above; below it the documented answers begin.
  const frame = 8
  const height = last.y + last.height - first.y
  const clip = { x: first.x - frame, y: first.y, width: first.width + 2 * frame, height }
  await page.screenshot({ path, clip, fullPage: true })
}
