import { userInfo } from 'node:os'

/** A command that ends with whoever started it, however that ends; where Linux has a way to say so. */
export const leashed = (command: readonly string[]): string[] => under([], command)

/**
 * The same as the user that the Debian package of PostgreSQL makes, where root asks for it: its servers refuse to run as
 * root.
 */
export const asPostgres = (command: readonly string[]): string[] =>
  under(userInfo().uid === 0 ? ['--reuid', 'postgres', '--regid', 'postgres', '--clear-groups'] : [], command)

const under = (user: readonly string[], command: readonly string[]): string[] =>
  Bun.which('setpriv') ? ['setpriv', ...user, '--pdeathsig', 'KILL', '--', ...command] : [...command]
