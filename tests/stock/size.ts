import { appendFileSync } from 'node:fs'

/** Whether the proof runs at its full size, as `bun run prove` does, or at one that suits every change. */
export const isFull = process.env.ABASTO_PROOF === 'full'

export const size = (sizes: Readonly<{ usual: number; full: number }>): number => (isFull ? sizes.full : sizes.usual)

/** Says what was found: to whoever watches, and to the report where one is being written. */
export function found(what: string, figures: Readonly<Record<string, unknown>>): void {
  console.log(`${what}: ${JSON.stringify(figures)}`)
  const notes = process.env.ABASTO_PROOF_NOTES
  if (notes) appendFileSync(notes, `${JSON.stringify({ what, figures })}\n`)
}
