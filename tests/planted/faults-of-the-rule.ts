import { type Fault, SUITES } from './fault.ts'

const [sales, promises, draft, level, levels] = [
  'domain/sales.ts',
  'domain/promises.ts',
  'domain/draft.ts',
  'domain/stock-level.ts',
  'domain/levels.ts',
]

/** Wrong answers to what may be done. */
export const FAULTS_OF_THE_RULE: readonly Fault[] = [
  {
    title: 'Lines of a sale are checked one by one.',
    changes: [
      {
        file: sales,
        from: 'const sum = (requested.get(keyOf(line)) ?? 0) + line.quantity',
        to: 'const sum = line.quantity',
      },
      {
        file: sales,
        from: '  if (!sold.ok || !line.offer.ok) throw',
        to: '  if (!sold.ok) return sellLine(draft, { ...line, quantity: 0 }, { actor, operationId } as SellStock)\n  if (!line.offer.ok) throw',
      },
    ],
    suite: SUITES.rule,
  },
  {
    title: 'Lines of a reservation are checked one by one.',
    changes: [
      {
        file: promises,
        from: 'const sum = (requested.get(keyOf(line)) ?? 0) + line.quantity',
        to: 'const sum = line.quantity',
      },
      {
        file: promises,
        from: "    if (!reserved.ok) throw new Error('a line was reserved that had not been checked')",
        to: '    if (!reserved.ok) continue',
      },
    ],
    suite: SUITES.promises,
  },
  {
    title: 'The operation id is forgotten: what is sent again is done again.',
    changes: [
      { file: draft, from: 'if (known) return known', to: 'if (known?.id === command.fingerprint) return known' },
    ],
    suite: SUITES.rule,
  },
  {
    title: 'Refusals are forgotten: what was refused may be done when it is sent again.',
    changes: [{ file: draft, from: 'if (isKept(verdict)) this', to: 'if (isKept(verdict) && verdict.ok) this' }],
    suite: SUITES.rule,
  },
  {
    title: 'An operation id answers for every command that comes under it.',
    changes: [
      {
        file: draft,
        from: 'known.fingerprint === command.fingerprint ? replayed(known.verdict) : fail(keyReused)',
        to: 'known.id ? replayed(known.verdict) : fail(keyReused)',
      },
    ],
    suite: SUITES.rule,
  },
  {
    title: 'The tombstone is forgotten: a reserve that comes after its release holds stock for nobody.',
    changes: [
      {
        file: promises,
        from: '    draft.changeReservation({ ...tombstone, expiresAt: at, createdAt: at, updatedAt: at })\n',
        to: '    if (tombstone.lines.length > 0) draft.changeReservation({ ...tombstone, expiresAt: at, createdAt: at, updatedAt: at })\n',
      },
    ],
    suite: SUITES.promises,
  },
  {
    title: 'What is written is dated by a clock that is behind: a level has a past that is out of order.',
    changes: [{ file: 'domain/state.ts', from: '  let at = now\n', to: '  let at = now\n  if (at) return at\n' }],
    suite: SUITES.rule,
  },
  {
    title: 'On hand goes below zero: more is damaged than there is.',
    changes: [{ file: level, from: 'if (-delta > reachable) return', to: 'if (!isFact && -delta > reachable) return' }],
    suite: SUITES.rule,
  },
  {
    title: 'A line that has expired is still counted.',
    changes: [{ file: draft, from: 'if (!due) return level', to: 'if (!due || due.holds.length > 0) return level' }],
    suite: SUITES.expiry,
  },
  {
    title: 'Of very many lines that have expired, those that are not ended at once are still counted.',
    changes: [
      {
        file: draft,
        from: 'return this.state.due.get(keyOf(key))?.lapsed ?? 0',
        to: 'return 0 * (this.state.due.get(keyOf(key))?.lapsed ?? 0)',
      },
    ],
    suite: SUITES.expiry,
  },
  {
    title: 'What lapsed is promised anew, and the level says that it is promised beyond all limits.',
    changes: [
      {
        file: level,
        from: 'Math.min(level.short + lapsed, owedBeyondLimit(level))',
        to: 'Math.min(level.short + 0 * lapsed, owedBeyondLimit(level))',
      },
    ],
    suite: SUITES.promises,
  },
  {
    title: 'A commit does not look at the expiry.',
    changes: [
      {
        file: promises,
        from: '  const { status } = asOf(reservation, draft.now)\n',
        to: '  const { status } = reservation\n',
      },
    ],
    suite: SUITES.expiry,
  },
  {
    title: 'A commit that was decided in time is written too late.',
    changes: [
      {
        file: promises,
        from: '  const { actor, operationId } = command\n  draft.whileAlive(reservation)\n',
        to: '  const { actor, operationId } = command\n',
      },
    ],
    suite: SUITES.held,
  },
  {
    title: 'An extension is not seen by who read the level before: its version stays.',
    changes: [{ file: promises, from: '    draft.change(draft.level(line)!)\n', to: '' }],
    suite: SUITES.held,
  },
  {
    title: 'More is handed over than is there.',
    changes: [
      {
        file: promises,
        from: 'if (line.quantity > onHand) return fail(',
        to: 'if (line.quantity > onHand + 1e9) return fail(',
      },
      {
        file: level,
        from: 'if (quantity > level.onHand) return fail(',
        to: 'if (quantity > level.onHand + 1e9) return fail(',
      },
    ],
    suite: SUITES.promises,
  },
  {
    title: 'What was given back is given back again.',
    changes: [
      {
        file: promises,
        from: "(line) => line.status === 'held' && isMeant(line))\n  return ok({ reservation, meant })",
        to: '(line) => isMeant(line))\n  return ok({ reservation, meant })',
      },
    ],
    suite: SUITES.promises,
  },
  {
    title: 'A hold stays on its level when it is taken.',
    changes: [
      {
        file: promises,
        from: '    draft.move(level, committed.value, why)\n    draft.end({ ...line, reservationId: reservation.id })\n',
        to: '    draft.move(level, committed.value, why)\n',
      },
    ],
    suite: SUITES.ledger,
  },
  {
    title: 'The backorder limit is ignored.',
    changes: [
      {
        file: promises,
        from: 'available(level, draft.lapsed(line)) + level.backorderLimit\n',
        to: 'available(level, draft.lapsed(line)) + level.backorderLimit + 1e9\n',
      },
      {
        file: level,
        from: 'available(level, lapsed) + level.backorderLimit\n',
        to: 'available(level, lapsed) + level.backorderLimit + 1e9\n',
      },
    ],
    suite: SUITES.promises,
  },
  {
    title: 'Movements are numbered by version, so their numbers have gaps.',
    changes: [{ file: draft, from: 'sequence: before.sequence + 1 })', to: 'sequence: before.version + 1 })' }],
    suite: SUITES.ledger,
  },
  {
    title: 'What comes in does not make good what was short.',
    changes: [
      {
        file: level,
        from: 'short: Math.min(level.short + lapsed, owedBeyondLimit(level)),',
        to: 'short: level.short + 0 * (lapsed + owedBeyondLimit(level)),',
      },
    ],
    suite: SUITES.promises,
  },
  {
    title: 'A level does not know when the next of its holds expires.',
    changes: [
      {
        file: promises,
        from: 'const nextExpiryAt = earlier(level.nextExpiryAt, expiresAt)',
        to: 'const nextExpiryAt = level.nextExpiryAt && earlier(level.nextExpiryAt, expiresAt)',
      },
    ],
    suite: SUITES.model,
  },
  {
    title: 'A count overwrites what was sold since.',
    changes: [
      {
        file: levels,
        from: 'if (expectedOnHand !== undefined && expectedOnHand !== level.onHand) {',
        to: 'if (expectedOnHand !== undefined && expectedOnHand < 0) {',
      },
    ],
    suite: SUITES.levels,
  },
  {
    title: 'What a transfer takes from one level is checked line by line.',
    changes: [
      { file: levels, from: 'const sum = (requested.get(keyOf(key)) ?? 0) + quantity', to: 'const sum = quantity' },
      {
        file: levels,
        from: "if (!taken.ok || !put.ok) throw new Error('a line was moved that had not been checked')",
        to: 'if (!taken.ok || !put.ok) continue',
      },
    ],
    suite: SUITES.levels,
  },
]
