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

test('what stands in lines is printed with all its members, and with what may be left out', () => {
  expect(typeNamed(contract)('ReservationCreate')).toContain(
    'readonly lines: readonly { readonly productId: string; readonly quantity: number; readonly warehouseId?: string }[]\n',
  )
  expect(typeNamed(contract)('Reservation')).toContain(
    "readonly status: 'held' | 'committed' | 'released' | 'expired' })[]",
  )
  expect(typeNamed(contract)('Adjustments')).toMatch(
    /verdicts: readonly \(\{ readonly stockLevel: .+ \| \{ readonly error: /,
  )
})

test('an id that may be chosen can be given, and any other cannot', () => {
  expect(typeNamed(contract)('ReservationCreate')).toContain('  readonly id?: string\n')
  expect(typeNamed(contract)('WarehouseCreate')).not.toContain('readonly id')
})

test('an act is printed with what it takes, and the operation that it is', () => {
  expect(typeNamed(contract)('ReservationExtend')).toContain('  readonly ttlSeconds?: number\n')
  expect(typeNamed(contract)('Acts')).toContain(
    "  readonly extendReservation: { readonly type: 'extend'; readonly input: ReservationExtend }\n",
  )
})

test('a filter of one value takes it alone, any other a list, and a read its own parameters', () => {
  const filters = typeNamed(contract)('OperationFilters')

  expect(filters).toContain('    readonly reference?: string\n')
  expect(filters).toContain("    readonly state?: readonly ('reorder' | 'out' | 'short')[]\n")
  expect(typeNamed(contract)('OperationParameters')).toContain('    readonly asOf?: string\n')
  expect(printSdkTypes(contract)).toMatch(
    /export type StockLevelAsOf = Pick<StockLevel, 'type' \| 'id' \| 'onHand'.+ \| 'warehouseId'>/,
  )
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
