import type { Resource } from '@abasto/contract/resource'
import { Compile } from 'typebox/compile'
import type { Refusal } from './refusal.ts'
import { walk } from './submission-faults.ts'
import { documentSchema, type Rules, rulesOf } from './submission-rules.ts'

/** The document of a write, read against the contract: what it says, or everything that is wrong with it. */
export type Submission =
  | Readonly<{
      ok: true
      id: unknown
      attributes: Readonly<Record<string, unknown>>
      relationships: Readonly<Record<string, string | null>>
    }>
  | Readonly<{ ok: false; id: unknown; refusals: readonly Refusal[] }>

/**
 * The schema of a document, as a Standard Schema (https://standardschema.dev), which is how Elysia takes it.
 *
 * A document that is refused is a value too, not an issue: Elysia would throw for an issue, print the whole document
 * into the error and may call its error hook twice.
 */
export type SubmissionSchema = Readonly<{
  '~standard': Readonly<{
    version: 1
    vendor: 'abasto'
    validate: (document: unknown) => Readonly<{ value: Submission }>
    types?: Readonly<{ input: unknown; output: Submission }>
  }>
}>

export type Members = Readonly<Record<string, unknown>>

/**
 * What a create or an update of the resource takes. A document that passes the compiled check, as nearly all do, is
 * taken as it is; only one that does not is walked to say what is wrong with it. The walk is the more lenient of the
 * two: it ignores @-members (JSON:API 1.1, section 5.9.3), so it has the last word.
 */
export function submissionSchema(resource: Resource, action: 'create' | 'update'): SubmissionSchema {
  const rules = rulesOf(resource, action)
  const check = Compile(documentSchema(rules))
  const validate = (document: unknown): { value: Submission } => {
    if (!check.Check(document)) return { value: walk(rules, document) }
    const { data } = document as { data: Members & { attributes?: Members; relationships?: Members } }
    return {
      value: {
        ok: true,
        id: data.id,
        attributes: data.attributes ?? NOTHING,
        relationships: idsIn(rules, data.relationships),
      },
    }
  }
  return { '~standard': { version: 1, vendor: 'abasto', validate } }
}

const NOTHING: Members = Object.freeze({})

/** The id that each relationship names. */
export function idsIn(rules: Rules, relationships: Members | undefined): Record<string, string | null> {
  const ids: Record<string, string | null> = {}
  if (relationships === undefined) return ids
  for (const name of rules.relationships.keys()) {
    const relationship = relationships[name] as { data: { id: string } | null } | undefined
    if (relationship !== undefined) ids[name] = relationship.data === null ? null : relationship.data.id
  }
  return ids
}
