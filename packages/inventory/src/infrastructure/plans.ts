import type { Database } from '@abasto/chassis/database/database'

/**
 * Marks statements so that the database plans them anew as the tables grow.
 *
 * A prepared statement is planned once. In a new shop that is while its tables are nearly empty, when reading all of
 * one is the cheapest way to find a few rows, and it would stay so until the database gathers statistics, which takes a
 * minute or longer: by then every reservation reads all reservations. So the text of a statement gets another number
 * each time that four times as much has been written by this process, about ten times for the first million writes.
 */
export class Plans {
  private writes = 0
  private number = 0
  private next = 1

  /** The database as one that is asked statements under the number that is due. */
  of(database: Database): Database {
    return {
      ...database,
      query: (text, parameters, options) => database.query(`${text}\n-- ${this.number}`, parameters, options),
    }
  }

  /** Counts a write. */
  wrote(): void {
    this.writes++
    if (this.writes < this.next) return
    this.number++
    this.next *= 4
  }
}
