import { BSON, type Document } from 'mongodb'

// The types of BSON that a flat document is made of (bsonspec.org).
const DOUBLE = 1
const STRING = 2
const BOOLEAN = 8
const DATE = 9
const NULL = 10
const INT32 = 16
const INT64 = 18

/**
 * Reads documents of one collection from their bytes, for whoever reads millions: several times as fast as the driver,
 * because they all have the same fields in the same order, so that only what is in them has to be read. What is not
 * flat, or is of another type, the driver reads.
 */
export function flatReader<Row extends Document>(): (bytes: Buffer) => Row {
  // The names of the fields, in the order of the last document, each with the zero that ends it.
  const known: Readonly<{ name: string; bytes: Buffer }>[] = []

  function nameAt(bytes: Buffer, start: number, place: number): Readonly<{ name: string; bytes: Buffer }> {
    const expected = known[place]
    if (expected && isAt(bytes, start, expected.bytes)) return expected
    const end = bytes.indexOf(0, start)
    const found = { name: bytes.toString('utf8', start, end), bytes: Buffer.from(bytes.subarray(start, end + 1)) }
    known[place] = found
    return found
  }

  return (bytes) => {
    const row: Record<string, unknown> = {}
    let at = 4
    for (let place = 0; ; place++) {
      const type = bytes[at]!
      if (type === 0) return row as Row
      const { name, bytes: own } = nameAt(bytes, at + 1, place)
      at += 1 + own.length
      switch (type) {
        case STRING: {
          const length = bytes.readInt32LE(at)
          row[name] = bytes.toString('utf8', at + 4, at + 3 + length)
          at += 4 + length
          break
        }
        case INT32:
          row[name] = bytes.readInt32LE(at)
          at += 4
          break
        case DOUBLE:
          row[name] = bytes.readDoubleLE(at)
          at += 8
          break
        case INT64:
          row[name] = wholeAt(bytes, at)
          at += 8
          break
        case DATE:
          row[name] = new Date(wholeAt(bytes, at))
          at += 8
          break
        case NULL:
          row[name] = null
          break
        case BOOLEAN:
          row[name] = bytes[at] === 1
          at += 1
          break
        default:
          return BSON.deserialize(bytes) as Row
      }
    }
  }
}

function isAt(bytes: Buffer, start: number, expected: Buffer): boolean {
  for (let index = 0; index < expected.length; index++) {
    if (bytes[start + index] !== expected[index]) return false
  }
  return true
}

/** Beyond what a number holds exactly it is the nearest one that it holds. */
const wholeAt = (bytes: Buffer, at: number): number => bytes.readUInt32LE(at) + bytes.readInt32LE(at + 4) * 2 ** 32
