import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { BSON, Long } from 'mongodb'
import { flatReader } from './flat-documents.ts'

test('what is read of any documents is what the driver reads, whichever came before them', () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    fc.date({ noInvalidDate: true }),
    fc.maxSafeInteger().map((whole) => Long.fromNumber(whole)),
    fc.array(fc.record({ status: fc.string() })),
    fc.record({ product_id: fc.string() }),
  )
  const name = fc.oneof(fc.constantFrom('_id', 'sequence', 'sequences', 'größe'), fc.stringMatching(/^[a-z]{1,6}$/))
  const row = fc.dictionary(name, value, { noNullPrototype: true })

  fc.assert(
    fc.property(fc.array(row, { maxLength: 6 }), (rows) => {
      const read = flatReader()
      for (const bytes of rows.map((own) => Buffer.from(BSON.serialize(own)))) {
        expect(read(bytes)).toEqual(BSON.deserialize(bytes))
      }
    }),
    { numRuns: 100 },
  )
})

test('a document that is only a part of what came is read as it is', () => {
  const own = { _id: 'lamp', on_hand: 2 ** 40, reserved: 3, last_updated: new Date(-5), name: 'Lämpchen' }
  const bytes = BSON.serialize(own)
  const among = Buffer.concat([Buffer.alloc(7, 255), bytes, Buffer.alloc(9, 255)])

  expect(flatReader()(among.subarray(7, 7 + bytes.length))).toEqual(own)
})
