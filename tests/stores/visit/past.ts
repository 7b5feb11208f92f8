import type { Customer } from './customer.ts'
import { DEFAULT, makerFor, NOBODY } from './things.ts'

export async function past(customer: Customer): Promise<void> {
  const { get, send, leaf, peek } = customer
  const { product, warehouse, level } = makerFor(customer)
  const [lamp, chair] = [await product('PAST-1'), await product('PAST-2')]
  const attic = await warehouse('Attic')
  await level(lamp, DEFAULT, 8)
  await level(lamp, attic, 3)
  await level(chair, attic, 0)
  const at = `${lamp}.${DEFAULT}`
  for (const quantityDelta of [5, -1, 2, -4]) {
    const attributes = { quantityDelta, reason: 'correction', actor: `clerk ${quantityDelta}` }
    await send('POST', `/stock-levels/${at}/adjustments`, { type: 'adjust', attributes })
  }
  const moved = { lines: [{ productId: lamp, from: DEFAULT, to: attic, quantity: 2 }] }
  await send('POST', '/transfers', { type: 'transfers', attributes: moved })

  for (const size of [2, 7]) {
    await leaf(`/movements?filter[product]=${lamp}`, size)
    await leaf(`/inventory/${lamp}/movements`, size)
  }
  await leaf(`/movements?filter[warehouse]=${attic},${DEFAULT}&filter[product]=${lamp},${chair}`, 2)
  await leaf(`/movements?filter[product]=${lamp}&filter[kind]=transfer_in,receipt`, 2)
  await leaf(`/movements?filter[product]=${NOBODY}`, 2)
  for (const id of [NOBODY, chair]) await get(`/inventory/${id}/movements`)

  const { document } = await peek(`/movements?filter[product]=${lamp}&filter[warehouse]=${DEFAULT}`)
  const moments: string[] = document.data.map(
    (each: { attributes: { createdAt: string } }) => each.attributes.createdAt,
  )
  const third = moments[2]!
  // The same moment as others write it, and moments next to it, nearer than a millisecond too.
  const near = [third, shifted(third, '+05:30'), shifted(third, '-14:00'), finer(third, '000000')]
  near.push(
    finer(third, '000001'),
    finer(third, '0005'),
    finer(third, '9'),
    finer(third, '999999'),
    earlier(third),
    finer(earlier(third), '999'),
  )
  const far = ['1000-01-01T00:00:00Z', '1969-12-31T23:59:59.999Z', '2999-12-31T23:59:59.999999999Z', 'noon', '']
  for (const moment of [...near, ...far, '2026-02-30T00:00:00Z', '2016-12-31T23:59:60Z']) {
    const text = encodeURIComponent(moment)
    await get(`/stock-levels/${at}?asOf=${text}`)
    await get(`/movements?filter[product]=${lamp}&filter[from]=${text}`)
    await get(`/movements?filter[product]=${lamp}&filter[until]=${text}`)
    await get(`/movements?filter[product]=${lamp}&filter[until]=${text}&filter[from]=${text}`)
  }
  for (const id of [`${chair}.${attic}`, `${chair}.${DEFAULT}`, `${NOBODY}.${attic}`]) {
    await get(`/stock-levels/${id}?asOf=2999-01-01T00:00:00Z`)
  }
}

/** The same moment, as it is written where clocks are so far from Greenwich. */
function shifted(moment: string, offset: string): string {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(offset)!
  const shift = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
  return new Date(Date.parse(moment) + shift).toISOString().replace('Z', offset)
}

const finer = (moment: string, digits: string): string => moment.replace('Z', `${digits}Z`)

const earlier = (moment: string): string => new Date(Date.parse(moment) - 1).toISOString()
