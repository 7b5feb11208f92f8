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
