import type { Hooks } from './hooks.ts'

/** What any call takes. Its hooks are told after those of the client. */
export type CallOptions = Hooks &
  Readonly<{
    /** Ends the call: it rejects with an `AbortedError`. */
    signal?: AbortSignal | undefined
    /** How long the call may take with all its retries, in milliseconds; the client's when it is not given. */
    timeoutMs?: number | undefined
    /** How long one attempt may take, in milliseconds; the client's when it is not given. */
    attemptTimeoutMs?: number | undefined
    /** How often it is sent again at most; the client's when it is not given. */
    maxRetries?: number | undefined
  }>

/** What a call takes that changes something. */
export type WriteOptions = CallOptions &
  Readonly<{
    /**
     * The name of this write, 1 to 255 printable ASCII characters. The same name never takes effect twice, so a
     * program that may be run again should make it from what it is doing (`import-7-line-42`). Made at random for each
     * call when it is not given.
     */
    idempotencyKey?: string
    /** The `etag` of what was read: the write is refused with `version_mismatch` when it has changed since. */
    ifMatch?: string
  }>

/** What a call takes that creates something: there is no earlier state to match. */
export type CreateOptions = Omit<WriteOptions, 'ifMatch'>

/** What a call takes that reads one resource; `include` names related resources to bring along. */
export type ReadOptions<Includes, Name extends readonly (keyof Includes)[] = []> = CallOptions &
  Readonly<{
    /** The related resources to bring along; each becomes a member of the result. */
    include?: Name
  }>

/** What a call takes that lists. */
export type ListOptions<Includes, Name extends readonly (keyof Includes)[] = []> = ReadOptions<Includes, Name> &
  Readonly<{
    /** Resources to a page, 1 to 100; the server's 25 when it is not given. */
    pageSize?: number | undefined
    /** Begin after this cursor of an earlier page. */
    after?: string | undefined
    /** Take what stands before this cursor of an earlier page. */
    before?: string | undefined
  }>

/** What a call takes that lists and can be asked for some only: those that have one of the values given. */
export type Filtered<Options, Filters> = Options &
  Readonly<{
    /** With a list of none, nothing is asked and nothing found. An empty text is refused with a TypeError. */
    filter?: Filters
  }>
