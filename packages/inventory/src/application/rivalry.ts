/** From which share of lost groups on others count as being at work on the same levels. */
const CROWDED = 0.1

/** How much one write counts in the share of lost groups. */
const WEIGHT_OF_A_WRITE = 0.1

/** For how long others are let in first at most, in milliseconds. */
const MOST_WAY_MS = 100

/**
 * How much a committer has to do with other processes that write to the same levels, as far as it can tell from the
 * races that it lost lately.
 *
 * Who has just written knows the levels best, so left alone it would win again and again while the others read, decide
 * and lose. So where many races are lost, whoever has won gives way: of n processes that are equally at work each loses
 * n-1 of n races, and waits as long as the n-1 others need for a write each.
 */
export class Rivalry {
  private shareLost = 0
  private waysEndMs = 0
  private readonly nowMs: () => number

  constructor(nowMs: () => number = () => performance.now()) {
    this.nowMs = nowMs
  }

  /** Notes that of `groups` groups so many lost, in a write that took so long. */
  note(lost: number, groups: number, tookMs: number): void {
    this.shareLost += (lost / groups - this.shareLost) * WEIGHT_OF_A_WRITE
    const othersMs = tookMs * (this.shareLost / (1 - this.shareLost))
    const isToGiveWay = lost === 0 && this.isCrowded
    this.waysEndMs = isToGiveWay ? this.nowMs() + Math.min(MOST_WAY_MS, othersMs) : 0
  }

  get isCrowded(): boolean {
    return this.shareLost > CROWDED
  }

  /** For how long the next write lets others in first, in milliseconds. */
  get wayMs(): number {
    return Math.max(0, this.waysEndMs - this.nowMs())
  }
}
