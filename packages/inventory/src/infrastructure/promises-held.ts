import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Uuid } from '@abasto/kernel'
import { createCommitter } from '../application/committer.ts'
import { movementPosition } from '../application/movements.ts'
import type { Stock } from '../application/ports.ts'
import { backorderPosition } from '../application/reservations.ts'
import { type Command, keyOf } from '../domain/command.ts'
import { decide } from '../domain/decide.ts'
import {
  adjustment,
  commitment,
  counting,
  expiry,
  extension,
  levelOf,
  line,
  lineHeld,
  opening,
  releasing,
  reservation,
  sale,
  transfer,
} from '../domain/examples.ts'
import { asOf, later } from '../domain/reservation.ts'
import { type Decision, MOST_DUE } from '../domain/state.ts'
import { decided, effect, expectWalk, inAMinute, newId, stateFor, stocked, takesEffect } from './deciding.ts'
import type { OpenStock } from './promises.ts'

/** What every store promises of what is held for someone, and of the places where stock is. */
export function heldPromises(name: string, open: () => Promise<OpenStock>): void {
  describe(`what is held in ${name}`, () => {
    let opened: OpenStock
    let stock: Stock
    beforeAll(async () => {
      opened = await open()
      stock = opened.stock
    }, 60_000)
    afterAll(() => opened.close())

    /** Stock that is held in the past by the store's clock, so that it is past its time as soon as it is there. */
    async function heldBefore(command: Command, secondsAgo: number): Promise<Decision> {
      const state = await stateFor(stock, command)
      const decision = decide({ ...state, now: later(state.now, -secondsAgo) }, [command])
      expect(decision.verdicts[0]!.ok).toBe(true)
      expect(await takesEffect(stock, decision)).toBe(true)
      return decision
    }

    test('what is held is what is read, to the last field, and so is what becomes of it', async () => {
      const [lamp, chair] = [await stocked(stock, 10), await stocked(stock, 10)]
      const hold = reservation([lineHeld(lamp, 2), lineHeld(lamp, 1), lineHeld(chair, 4)], {
        reference: 'cart "7", é{}\\',
      })

      const made = await decided(stock, hold)
      await stock.write([made])

      const id = hold.reservationId
      const { reservations, levels, due } = await stock.read({ reservations: [id] })
      expect(reservations.get(id)).toEqual(made.reservations[0]!.after!)
      expect(await stock.reservation(id)).toEqual(made.reservations[0]!.after!)
      for (const { key, after } of made.read) expect(levels.get(keyOf(key))).toEqual(after!)
      expect(due.size).toBe(0)
      expect((await stock.level(levelOf(lamp)))!).toMatchObject({ onHand: 10, reserved: 3 })

      const [longer, part, rest] = [
        extension(id, 3_600),
        commitment(id, { lines: [levelOf(lamp)] }),
        releasing(id),
      ] as const
      for (const command of [longer, part, rest]) {
        const decision = await decided(stock, command)
        expect(decision.verdicts[0]!.ok).toBe(true)
        expect(await takesEffect(stock, decision)).toBe(true)
        expect(await stock.reservation(id)).toEqual(decision.reservations[0]!.after!)
        const read = await stock.read({ levels: [levelOf(lamp), levelOf(chair)] })
        for (const { key, after } of decision.read) if (after) expect(read.levels.get(keyOf(key))).toEqual(after)
      }
      expect(await stock.level(levelOf(lamp))).toMatchObject({ onHand: 7, reserved: 0 })
      expect(await stock.level(levelOf(chair))).toMatchObject({ onHand: 10, reserved: 0 })
      expect(await stock.reservation(id)).toMatchObject({ status: 'committed', version: 4 })
      const { items } = await stock.movements({ productIds: [lamp, chair] }, { size: 20 })
      expect(items.filter((movement) => movement.reservationId === id)).toHaveLength(4)
      const { operations } = await stock.read({ operations: [hold, part].map(({ operationId }) => operationId) })
      expect(operations.get(hold.operationId)!.verdict).toEqual(made.verdicts[0]!)
      expect(operations.size).toBe(2)
    })

    test('a decision loses when the reservation that it read was changed, came or went meanwhile', async () => {
      const lamp = await stocked(stock, 5)
      const hold = reservation([lineHeld(lamp, 1)])
      const tooEarly = await decided(stock, commitment(hold.reservationId))
      await effect(stock, hold)
      const late = await decided(stock, commitment(hold.reservationId))
      const again = await decided(stock, reservation([lineHeld(lamp, 1)]))
      await effect(stock, releasing(hold.reservationId))

      expect(await takesEffect(stock, tooEarly)).toBe(false)
      expect(await takesEffect(stock, late)).toBe(false)
      expect(await takesEffect(stock, again)).toBe(false)
      expect(await stock.level(levelOf(lamp))).toMatchObject({ onHand: 5, reserved: 0 })
    })

    test('of two reservations under one id only one is made, and neither is after a release that came first', async () => {
      const lamp = await stocked(stock, 5)
      const id = newId()
      const both = [1, 2].map(() => reservation([lineHeld(lamp, 1)], { id, isIdChosen: true }))
      const decisions = await Promise.all(both.map((command) => decided(stock, command)))

      const made = await Promise.all(decisions.map((decision) => takesEffect(opened.another(), decision)))

      expect(made.filter(Boolean)).toHaveLength(1)
      const unknown = newId()
      const early = await decided(stock, reservation([lineHeld(lamp, 1)], { id: unknown, isIdChosen: true }))
      const release = await decided(stock, releasing(unknown))
      expect(release.verdicts).toMatchObject([{ error: { code: 'reservation_not_found' } }])
      expect(await takesEffect(stock, release)).toBe(true)
      expect(await takesEffect(stock, early)).toBe(false)
      const { commit } = createCommitter(stock)
      const late = reservation([lineHeld(lamp, 1)], { id: unknown, isIdChosen: true })
      expect(await commit(late, inAMinute())).toMatchObject({ error: { code: 'reservation_released' } })
      expect(await stock.reservation(unknown)).toBeUndefined()
      expect(await stock.level(levelOf(lamp))).toMatchObject({ reserved: 1 })
    })

    test('an id that this process believes to be new and is not costs a second look, not more', async () => {
      const lamp = await stocked(stock, 5)
      const id = newId()
      await effect(stock, reservation([lineHeld(lamp, 1)], { id }))

      const verdict = await createCommitter(stock).commit(reservation([lineHeld(lamp, 1)], { id }), inAMinute())

      expect(verdict).toMatchObject({ error: { code: 'reservation_exists' } })
    })

    test('what was decided in time is not written after it, by the clock of the store', async () => {
      const lamp = await stocked(stock, 5)
      const hold = reservation([lineHeld(lamp, 2)], { ttlSeconds: 60 })
      await heldBefore(hold, 3_600)
      const state = await stateFor(stock, commitment(hold.reservationId))
      const hourAgo = { ...state, now: later(state.now, -3_590), due: new Map() }

      for (const command of [commitment(hold.reservationId), extension(hold.reservationId, 7_200)]) {
        // Dated then, too, though what it reads was written since.
        const late = { ...decide(hourAgo, [command]), at: hourAgo.now }
        expect(late.verdicts[0]!.ok).toBe(true)
        expect(await takesEffect(stock, late)).toBe(false)
      }
      expect(await stock.reservation(hold.reservationId)).toMatchObject({ status: 'expired' })
    })

    test('what is past its time counts for nobody, is not shown, and goes with the next write', async () => {
      const lamp = await stocked(stock, 5)
      const hold = reservation([lineHeld(lamp, 4)], { ttlSeconds: 60 })
      const made = await heldBefore(hold, 3_600)
      expect((await stock.read({ levels: [levelOf(lamp)] })).levels.get(keyOf(levelOf(lamp)))).toMatchObject({
        reserved: 4,
      })

      expect(await stock.level(levelOf(lamp))).toMatchObject({ onHand: 5, reserved: 0 })
      expect(await stock.inventory(lamp)).toMatchObject({ onHand: 5, reserved: 0 })
      expect((await stock.levels({ productIds: [lamp] }, { size: 5 })).items).toMatchObject([{ reserved: 0 }])
      const { now } = await stock.read({})
      expect(await stock.reservation(hold.reservationId)).toEqual(asOf(made.reservations[0]!.after!, now))
      expect(await stock.expired(1_000)).toContain(hold.reservationId)
      const { commit } = createCommitter(stock)
      expect(await commit(commitment(hold.reservationId), inAMinute())).toMatchObject({
        error: { kind: 'conflict', code: 'reservation_expired' },
      })

      expect(await commit(sale([line(lamp, 5)]), inAMinute())).toMatchObject({ ok: true })

      const { items } = await stock.movements({ productIds: [lamp] }, { size: 10 })
      expect(items.map(({ kind, onHandAfter, reservedAfter }) => [kind, onHandAfter, reservedAfter])).toEqual([
        ['receipt', 5, 0],
        ['reservation', 5, 4],
        ['expiry', 5, 0],
        ['sale', 0, 0],
      ])
      expect(items[2]).toMatchObject({ reservationId: hold.reservationId, operationId: hold.operationId })
      expect((await stock.read({ levels: [levelOf(lamp)] })).levels.get(keyOf(levelOf(lamp)))!.nextExpiryAt).toBeNull()
      expect(await commit(expiry(hold.reservationId), inAMinute())).toMatchObject({
        value: { reservation: { status: 'expired', version: 2 } },
      })
      expect(await stock.expired(1_000)).not.toContain(hold.reservationId)
    })

    test('when more expired than one write ends, the rest counts no more either', async () => {
      const lamp = await stocked(stock, MOST_DUE + 10)
      const holds = Array.from({ length: MOST_DUE + 5 }, () => reservation([lineHeld(lamp, 1)], { ttlSeconds: 60 }))
      const state = await stateFor(stock, holds[0]!)
      await stock.write([decide({ ...state, now: later(state.now, -3_600) }, holds)])
      const alive = reservation([lineHeld(lamp, 3)], { ttlSeconds: 3_600 })

      const { levels, due } = await stock.read({ levels: [levelOf(lamp)] })

      expect(levels.get(keyOf(levelOf(lamp)))).toMatchObject({ reserved: MOST_DUE + 5 })
      expect(due.get(keyOf(levelOf(lamp)))).toMatchObject({ lapsed: 5 })
      expect(due.get(keyOf(levelOf(lamp)))!.holds).toHaveLength(MOST_DUE)
      const { commit } = createCommitter(stock)
      expect(await commit(alive, inAMinute())).toMatchObject({ ok: true })
      expect((await stock.read({ levels: [levelOf(lamp)] })).levels.get(keyOf(levelOf(lamp)))).toMatchObject({
        reserved: 5 + 3,
      })
      expect(await commit(sale([line(lamp, MOST_DUE + 7)]), inAMinute())).toMatchObject({ ok: true })
      expect(await stock.level(levelOf(lamp))).toMatchObject({ onHand: 3, reserved: 3 })
      expect((await stock.read({ levels: [levelOf(lamp)] })).levels.get(keyOf(levelOf(lamp)))).toMatchObject({
        nextExpiryAt: (await stock.reservation(alive.reservationId))!.expiresAt,
      })
    })

    test('who found a hold expired loses against who extended it, and the other way round', async () => {
      const lamp = await stocked(stock, 5)
      const hold = reservation([lineHeld(lamp, 4)], { ttlSeconds: 60 })
      await effect(stock, hold)
      const wanted = sale([line(lamp, 3)])
      const state = await stateFor(stock, wanted)
      const [held] = [...(await stock.read({ reservations: [hold.reservationId] })).reservations.values()]
      const { operationId } = hold
      const due = {
        holds: [
          {
            ...levelOf(lamp),
            reservationId: hold.reservationId,
            quantity: 4,
            expiresAt: held!.expiresAt,
            operationId,
            createdAt: held!.createdAt,
          },
        ],
        lapsed: 0,
        nextExpiryAt: null,
      }
      const found = () => decide({ ...state, due: new Map([[keyOf(levelOf(lamp)), due]]) }, [wanted])
      const extend = await decided(stock, extension(hold.reservationId, 7_200))

      expect(found().verdicts[0]!.ok).toBe(true)
      expect(await takesEffect(stock, extend)).toBe(true)
      expect(await takesEffect(stock, found())).toBe(false)
      expect(await stock.level(levelOf(lamp))).toMatchObject({ onHand: 5, reserved: 4 })
    })

    test('what is owed is listed, the oldest served first, and a receipt fills it', async () => {
      const lamp = newId()
      await effect(stock, opening(lamp, 5, { backorderLimit: 10 }))
      const holds = [4, 3, 5].map((quantity) => reservation([lineHeld(lamp, quantity)]))
      for (const hold of holds) await effect(stock, hold)
      const owed = async () => (await stock.backorders({ productIds: [lamp] }, { size: 10 })).items

      expect((await owed()).map(({ reservationId, quantity, owed }) => [reservationId, quantity, owed])).toEqual([
        [holds[1]!.reservationId, 3, 2],
        [holds[2]!.reservationId, 5, 5],
      ])
      const { commit } = createCommitter(stock)
      expect(await commit(reservation([lineHeld(lamp, 4)]), inAMinute())).toMatchObject({
        error: { code: 'insufficient_stock', details: { available: 3 } },
      })
      await effect(stock, commitment(holds[0]!.reservationId))
      expect(await commit(commitment(holds[2]!.reservationId), inAMinute())).toMatchObject({
        error: { code: 'insufficient_stock', details: { requested: 5, available: 1 } },
      })
      await expectWalk((page) => stock.backorders({ productIds: [lamp] }, page), backorderPosition, 2)

      await effect(stock, adjustment(lamp, 7, { reason: 'receipt' }))
      expect(await owed()).toEqual([])
      await effect(stock, commitment(holds[2]!.reservationId))
    })

    test('stock moves between warehouses, all lines or none, and what a level was can be asked later', async () => {
      const lamp = await stocked(stock, 10)
      const warehouseId = newId()
      const named = { operationId: newId(), fingerprint: '0'.repeat(32), actor: 'owner' }
      await effect(stock, { type: 'create-warehouse', warehouseId, name: 'Harbour "2"', ...named })
      const { warehouseId: home } = levelOf(lamp)
      const moving = (quantity: number) => transfer([{ productId: lamp, from: home, to: warehouseId, quantity }])

      await effect(stock, moving(4))
      await Bun.sleep(5)
      const moment = (await stock.read({})).now
      await Bun.sleep(5)
      await effect(stock, moving(1))

      expect(await stock.levelsOf(lamp)).toEqual([levelOf(lamp), { productId: lamp, warehouseId }])
      expect(await stock.inventory(lamp)).toMatchObject({ onHand: 10 })
      const there = { productId: lamp, warehouseId }
      expect(await stock.level(there)).toMatchObject({ onHand: 5 })
      expect(await stock.levelAt(there, moment)).toMatchObject({ onHand: 4, sequence: 1 })
      expect(await stock.levelAt(levelOf(lamp), moment)).toMatchObject({ onHand: 6, sequence: 2 })
      expect(await stock.levelAt(levelOf(lamp), '2001-01-01T00:00:00.000Z')).toBeUndefined()
      expect(await stock.levelAt(levelOf(newId()), moment)).toBeUndefined()
      expect((await decided(stock, moving(6))).verdicts).toMatchObject([{ error: { code: 'insufficient_stock' } }])
      expect(await stock.warehouse(warehouseId)).toMatchObject({ name: 'Harbour "2"', version: 1, deletedAt: null })
      expect(await stock.holdsStock(warehouseId)).toBe(true)
      expect(await stock.holdsStock(newId())).toBe(false)
      const kinds = ['transfer_in', 'transfer_out'] as const
      expect((await stock.movements({ productIds: [lamp], kinds }, { size: 9 })).items).toHaveLength(4)
      const since = { productIds: [lamp], from: moment }
      expect((await stock.movements(since, { size: 9 })).items.map(({ kind }) => kind)).toEqual([...kinds].reverse())
      const until = { warehouseIds: [warehouseId], until: moment }
      expect((await stock.movements(until, { size: 9 })).items).toHaveLength(1)
      await expectWalk((page) => stock.movements({ productIds: [lamp] }, page), movementPosition, 5)
    })

    test('a level is not opened in a warehouse that was deleted meanwhile', async () => {
      const warehouseId = newId()
      const named = () => ({ operationId: newId(), fingerprint: '0'.repeat(32), actor: 'owner' })
      await effect(stock, { type: 'create-warehouse', warehouseId, name: 'Attic', ...named() })
      const late = await decided(stock, opening(newId(), 3, { warehouseId }))
      expect(late.verdicts[0]!.ok).toBe(true)
      const listed = async () => (await stock.warehouses({ size: 100 })).items.map(({ id }) => id)
      expect(await listed()).toContain(warehouseId)

      await effect(stock, { type: 'delete-warehouse', warehouseId, ...named() })

      expect(await takesEffect(stock, late)).toBe(false)
      expect(await listed()).not.toContain(warehouseId)
      const twice = await decided(stock, { type: 'rename-warehouse', warehouseId, name: 'Roof', ...named() })
      expect(twice.verdicts).toMatchObject([{ error: { code: 'warehouse_not_found' } }])
    })

    test('levels and reservations are found by what they are, page by page', async () => {
      const [out, low, short, full] = [
        await stocked(stock, 0),
        await stocked(stock, 2),
        await stocked(stock, 5),
        await stocked(stock, 9),
      ]
      const all: readonly Uuid[] = [out, low, short, full]
      const named = () => ({ operationId: newId(), fingerprint: '0'.repeat(32), actor: 'owner' })
      await effect(stock, {
        type: 'configure',
        ...levelOf(low),
        settings: { reorderPoint: 2, incoming: 7 },
        ...named(),
      })
      const hold = reservation([lineHeld(short, 5)], { reference: `cart ${newId()}` })
      await effect(stock, hold)
      await effect(stock, counting(short, 3, { expectedOnHand: 5 }))
      const ids = async (states: readonly ('out' | 'reorder' | 'short')[]) =>
        (await stock.levels({ productIds: all, states }, { size: 10 })).items.map(({ productId }) => productId)

      expect(await ids(['out'])).toEqual([out, short].toSorted())
      expect(await ids(['reorder'])).toEqual([low])
      expect(await ids(['short'])).toEqual([short])
      expect(await ids(['reorder', 'short'])).toEqual([low, short].toSorted())
      expect(await stock.level(levelOf(low))).toMatchObject({ reorderPoint: 2, incoming: 7, version: 2, sequence: 1 })
      expect(await stock.level(levelOf(short))).toMatchObject({ onHand: 3, reserved: 5, short: 2 })
      await expectWalk((page) => stock.levels({ productIds: all }, page), keyOf, 4)

      const references = [hold.reference!]
      const found = async (statuses?: readonly ('held' | 'released')[]) =>
        (await stock.reservations({ references, statuses }, { size: 5 })).items.map(({ id }) => id)
      expect(await found()).toEqual([hold.reservationId])
      expect(await found(['held'])).toEqual([hold.reservationId])
      expect(await found(['released'])).toEqual([])
      await effect(stock, releasing(hold.reservationId))
      expect(await found(['released'])).toEqual([hold.reservationId])
      await expectWalk(
        (page) => stock.reservations({}, page),
        ({ id }) => id,
        2,
      )
    })
  })
}
