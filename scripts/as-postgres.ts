import { userInfo } from 'node:os'

/**
 * A command as the user that the Debian package of PostgreSQL makes, where root asks for it: its servers refuse to run
 * as root. Where Linux has it, what is started ends with whoever started it, however that ends.
 */
export function asPostgres(command: readonly string[]): string[] {
  if (!Bun.which('setpriv')) return [...command]
  const isRoot = userInfo().uid === 0
  const user = isRoot ? ['--reuid', 'postgres', '--regid', 'postgres', '--clear-groups'] : []
  return ['setpriv', ...user, '--pdeathsig', 'KILL', '--', ...command]
}
