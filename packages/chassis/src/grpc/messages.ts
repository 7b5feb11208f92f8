import { PAGE_SIZE } from '@abasto/contract/query'
import type { Money, Page, PageRequest, Result } from '@abasto/kernel'
import type { Money as MoneyMessage } from '@abasto/proto/money/v1/money'
import type { PageBounds, PageRequest as PageMessage } from '@abasto/proto/pages/v1/page'

/** Money on the wire: the same whole number of minor units. It is a whole message, so it is not copied into one. */
export const moneyMessage = ({ minor, currency }: Money): MoneyMessage => ({
  $typeName: 'money.v1.Money',
  minorUnits: BigInt(minor),
  currency,
})

export const moneyOf = (message: MoneyMessage | undefined): Money => ({
  minor: Number(message?.minorUnits ?? 0n),
  currency: message?.currency ?? '',
})

/** Which part of a list is asked for, as a message says it. */
export const pageMessage = ({ size, after, before }: PageRequest) => ({
  size,
  ...(after === undefined ? {} : { after }),
  ...(before === undefined ? {} : { before }),
})

export const pageOf = (message: PageMessage | undefined): PageRequest => ({
  size: message?.size || PAGE_SIZE.default,
  ...(message?.after === undefined ? {} : { after: message.after }),
  ...(message?.before === undefined ? {} : { before: message.before }),
})

/** Where a page stands in its list. */
export const boundsMessage = ({ hasPrevious, hasNext }: Page<unknown>) => ({ hasPrevious, hasNext })

export const boundsOf = (message: PageBounds | undefined) => ({
  hasPrevious: message?.hasPrevious ?? false,
  hasNext: message?.hasNext ?? false,
})

/** The version that a caller saw, where it says one; as a message has it, and as a command does. */
export const versionMessage = (expectedVersion: number | undefined) =>
  expectedVersion === undefined ? {} : { expectedVersion: BigInt(expectedVersion) }

export const versionOf = ({ expectedVersion }: { expectedVersion?: bigint | undefined }) =>
  expectedVersion === undefined ? {} : { expectedVersion: Number(expectedVersion) }

/** The result with its value said in other words. */
export const mapResult = <T, U>(result: Result<T>, change: (value: T) => U): Result<U> =>
  result.ok ? { ...result, value: change(result.value) } : result
