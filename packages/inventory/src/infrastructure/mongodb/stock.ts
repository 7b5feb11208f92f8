import type { Mongo } from '@abasto/chassis/database/mongo'
import type { Stock } from '../../application/ports.ts'
import { mongoQueries } from './queries.ts'
import { readStock } from './read.ts'
import { mongoWriter } from './write.ts'

/** The stock in MongoDB, whose collections `prepareMongo` has made. */
export const mongoStock = (mongo: Mongo): Stock => ({
  read: (wanted, trace) => readStock(mongo, wanted, trace),
  write: mongoWriter(mongo),
  writesApart: true,
  ...mongoQueries(mongo),
})
