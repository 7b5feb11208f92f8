import { expect, test } from 'bun:test'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { contract } from './contract.ts'
import { printOpenApi } from './openapi.ts'

test('the document is valid OpenAPI and says everything that a reader may expect', async () => {
  const problems = await problemsOf(printOpenApi(contract))

  expect(problems).toEqual([])
})

test.each(['products', 'inventory'])(
  'the document of %s alone is valid and refers to nothing that is absent',
  async (service) => {
    const problems = await problemsOf(printOpenApi(contract, [service]))

    expect(problems).toEqual([])
  },
)

test('the linter sees a fault that is planted', async () => {
  const document = printOpenApi(contract)
  const broken = { ...document, components: { ...document.components, schemas: {} } }

  const problems = await problemsOf(broken)

  expect(problems.join('\n')).toContain('no-unresolved-refs')
})

test('every operation and each of its failures is in the document', () => {
  const { paths } = printOpenApi(contract)

  for (const operation of contract.operations) {
    const printed = paths[contract.basePath + operation.path]?.[operation.method.toLowerCase()] as Printed
    expect(printed.operationId).toBe(operation.id)
    for (const code of operation.failures) {
      expect(printed.responses[contract.failures[code].status]?.description).toContain(code)
    }
  }
})

test('an attribute that is added to the contract appears in requests and answers', () => {
  const { products } = contract.resources
  const colour = {
    schema: { type: 'string' },
    description: 'Its colour.',
    example: 'green',
    create: 'optional',
  } as const
  const attributes = { ...products.attributes, colour }
  const changed = { ...contract, resources: { ...contract.resources, products: { ...products, attributes } } }

  const { schemas } = printOpenApi(changed).components as { schemas: Record<string, unknown> }

  expect(schemas.Product).toHaveProperty('properties.attributes.properties.colour.examples', ['green'])
  expect(schemas.ProductCreate).toHaveProperty('properties.data.properties.attributes.properties.colour')
  expect(schemas.ProductUpdate).not.toHaveProperty('properties.data.properties.attributes.properties.colour')
})

test('an act takes its own document, which may be left out where it need not say anything', () => {
  const { paths } = printOpenApi(contract)
  const body = (path: string) => (paths[`/api/v1${path}`]!.post as { requestBody: object }).requestBody
  const schema = (name: string) => ({
    content: { 'application/vnd.api+json': { schema: { $ref: `#/components/schemas/${name}` } } },
  })

  const commit = body('/reservations/{reservationId}/commit')
  const adjust = body('/stock-levels/{stockLevelId}/adjustments')

  expect(commit).toEqual({ required: false, ...schema('ReservationCommit') })
  expect(adjust).toEqual({ required: true, ...schema('StockLevelAdjust') })
})

test('ids are described as they are: of two parts, chosen by the caller, or given', () => {
  const { schemas } = printOpenApi(contract).components as { schemas: Record<string, Described> }
  const id = (name: string) => schemas[name]!.properties.data!.properties.id

  const level = new RegExp(id('StockLevelUpdate')!.pattern)
  expect([level.test(`${LAMP}.${LAMP}`), level.test(LAMP), level.test(`${LAMP}x${LAMP}`)]).toEqual([true, false, false])
  expect([id('ReservationCreate')?.format, id('WarehouseCreate')]).toEqual(['uuid', undefined])
})

test('a read with a parameter of its own is described with what it then answers', () => {
  const { paths, components } = printOpenApi(contract)
  const read = paths['/api/v1/stock-levels/{stockLevelId}']!.get as { responses: Record<number, Answered> }

  expect(read.responses[200]!.content['application/vnd.api+json']!.schema).toEqual({
    anyOf: [
      { $ref: '#/components/schemas/StockLevelDocument' },
      { $ref: '#/components/schemas/StockLevelAsOfDocument' },
    ],
  })
  expect(components.schemas).toHaveProperty('StockLevelAsOf.properties.attributes.required', [
    'onHand',
    'reserved',
    'available',
    'sequence',
    'updatedAt',
  ])
})

const LAMP = '11111111-1111-7111-8111-111111111111'

type Described = { properties: { data?: { properties: { id?: { pattern: string; format?: string } } } } }
type Answered = { content: Record<string, { schema: object }> }
type Printed = { operationId: string; responses: Record<string, { description: string }> }

async function problemsOf(document: unknown): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'], rules: RULES })
  const problems = await lintFromString({ source: JSON.stringify(document), config })
  return problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} (${location[0]?.pointer})`)
}

/** The recommended rules without exception, and those that hold the examples against their schemas. */
const RULES = {
  'no-invalid-media-type-examples': 'error',
  'no-invalid-parameter-examples': 'error',
  'no-invalid-schema-examples': 'error',
} as const
