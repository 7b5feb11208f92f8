import { type Command, type CommitReservation, keyOf, type ReleaseReservation } from './command.ts'
import type { Verdict } from './state.ts'
import type { LevelKey } from './stock-level.ts'
import { DEFAULT_WAREHOUSE } from './warehouse.ts'

/**
 * The rule once more, as somebody would keep it on paper: what is there, and a list of promises that is added up anew
 * for every question. It shares no arithmetic with `decide` and knows no holds, no movements and no versions, so what
 * both say is right for two reasons.
 */
export class PlainModel {
  private readonly stock = new Map<string, Stock>()
  private readonly promises = new Map<string, Pledge>()
  private readonly places = new Map<string, Place>([[DEFAULT_WAREHOUSE, { isOpen: true }]])
  private readonly answers = new Map<string, Readonly<{ fingerprint: string; answer: Answer }>>()
  /** Seconds since the beginning. */
  now = 0

  /** Answers a command. `version` is what the shop says is the version of what the command expects one of. */
  tell(command: Command, version: number | undefined): Answer {
    const known = this.answers.get(command.operationId)
    if (known) return known.fingerprint === command.fingerprint ? known.answer : 'idempotency_key_reused'
    const answer = this.answerTo(command, version)
    if (typeof answer !== 'string' || !UNKEPT.has(answer)) {
      this.answers.set(command.operationId, { fingerprint: command.fingerprint, answer })
    }
    return answer
  }

  /** Units of a level that are promised at present. */
  promised(key: LevelKey): number {
    let sum = 0
    for (const { lines, until } of this.promises.values()) {
      for (const line of lines) if (until > this.now && line.status === 'held' && isOf(line, key)) sum += line.quantity
    }
    return sum
  }

  level(key: LevelKey): Amounts | undefined {
    const stock = this.stock.get(keyOf(key))
    if (!stock) return undefined
    const { onHand, limit, incoming, reorderPoint } = stock
    const reserved = this.promised(key)
    const short = reserved > onHand + limit ? reserved - onHand - limit : 0
    return { onHand, reserved, short, backorderLimit: limit, incoming, reorderPoint }
  }

  /** What became of a promise, and of each of its lines; `undefined` where there never was one. */
  promise(id: string): readonly string[] | undefined {
    const promise = this.promises.get(id)
    if (!promise || promise.lines.length === 0) return undefined
    const isOver = promise.until <= this.now
    const lines = promise.lines.map(({ status }) => (status === 'held' && isOver ? 'expired' : status))
    if (lines.includes('held')) return ['held', ...lines]
    if (lines.includes('committed')) return ['committed', ...lines]
    return [promise.lines.some(({ status }) => status === 'held') ? 'expired' : promise.last, ...lines]
  }

  private answerTo(command: Command, version: number | undefined): Answer {
    const isStale =
      'expectedVersion' in command && command.expectedVersion !== undefined && command.expectedVersion !== version
    switch (command.type) {
      case 'open': {
        if (command.obstacle) return command.obstacle.code
        if (!this.places.get(command.warehouseId)?.isOpen) return 'warehouse_not_found'
        const others = command.shown === 'inventory' ? command.siblings : []
        if ([command, ...others].some((key) => this.stock.has(keyOf(key)))) {
          return command.shown === 'level' ? 'stock_level_exists' : 'inventory_exists'
        }
        const { backorderLimit = 0, incoming = 0, reorderPoint = null } = command.settings ?? {}
        if (!fits(command.quantity, backorderLimit)) return 'quantity_out_of_range'
        this.stock.set(keyOf(command), { onHand: command.quantity, limit: backorderLimit, incoming, reorderPoint })
        return 'level'
      }
      case 'adjust': {
        const stock = this.stock.get(keyOf(command))
        if (!stock) return command.shown === 'level' ? 'stock_level_not_found' : 'no_inventory'
        if (isStale) return 'version_mismatch'
        const { quantityDelta: delta, reason } = command
        if (delta === 0) return 'reason_mismatch'
        if (delta < 0 && ['receipt', 'return'].includes(reason)) return 'reason_mismatch'
        if (delta > 0 && ['damage', 'loss'].includes(reason)) return 'reason_mismatch'
        const free = reason === 'correction' ? stock.onHand - this.promised(command) : stock.onHand
        if (delta < 0 && -delta > free) return 'insufficient_stock'
        if (!fits(stock.onHand + delta, stock.limit)) return 'quantity_out_of_range'
        stock.onHand += delta
        return 'level'
      }
      case 'count': {
        const stock = this.stock.get(keyOf(command))
        if (!stock) return 'stock_level_not_found'
        if (isStale) return 'version_mismatch'
        if (command.expectedOnHand !== undefined && command.expectedOnHand !== stock.onHand) return 'quantity_mismatch'
        if (!fits(command.countedOnHand, stock.limit)) return 'quantity_out_of_range'
        stock.onHand = command.countedOnHand
        return 'level'
      }
      case 'configure': {
        const stock = this.stock.get(keyOf(command))
        if (!stock) return 'stock_level_not_found'
        if (isStale) return 'version_mismatch'
        const { backorderLimit: limit = stock.limit, incoming = stock.incoming, reorderPoint } = command.settings
        const beyond = this.promised(command) - stock.onHand
        if (limit < stock.limit && limit < beyond) return 'backorder_limit_too_low'
        if (!fits(stock.onHand, limit)) return 'quantity_out_of_range'
        const next = reorderPoint === undefined ? stock.reorderPoint : reorderPoint
        this.stock.set(keyOf(command), { onHand: stock.onHand, limit, incoming, reorderPoint: next })
        return 'level'
      }
      case 'transfer':
        return this.transfer(command)
      case 'sell':
        for (const [index, line] of command.lines.entries()) {
          if (!line.offer.ok) return line.offer.error.code
          if (!this.stock.has(keyOf(line))) return 'no_inventory'
          const wanted = sum(command.lines.slice(0, index + 1), line)
          if (wanted > this.stock.get(keyOf(line))!.onHand - this.promised(line)) return 'insufficient_stock'
        }
        for (const line of command.lines) this.stock.get(keyOf(line))!.onHand -= line.quantity
        return 'purchases'
      case 'reserve':
        return this.reserve(command)
      case 'commit': {
        const refusal = this.refusalOf(command)
        if (refusal) return refusal
        const meant = this.meant(command)
        for (const line of meant)
          if (sum(meant, line) > this.stock.get(keyOf(line))!.onHand) return 'insufficient_stock'
        for (const line of meant) this.stock.get(keyOf(line))!.onHand -= line.quantity
        return this.end(command, 'committed')
      }
      case 'release': {
        if (!this.promises.has(command.reservationId)) {
          this.promises.set(command.reservationId, { lines: [], until: 0, last: 'released' })
        }
        const [status] = this.promise(command.reservationId) ?? []
        if (status === 'released' || status === 'expired') return this.promise(command.reservationId)!
        return this.refusalOf(command) ?? this.end(command, 'released')
      }
      case 'extend': {
        const refusal = this.refusalOf(command)
        if (refusal) return refusal
        const promise = this.promises.get(command.reservationId)!
        promise.until = Math.max(promise.until, this.now + command.ttlSeconds)
        return this.promise(command.reservationId)!
      }
      case 'expire':
        return this.promise(command.reservationId) ?? 'reservation_not_found'
      case 'create-warehouse':
        if (this.places.has(command.warehouseId)) return 'warehouse_exists'
        this.places.set(command.warehouseId, { isOpen: true })
        return 'warehouse'
      case 'rename-warehouse':
      case 'delete-warehouse': {
        const place = this.places.get(command.warehouseId)
        if (!place?.isOpen) return 'warehouse_not_found'
        if (isStale) return 'version_mismatch'
        if (command.type === 'rename-warehouse') return 'warehouse'
        if (command.warehouseId === DEFAULT_WAREHOUSE) return 'default_warehouse'
        if (command.obstacle) return command.obstacle.code
        place.isOpen = false
        return 'warehouse'
      }
    }
  }

  private transfer({ lines }: Extract<Command, { type: 'transfer' }>): Answer {
    for (const [index, { productId, from, to }] of lines.entries()) {
      const [source, target] = [
        { productId, warehouseId: from },
        { productId, warehouseId: to },
      ]
      if (!this.stock.has(keyOf(source))) return 'stock_level_not_found'
      if (from === to) return 'same_warehouse'
      if (!this.places.get(to)?.isOpen) return 'warehouse_not_found'
      const until = lines.slice(0, index + 1)
      const leaving = until.filter((line) => line.productId === productId && line.from === from)
      if (total(leaving) > this.stock.get(keyOf(source))!.onHand - this.promised(source)) return 'insufficient_stock'
      const arriving = until.filter((line) => line.productId === productId && line.to === to)
      const { onHand, limit } = this.stock.get(keyOf(target)) ?? { onHand: 0, limit: 0 }
      if (!fits(onHand + total(arriving), limit)) return 'quantity_out_of_range'
    }
    for (const { productId, from, to, quantity } of lines) {
      this.stock.get(keyOf({ productId, warehouseId: from }))!.onHand -= quantity
      const name = keyOf({ productId, warehouseId: to })
      const stock = this.stock.get(name) ?? { onHand: 0, limit: 0, incoming: 0, reorderPoint: null }
      this.stock.set(name, { ...stock, onHand: stock.onHand + quantity })
    }
    return 'transfer'
  }

  private reserve(command: Extract<Command, { type: 'reserve' }>): Answer {
    const { lines, reservationId: id, ttlSeconds } = command
    const known = this.promises.get(id)
    if (known) return known.lines.length === 0 ? 'reservation_released' : 'reservation_exists'
    for (const [index, line] of lines.entries()) {
      if (line.obstacle) return line.obstacle.code
      const stock = this.stock.get(keyOf(line))
      if (!stock) return 'no_inventory'
      const wanted = sum(lines.slice(0, index + 1), line)
      if (this.promised(line) + wanted > stock.onHand + stock.limit) return 'insufficient_stock'
    }
    const held = lines.map((line) => ({ ...line, status: 'held' }))
    this.promises.set(id, { lines: held, until: this.now + ttlSeconds, last: 'held' })
    return this.promise(id)!
  }

  /** Why the lines that a command names are not held. */
  private refusalOf(command: OfLines): string | undefined {
    const [status, ...lines] = this.promise(command.reservationId) ?? []
    if (status === undefined) return 'reservation_not_found'
    if (status !== 'held') return `reservation_${status}`
    const { lines: own } = this.promises.get(command.reservationId)!
    for (const named of ('lines' in command ? command.lines : undefined) ?? []) {
      const found = lines.filter((_, index) => isOf(own[index]!, named))
      if (found.length === 0) return 'line_not_reserved'
      if (found.some((each) => each !== 'held')) return 'line_not_held'
    }
    return undefined
  }

  private meant({ reservationId, lines: named }: CommitReservation | ReleaseReservation): Line[] {
    const { lines } = this.promises.get(reservationId)!
    return lines.filter((line) => line.status === 'held' && (!named || named.some((key) => isOf(line, key))))
  }

  private end(command: CommitReservation | ReleaseReservation, status: string): Answer {
    for (const line of this.meant(command)) line.status = status
    this.promises.get(command.reservationId)!.last = status
    return this.promise(command.reservationId)!
  }
}

/** The code of a refusal, what a reservation has become, or what kind of thing was answered. */
export type Answer = string | readonly string[]

/** What a verdict says, as the model would have said it. */
export function answerIn(verdict: Verdict): Answer {
  if (!verdict.ok) return verdict.error.code
  if (verdict.value.type === 'inventory') return 'level'
  if (verdict.value.type !== 'reservation') return verdict.value.type
  const { status, lines } = verdict.value.reservation
  return [status, ...lines.map((line) => line.status)]
}

type Amounts = Readonly<{
  onHand: number
  reserved: number
  short: number
  backorderLimit: number
  incoming: number
  reorderPoint: number | null
}>

type Stock = { onHand: number; limit: number; incoming: number; reorderPoint: number | null }
type Line = LevelKey & { readonly quantity: number; status: string }
type Pledge = { readonly lines: Line[]; until: number; last: string }
type Place = { isOpen: boolean }
type OfLines = Extract<Command, { type: 'commit' | 'release' | 'extend' }>

/** What is not allowed as it stands is not remembered. */
const UNKEPT = new Set([
  'reason_mismatch',
  'quantity_out_of_range',
  'same_warehouse',
  'line_not_reserved',
  'idempotency_key_reused',
])

const fits = (onHand: number, limit: number): boolean => onHand + limit <= Number.MAX_SAFE_INTEGER

const isOf = (line: LevelKey, key: LevelKey): boolean =>
  line.productId === key.productId && line.warehouseId === key.warehouseId

const total = (lines: readonly Readonly<{ quantity: number }>[]): number =>
  lines.reduce((units, { quantity }) => units + quantity, 0)

const sum = (lines: readonly (LevelKey & Readonly<{ quantity: number }>)[], key: LevelKey): number =>
  total(lines.filter((line) => isOf(line, key)))
