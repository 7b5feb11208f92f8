/** A wrong version of the core, as changes of the text of its sources. It must still type-check. */
export type Fault = Readonly<{
  /** What is wrong, as one would say it after the damage. */
  title: string
  changes: readonly Change[]
  suite: Suite
}>

export type Change = Readonly<{
  /** A file of `packages/inventory/src`. */
  file: string
  /** What stands there once, and what is put in its place. */
  from: string
  to: string
}>

/** What is run on the wrong version: tests by their file, those of which the name contains `only`. */
export type Suite = Readonly<{ file: string; only?: string; needsServer?: true }>

const promises = 'packages/inventory/src/infrastructure/promises.test.ts'

export const SUITES = {
  rule: { file: 'packages/inventory/src/domain/decide.test.ts' },
  levels: { file: 'packages/inventory/src/domain/levels.test.ts' },
  promises: { file: 'packages/inventory/src/domain/promises.test.ts' },
  expiry: { file: 'packages/inventory/src/domain/expiry.test.ts' },
  ledger: { file: 'packages/inventory/src/domain/ledger.properties.test.ts' },
  model: { file: 'packages/inventory/src/domain/model.properties.test.ts' },
  committer: { file: 'packages/inventory/src/application/committer.test.ts' },
  memory: { file: promises, only: 'in plain memory' },
  embedded: { file: promises, only: 'the stock in the embedded database' },
  held: { file: promises, only: 'what is held in the embedded database' },
  verdicts: { file: 'tests/verdicts/verdicts.test.ts' },
  races: { file: 'tests/planted/races.test.ts', needsServer: true },
} as const satisfies Record<string, Suite>
