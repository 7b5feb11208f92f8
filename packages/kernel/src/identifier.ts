/** A UUID in lower case; new ones are version 7, so they sort by the time they were made (RFC 9562). */
export type Uuid = string

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Whether `text` is a UUID as this API writes it. Upper case is refused: one thing has one name. */
export const isUuid = (text: string): text is Uuid => UUID.test(text)
