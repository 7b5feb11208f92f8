/** Words that two domains share. Pure, without dependencies; the one barrel of the repository. */
export * from './context.ts'
export * from './failure.ts'
export * from './identifier.ts'
export * from './money.ts'
export * from './page.ts'
export * from './result.ts'
