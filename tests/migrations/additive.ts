/** What a migration after the first may do: what was there before goes on being there, and is written as before. */
const ADDS = [
  /^create table \w+\.\w+ \(/,
  // It may speed up what is asked; a unique one would refuse what an old version writes.
  /^create index \w+ on \w+\.\w+/,
  /^create type \w+\.\w+ as enum/,
  // What an old version does not know is empty or says nothing.
  /^alter table \w+\.\w+ add column (?:(?!not null|, drop|, alter|, rename).)*(?:not null default (?:(?!not null|, drop|, alter|, rename).)*)*$/,
  // Nobody has ever changed the ledger.
  /^revoke update, delete, truncate on inventory\.movements from current_user$/,
]

/** The statements of a migration that do something else than add. */
export const faultsIn = (sql: string): string[] =>
  statementsOf(sql).filter((statement) => !ADDS.some((adds) => adds.test(statement)))

const statementsOf = (sql: string): string[] =>
  sql
    .replaceAll(/--[^\n]*/g, ' ')
    .toLowerCase()
    .split(';')
    .map((statement) => statement.replaceAll(/\s+/g, ' ').trim())
    .filter(Boolean)
