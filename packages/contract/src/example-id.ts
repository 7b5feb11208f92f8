/** The warehouse that every shop has: what is tried out in it works as it stands. */
const DEFAULT_WAREHOUSE = '00000000-0000-7000-8000-000000000001'

/** An id for examples, made from the type: the same thing has the same id wherever it is shown. */
export function exampleId(type: string): string {
  if (type === 'warehouses') return DEFAULT_WAREHOUSE
  const number = [...type].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 1_000_000, 7)
  return `019b76da-a800-7000-8000-${String(number).padStart(12, '0')}`
}
