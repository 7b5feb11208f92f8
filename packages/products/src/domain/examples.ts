import type { Uuid } from '@abasto/kernel'
import type { Product } from './product.ts'

/** A product as tests need one: on sale, at 12.50 EUR unless told otherwise. */
export const lamp = (id: Uuid, { priceMinor = 1250 }: Readonly<{ priceMinor?: number }> = {}): Product => ({
  id,
  sku: id,
  name: 'Lamp',
  description: '',
  price: { minor: priceMinor, currency: 'EUR' },
  images: [],
  active: true,
  version: 1,
  createdAt: '2026-01-31T09:30:00.000Z',
  updatedAt: '2026-01-31T09:30:00.000Z',
})
