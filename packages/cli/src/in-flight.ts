/**
 * Does the work for every item, at most `width` at a time, in order. The first failure stops it: what is under way is
 * waited for, nothing more is begun, and the failure is thrown.
 */
export async function forEachAtMost<T>(
  width: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  let next = 0
  const failures: unknown[] = []
  const worker = async () => {
    while (next < items.length && failures.length === 0 && !signal?.aborted) {
      const item = items[next++] as T
      try {
        await work(item)
      } catch (failure) {
        failures.push(failure)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker))
  if (failures.length > 0) throw failures[0]
}
