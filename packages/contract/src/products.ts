import { Type } from 'typebox'
import { exampleId } from './example-id.ts'
import { operation } from './operation.ts'
import { PAGE_SIZE } from './query.ts'
import { resource } from './resource.ts'
import { amount, currency, line, timestamp, uuid } from './schemas.ts'

export const products = resource({
  type: 'products',
  name: 'Product',
  description: 'What a shop shows and sells. What is counted is always a product.',
  attributes: {
    sku: {
      schema: line(64),
      description: 'The name the shop gives it; unique among the products that are not deleted.',
      example: 'LAMP-1',
      create: 'required',
      update: 'optional',
    },
    name: {
      schema: line(255),
      description: 'What a customer reads.',
      example: 'Desk lamp',
      create: 'required',
      update: 'optional',
    },
    description: {
      schema: Type.String({ maxLength: 10_000 }),
      description: 'A longer text; empty when there is none.',
      example: 'Brass, with a green shade.',
      create: 'optional',
      update: 'optional',
    },
    price: {
      schema: amount,
      description: 'The price of one unit, as a decimal string in `currency`.',
      example: '12.50',
      create: 'required',
      update: 'optional',
    },
    currency: {
      schema: currency,
      description: 'The ISO 4217 code of the price.',
      example: 'EUR',
      create: 'required',
      update: 'optional',
    },
    images: {
      schema: Type.Array(Type.String({ maxLength: 2048, pattern: '^https?://[^\\s]+$' }), { maxItems: 50 }),
      description: 'Addresses of pictures, the first of them the main one.',
      example: ['https://example.com/lamp.jpg'],
      create: 'optional',
      update: 'optional',
    },
    active: {
      schema: Type.Boolean(),
      description: 'Whether it is sold at present; `true` unless said otherwise.',
      example: true,
      create: 'optional',
      update: 'optional',
    },
    createdAt: { schema: timestamp, description: 'When it was created.', example: '2026-01-31T09:30:00.000Z' },
    updatedAt: { schema: timestamp, description: 'When it was last changed.', example: '2026-01-31T09:30:00.000Z' },
  },
  relationships: {},
})

export const productOperations = [
  operation({
    id: 'createProduct',
    service: 'products',
    action: 'create',
    method: 'POST',
    path: '/products',
    resource: 'products',
    permission: 'products:write',
    summary: 'Create a product',
    description: 'Adds a product to the catalogue. Its SKU must be free.',
    failures: ['sku_taken', 'invalid_price', 'unknown_currency'],
  }),
  operation({
    id: 'listProducts',
    service: 'products',
    action: 'list',
    method: 'GET',
    path: '/products',
    resource: 'products',
    permission: 'products:read',
    filters: {
      id: {
        schema: uuid,
        maxValues: PAGE_SIZE.max,
        description: 'Only the products with these ids; ids that no product has are passed over.',
        example: exampleId('products'),
      },
    },
    summary: 'List products',
    description:
      'All products that are not deleted, in the order in which they were created; with `filter[id]` those of them ' +
      'that are named. It is read from the database and never from a cache.',
    failures: [],
  }),
  operation({
    id: 'getProduct',
    service: 'products',
    action: 'read',
    method: 'GET',
    path: '/products/{productId}',
    resource: 'products',
    permission: 'products:read',
    summary: 'Read a product',
    description: 'One product, with an `ETag` to send back as `If-Match`.',
    failures: ['product_not_found'],
  }),
  operation({
    id: 'updateProduct',
    service: 'products',
    action: 'update',
    method: 'PATCH',
    path: '/products/{productId}',
    resource: 'products',
    permission: 'products:write',
    summary: 'Change a product',
    description: 'Changes the attributes that are given and keeps the others.',
    failures: ['product_not_found', 'sku_taken', 'invalid_price', 'unknown_currency', 'version_mismatch'],
  }),
  operation({
    id: 'deleteProduct',
    service: 'products',
    action: 'delete',
    method: 'DELETE',
    path: '/products/{productId}',
    resource: 'products',
    permission: 'products:write',
    summary: 'Delete a product',
    description:
      'Takes the product off the catalogue: 404 from then on, its SKU is free again. Stock and history stay.',
    failures: ['product_not_found', 'version_mismatch'],
  }),
] as const
