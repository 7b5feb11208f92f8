import { expect, test } from 'bun:test'
import { Type } from 'typebox'
import { type Contract, contract } from './contract.ts'
import { printSdkTypes } from './sdk-types.ts'

test('a product is printed flat, with what each of its members means', () => {
  const text = printSdkTypes(contract)

  expect(text).toContain(
    "export type Product = {\n  readonly type: 'products'\n  readonly id: string\n" +
      `  /** ${contract.resources.products.attributes.sku.description} */\n  readonly sku: string\n`,
  )
})

test('what is only ever sent is not shown, and what is only ever shown is not taken', () => {
  const [shown, created, updated] = ['Inventory', 'InventoryCreate', 'InventoryUpdate'].map(typeNamed(contract))

  expect([shown, created, updated].map((text) => text?.includes('quantityDelta'))).toEqual([false, false, true])
  expect([shown, created, updated].map((text) => text?.includes('available:'))).toEqual([true, false, false])
  expect([shown, created, updated].map((text) => text?.includes('readonly productId: string\n'))).toEqual([
    true,
    true,
    false,
  ])
})

test('what may be left out or be null says so', () => {
  expect(typeNamed(contract)('ProductCreate')).toContain('readonly images?: readonly string[]\n')
  expect(typeNamed(contract)('Movement')).toContain('readonly purchaseId: string | null\n')
  expect(typeNamed(contract)('InventoryUpdate')).toContain("readonly reason: 'receipt' | 'return' |")
})

test('one changed attribute of the contract changes the types', () => {
  const changed = withProductAttribute('colours', {
    schema: Type.Array(Type.Unsafe({ type: ['string', 'null'] })),
    description: 'Ends a comment: */',
    example: [],
    create: 'required',
  })

  expect(typeNamed(changed)('Product')).toContain('readonly colours: readonly (string | null)[]\n')
  expect(typeNamed(changed)('ProductCreate')).toContain('readonly colours: readonly (string | null)[]\n')
  expect(typeNamed(changed)('ProductUpdate')).not.toContain('colours')
  expect(printSdkTypes(changed)).toContain('/** Ends a comment: *\\/ */')
  expect(printSdkTypes(contract)).not.toContain('colours')
})

test('every failure code is printed with its details', () => {
  const failures = { ...contract.failures, on_fire: { status: 503, title: 'Run', meta: { floor: 'number' } } } as const
  const text = typeNamed({ ...contract, failures })('ServerFailures')

  expect(text).toContain('  /** 503: Run. */\n  readonly on_fire: { readonly floor: number }\n')
  expect(Object.keys(contract.failures).filter((code) => !text?.includes(`readonly ${code}: `))).toEqual([])
})

test('a schema that has no TypeScript yet stops the printing instead of becoming any', () => {
  const changed = withProductAttribute('size', { schema: Type.Unsafe({ $ref: '#/x' }), description: '', example: 1 })

  expect(() => printSdkTypes(changed)).toThrow('The schema of "size" has no TypeScript yet.')
})

/** The text of one of the types that are printed. */
const typeNamed = (contract: Contract) => (name: string) =>
  printSdkTypes(contract)
    .split('\n\n')
    .find((block) => block.includes(`export type ${name} = {`))

function withProductAttribute(name: string, attribute: Contract['resources'][string]['attributes'][string]): Contract {
  const { products } = contract.resources
  const changed = { ...products, attributes: { ...products.attributes, [name]: attribute } }
  return { ...contract, resources: { ...contract.resources, products: changed } }
}
