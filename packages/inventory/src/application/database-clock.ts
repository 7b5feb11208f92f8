/** For how long the clock is reckoned on from its last reading, in milliseconds. */
const TRUST_MS = 1_000

/**
 * The clock of a database, as far as it is known here: it was read some time between a question and its answer, and has
 * gone on since as ours has. Moments are those of `toISOString`.
 */
export class DatabaseClock {
  private readMs = 0
  private askedAtMs = 0
  private answeredAtMs = 0
  private trustedUntilMs = 0

  /** Notes what the database has just said, asked at that moment of `performance.now()`. */
  read(now: string, askedAtMs: number): void {
    this.readMs = Date.parse(now)
    this.askedAtMs = askedAtMs
    this.answeredAtMs = performance.now()
    this.trustedUntilMs = this.answeredAtMs + TRUST_MS
  }

  /** From now on it must be read before something is decided by it. */
  distrust(): void {
    this.trustedUntilMs = 0
  }

  get isTrusted(): boolean {
    return performance.now() < this.trustedUntilMs
  }

  /** What time it is there at the latest. */
  get latest(): string {
    return this.reckonedFrom(this.askedAtMs)
  }

  /** What time it is there at the earliest: what is written is never dated ahead. */
  get earliest(): string {
    return this.reckonedFrom(this.answeredAtMs)
  }

  private reckonedFrom(atMs: number): string {
    return new Date(this.readMs + (performance.now() - atMs)).toISOString()
  }
}
