import { Timestamp } from 'mongodb'

/*
 * MongoDB's cluster time is one logical clock for all members of a replica set. Every entry of the oplog has a time of
 * its own, and a transaction is one entry: so the time of its commit is the number of the transaction, and transactions
 * are readable in the order of these numbers. As a whole number it is the seconds in the upper half and a count within
 * the second in the lower.
 */

export const timeOf = ({ t, i }: Timestamp): bigint => (BigInt(t >>> 0) << 32n) | BigInt(i >>> 0)

/** There is no time 0: the server takes it for none at all. */
export const timestampOf = (time: bigint): Timestamp =>
  new Timestamp({ t: Number(time >> 32n), i: Number(time & 0xffff_ffffn) || Number(time === 0n) })

/** A resume token, as it comes with every event and every batch. */
export type ResumeToken = Readonly<{ _data: string }>

/**
 * The cluster time in a resume token. A token is hexadecimal text that sorts as the events do; it begins with 0x82, the
 * type of a timestamp, and the eight bytes of that timestamp, the highest first. MongoDB's own connector for Kafka
 * reads it in the same way.
 */
export function timeOfToken({ _data: data }: ResumeToken): bigint {
  if (!/^82[0-9A-F]{16}/i.test(data)) throw new Error(`This resume token does not begin with a timestamp: ${data}`)
  return BigInt(`0x${data.slice(2, 18)}`)
}
