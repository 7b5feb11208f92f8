/** What is told about the answer of a call, whether it succeeded or was refused. */
export type ResponseInfo = Readonly<{
  /** The HTTP status. */
  status: number
  /** The `X-Request-ID` of the answer: what to look for in the server's log. */
  requestId: string | null
  /** Whether the server had decided this write before and answered its first verdict again. */
  replayed: boolean
  /** How often the request was sent; 1 when the first attempt was answered. */
  attempts: number
}>

export type OnResponse = (info: ResponseInfo) => void

/** What any call takes. */
export type CallOptions = Readonly<{
  /** Ends the call: it rejects with `aborted`. */
  signal?: AbortSignal
  /** How long the call may take with all its retries, in milliseconds; the client's when it is not given. */
  timeoutMs?: number
  /** Told once about the final answer, before the call resolves or rejects; what it throws, the call rejects with. */
  onResponse?: OnResponse
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
  Readonly<{ include?: Name }>

/** What a call takes that lists. */
export type ListOptions<Includes, Name extends readonly (keyof Includes)[] = []> = ReadOptions<Includes, Name> &
  Readonly<{
    /** Resources to a page, 1 to 100; the server's 25 when it is not given. */
    pageSize?: number
    /** Begin after this cursor of an earlier page. */
    after?: string
    /** Take what stands before this cursor of an earlier page. */
    before?: string
  }>

/** What a call takes that lists and can be asked for some only: those that have one of the values given. */
export type Filtered<Options, Filters> = Options &
  Readonly<{
    /** With a list of none, nothing is asked and nothing found. */
    filter?: Filters
  }>
