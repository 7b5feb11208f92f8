import type { Cuts } from './shared-store.ts'

/** How a cable is cut at its worst: it was done, and nobody was told. */
export const WORST = 'cut when it was done, before the answer'

/**
 * Deals out what befalls each thing that is asked: so many of a thousand are cut, about evenly spread, so that a short
 * race has its share too. The kinds of cuts come in rounds, and every other cut of a write is the worst one.
 */
export function dealer<Cut extends string>(
  cuts: Cuts,
  kinds: readonly (Cut | typeof WORST)[],
): (isWrite: boolean) => Cut | typeof WORST | 'pass' {
  const others = kinds.filter((kind) => kind !== WORST)
  const ofWrites = others.flatMap((kind) => [WORST, kind] as const)
  const nextWrite = everySoOften(cuts.writes)
  const nextRead = everySoOften(cuts.reads)
  let dealt = 0
  return (isWrite) => {
    if (isWrite) return nextWrite() ? ofWrites[dealt++ % ofWrites.length]! : 'pass'
    return nextRead() ? kinds[Math.floor(Math.random() * kinds.length)]! : 'pass'
  }
}

/** Says yes so many times of a thousand: after as many as that is on average, or fewer, or up to twice as many. */
function everySoOften(ofThousand: number): () => boolean {
  const draw = () => Math.ceil((2_000 / ofThousand) * Math.random())
  let left = draw()
  return () => {
    if (--left > 0) return false
    left = draw()
    return true
  }
}
