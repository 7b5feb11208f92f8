/** Waits until something is so; gives up after half a minute. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000
  while (performance.now() < deadline) {
    if (await isSo().catch(() => false)) return
    await Bun.sleep(50)
  }
  throw new Error('it did not come to be so within half a minute')
}
