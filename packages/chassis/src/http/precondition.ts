import { ok } from '@abasto/kernel'
import type { Refusal } from './refusal.ts'

/**
 * The entity tag of a row's version, and of what of it changes with time alone: what is past its time counts no more
 * before anybody has written it down.
 */
export const etagOf = (version: number, variant?: string | number): string =>
  variant === undefined ? `"${version}"` : `"${version}.${variant}"`

// RFC 9110, section 8.8.3.
const ENTITY_TAG = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/
const VERSION = /^(0|[1-9][0-9]{0,15})(\.[0-9a-z]{1,16})?$/

type Read = Readonly<{ ok: true; value: number | undefined }> | Readonly<{ ok: false; error: Refusal }>

/**
 * The version that `If-Match` names (RFC 9110, section 13.1.1); undefined for `*`, which any version meets.
 *
 * - A weak tag, or one that we never gave, is well-formed and matches nothing: 412. If-Match compares strongly.
 * - What is no entity tag at all is a fault in the header: 400.
 * - Of a tag only the version counts: what changes with time alone is nobody's write to be lost.
 * - Of a list the highest version counts. Versions only rise, so of the tags that a client was ever given for one
 *   resource no other can be the current one.
 */
export function readIfMatch(header: string): Read {
  if (header.trim() === '*') return ok(undefined)
  let highest = -1
  for (const text of header.split(',')) {
    const tag = ENTITY_TAG.exec(text.trim())
    if (!tag) return refuse('invalid_header', 'If-Match is a list of entity tags such as "5", or *.')
    const version = tag[1] === undefined ? VERSION.exec(tag[2]!)?.[1] : undefined
    if (version !== undefined) highest = Math.max(highest, Number(version))
  }
  if (highest < 0 || highest > Number.MAX_SAFE_INTEGER) {
    return refuse('version_mismatch', 'If-Match names no version of this resource; read it again for its ETag.')
  }
  return ok(highest)
}

/** Whether `If-None-Match` names the tag: then a GET is answered with 304 (RFC 9110, section 13.1.2, weak comparison). */
export function namesTag(header: string, etag: string): boolean {
  if (header.trim() === '*') return true
  return header.split(',').some((text) => text.trim().replace(/^W\//, '') === etag)
}

const refuse = (code: string, detail: string): Read => ({
  ok: false,
  error: { code, detail, source: { header: 'If-Match' } },
})
