import { BadAddress } from './postgres-address.ts'

/** Where it is, and the path. An address with several hosts is none that `URL` reads. */
export const MONGO_ADDRESS = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/([^?]*))?/

/** What MongoDB keeps for itself, and would let nobody have a validator in. */
const ITS_OWN = ['admin', 'config', 'local']

/** The database that an address names, `abasto` if it names none; throws `BadAddress` for a name that cannot be one. */
export function databaseOf(url: string): string {
  const name = decoded(MONGO_ADDRESS.exec(url)?.[2] || 'abasto')
  if (name && ITS_OWN.includes(name))
    throw new BadAddress(`The database ${name} is MongoDB's own: the path names another one.`)
  if (name === undefined || Buffer.byteLength(name) > 63 || /[/\\. "$*<>:|?\0]/.test(name)) {
    throw new BadAddress(
      'The path of the address of a MongoDB is the name of a database: up to 63 bytes, without spaces and any of /\\."$*<>:|?',
    )
  }
  return name
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
