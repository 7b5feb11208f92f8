import { type Fault, SUITES } from './fault.ts'

const statement = 'infrastructure/write-statement.ts'

/** Wrong ways to write, to read, and to remember what was written. */
export const FAULTS_OF_THE_STORE: readonly Fault[] = [
  {
    title: 'The version guard is dropped: whatever was read meanwhile is written over.',
    changes: [
      {
        file: statement,
        from: 'SELECT decision FROM locked WHERE NOT is_as_read',
        to: 'SELECT decision FROM locked WHERE false',
      },
    ],
    suite: SUITES.embedded,
  },
  {
    title: 'Levels are compared in `UPDATE … FROM … WHERE version`, without a lock first.',
    changes: [
      { file: statement, from: '  ORDER BY l.product_id, l.warehouse_id\n  FOR UPDATE OF l\n', to: '' },
      {
        file: statement,
        from: 'AND e.version IS NOT NULL AND e.next_version IS NOT NULL AND e.decision NOT IN (SELECT decision FROM lost)\n), opened',
        to: 'AND s.version = e.version AND e.next_version IS NOT NULL AND e.decision NOT IN (SELECT decision FROM lost)\n), opened',
      },
    ],
    suite: SUITES.races,
  },
  {
    title: 'Levels are locked in the order of the cart, not in that of their keys.',
    changes: [
      {
        file: statement,
        from: '  ORDER BY l.product_id, l.warehouse_id\n  FOR UPDATE OF l',
        to: '  ORDER BY e.position\n  FOR UPDATE OF l',
      },
    ],
    suite: SUITES.races,
  },
  {
    title: 'A level is taken for unchanged when its version is the expected one.',
    changes: [
      {
        file: statement,
        from: '(l.version, l.on_hand, l.reserved, l.short, l.backorder_limit, l.sequence, l.next_expiry_at${',
        to: '(l.version${',
      },
      {
        file: statement,
        from: '(e.version, e.on_hand_before, e.reserved_before, e.short_before, e.backorder_limit_before, e.sequence_before,\n          e.next_expiry_at_before${',
        to: '(e.version${',
      },
    ],
    suite: SUITES.embedded,
  },
  {
    title: 'Reservations are not guarded.',
    changes: [
      {
        file: statement,
        from: 'SELECT decision FROM locked_promises WHERE is_as_read IS NOT TRUE',
        to: 'SELECT decision FROM locked_promises WHERE false',
      },
    ],
    suite: SUITES.held,
  },
  {
    title: 'Reservations are compared, but as they were before the write had to wait for them.',
    changes: [{ file: statement, from: '  ORDER BY r.id\n  FOR UPDATE OF r\n', to: '' }],
    suite: SUITES.races,
  },
  {
    title: 'Warehouses are not guarded.',
    changes: [
      {
        file: statement,
        from: 'SELECT decision FROM locked_places WHERE is_as_read IS NOT TRUE',
        to: 'SELECT decision FROM locked_places WHERE false',
      },
    ],
    suite: SUITES.held,
  },
  {
    title: 'The clock of the process is trusted: a promise is alive if it was when it was decided on.',
    changes: [
      {
        file: statement,
        from: 'alive_until <= (SELECT clock_timestamp())',
        to: 'alive_until <= (SELECT at FROM given)',
      },
    ],
    suite: SUITES.held,
  },
  {
    title: 'The clock of the process is trusted: the database is not asked what time it is.',
    changes: [
      {
        file: 'infrastructure/read-statements.ts',
        from: "if (row.part === 'clock') now = row.updated_at",
        to: "if (row.part === 'clock') now = new Date().toISOString()",
      },
    ],
    suite: SUITES.verdicts,
  },
  {
    title: 'An operation that is recorded already is passed over: ON CONFLICT DO NOTHING.',
    changes: [
      {
        file: statement,
        from: '  WHERE o.decision NOT IN (SELECT decision FROM lost)\n  ORDER BY o.id\n',
        to: '  WHERE o.decision NOT IN (SELECT decision FROM lost)\n  ORDER BY o.id ON CONFLICT DO NOTHING\n',
      },
    ],
    suite: SUITES.embedded,
  },
  {
    title: 'A level that was opened meanwhile is passed over: ON CONFLICT DO NOTHING.',
    changes: [
      {
        file: statement,
        from: '  ORDER BY e.product_id, e.warehouse_id\n), recorded',
        to: '  ORDER BY e.product_id, e.warehouse_id ON CONFLICT DO NOTHING\n), recorded',
      },
    ],
    suite: SUITES.races,
  },
  {
    title: 'The records of what lost its race are written all the same.',
    changes: [{ file: statement, from: '  WHERE o.decision NOT IN (SELECT decision FROM lost)\n', to: '' }],
    suite: SUITES.embedded,
  },
  {
    title: 'A hold that is extended in the reservation is not extended on its levels.',
    changes: [
      {
        file: statement,
        from: 'UPDATE inventory.holds h SET expires_at = x.expires_at',
        to: 'UPDATE inventory.holds h SET expires_at = h.expires_at',
      },
    ],
    suite: SUITES.verdicts,
  },
  {
    title: 'A warehouse that is opened and closed in one batch stays open.',
    changes: [
      {
        file: statement,
        from: '(SELECT at FROM given), (SELECT at FROM given), p.deleted_at',
        to: '(SELECT at FROM given), (SELECT at FROM given), NULL::timestamptz',
      },
    ],
    suite: SUITES.verdicts,
  },
  {
    title: 'What is past its time is still shown as promised.',
    changes: [
      {
        file: 'infrastructure/queries.ts',
        from: 'withoutLapsed(row.level, row.lapsed)',
        to: 'withoutLapsed(row.level, 0 * row.lapsed)',
      },
    ],
    suite: SUITES.held,
  },
  {
    title: 'What is reckoned from a write is believed although the write lost.',
    changes: [
      {
        file: 'application/committer.ts',
        from: '        known.forget(group.decision)\n      } else confirm(group)',
        to: '      } else confirm(group)',
      },
    ],
    suite: SUITES.committer,
  },
  {
    title: 'Plain memory forgets that an operation took effect.',
    changes: [
      {
        file: 'infrastructure/memory.ts',
        from: 'if (winners.some((decision) => decision.operations.some(({ id }) => operations.has(id)))) {',
        to: 'if (winners.some((decision) => decision.operations.some(({ id }) => operations.has(id) && id === ""))) {',
      },
    ],
    suite: SUITES.memory,
  },
]
