import { expect, test } from 'bun:test'
import type { Uuid } from '@abasto/kernel'
import type { Command } from '../domain/command.ts'
import { decide } from '../domain/decide.ts'
import { commitment, line, lineHeld, reservation, sale } from '../domain/examples.ts'
import { memoryStock } from '../infrastructure/memory.ts'
import { BusyRows } from './busy-rows.ts'

const NONE = new Map()

/** Commands that wait, each of the products in its name: 'lamp chair'. */
const waiting = (...names: readonly string[]) =>
  names.map((name) => ({ name, command: saleOf(name), isPassedOver: false }))

const saleOf = (name: string): Command => sale(name.split(' ').map((product) => line(product as Uuid, 1)))

const namesOf = (all: readonly Readonly<{ name: string }>[]) => all.map(({ name }) => name)

const decided = async (command: Command) => decide(await memoryStock().read({}), [command])

test('while nothing is busy those who came first are chosen', () => {
  const { chosen, left } = new BusyRows().choose(waiting('lamp', 'lamp', 'chair'), 2, NONE)

  expect([namesOf(chosen), namesOf(left)]).toEqual([['lamp', 'lamp'], ['chair']])
})

test('those are chosen of which nothing is busy, and the others keep their order', async () => {
  const busy = new BusyRows()
  busy.begin([await decided(saleOf('lamp'))])

  const { chosen, left } = busy.choose(waiting('lamp', 'chair', 'table lamp', 'table', 'desk'), 2, NONE)

  expect([namesOf(chosen), namesOf(left)]).toEqual([
    ['chair', 'table'],
    ['lamp', 'table lamp', 'desk'],
  ])
})

test('nobody is passed over twice', async () => {
  const busy = new BusyRows()
  const over = busy.begin([await decided(saleOf('lamp'))])
  const queue = waiting('lamp table', 'chair', 'chair')
  const { left } = busy.choose(queue, 3, NONE)
  busy.begin([await decided(saleOf('table'))])
  over()

  const { chosen } = busy.choose([...left, ...waiting('chair')], 2, NONE)

  expect(namesOf(chosen)).toEqual(['lamp table', 'chair'])
})

test('where most are about something busy nobody is passed over', async () => {
  const busy = new BusyRows()
  busy.begin([await decided(saleOf('lamp'))])

  const { chosen, left } = busy.choose(waiting('lamp', 'lamp', 'chair'), 128, NONE)

  expect([namesOf(chosen), left]).toEqual([['lamp', 'lamp', 'chair'], []])
})

test('what a write was about is busy until that write is over, and a reservation as well as a level', async () => {
  const busy = new BusyRows()
  const held = reservation([lineHeld('lamp' as Uuid, 1)])
  const over = busy.begin([await decided(held)])
  const commands = [
    { name: 'commit', command: commitment(held.reservationId), isPassedOver: false },
    ...waiting('chair'),
  ]

  expect(namesOf(busy.choose(commands, 2, NONE).chosen)).toEqual(['chair'])
  commands[0]!.isPassedOver = false
  over()
  expect(namesOf(busy.choose(commands, 2, NONE).chosen)).toEqual(['commit', 'chair'])
})
