import { passingOnceSent } from '@abasto/chassis/process/failpoint'
import type { Decision } from '../domain/state.ts'

/** The places at which a test may end a process whose write is on its way, and nobody has heard what came of it. */
export function passingWithWriteSent(decisions: readonly Decision[]): void {
  passingOnceSent('after-send')
  passingOnceSent('after-send-of-expiry', () => decisions.some(endsWhatExpired))
}

/** Whether a sale ends here what had expired on its way. */
const endsWhatExpired = ({ purchases, movements }: Decision): boolean =>
  purchases.length > 0 && movements.some(({ kind }) => kind === 'expiry')
