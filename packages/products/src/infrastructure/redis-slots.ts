/** Which server of a Redis Cluster holds which of the 16,384 slots that keys are spread over. */
export type SlotMap = Readonly<{
  /** The address of the server that holds a slot; undefined while none does. */
  serverOf: (slot: number) => string | undefined
  /** Every server that holds some. */
  servers: readonly string[]
  /** Whether each slot has a server. */
  isWhole: boolean
}>

export const SLOTS = 16_384

/**
 * The slot of a key: that of what stands in its first pair of braces, where something does
 * (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags).
 */
export function slotOf(key: string): number {
  const begin = key.indexOf('{')
  const end = key.indexOf('}', begin)
  const tag = begin >= 0 && end > begin + 1 ? key.slice(begin + 1, end) : key
  return crc16(Buffer.from(tag)) % SLOTS
}

/** Reads an answer to CLUSTER SLOTS. `host` is where it came from: a server that does not know its name leaves it out. */
export function slotMapIn(answer: unknown, host: string): SlotMap | undefined {
  if (!Array.isArray(answer)) return undefined
  const holders = new Array<string | undefined>(SLOTS)
  for (const [from, to, primary] of answer as [number, number, [string | null, number]][]) {
    holders.fill(`${withBrackets(primary[0] || host)}:${primary[1]}`, from, to + 1)
  }
  const servers = [...new Set(holders)].filter((server) => server !== undefined)
  return { serverOf: (slot) => holders[slot], servers, isWhole: !holders.includes(undefined) }
}

/** Where a server sends what it does not hold, by its error: for good, or for this once. */
export function redirectionIn(message: string, host: string): { server: string; isOnce: boolean } | undefined {
  const [, word, name, port] = /^(MOVED|ASK) \d+ (.*):(\d+)$/.exec(message) ?? []
  return word ? { server: `${withBrackets(name || host)}:${port}`, isOnce: word === 'ASK' } : undefined
}

const withBrackets = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host)

/** CRC-16/XMODEM, as the specification of the cluster has it. */
function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
    crc &= 0xffff
  }
  return crc
}
