import { afterAll, expect, test } from 'bun:test'
import { contract } from '@abasto/contract/contract'
import { exampleIdOf, submissionExample } from '@abasto/contract/openapi-examples'
import type { Resource } from '@abasto/contract/resource'
import { submissionOf } from '@abasto/contract/submission'
import fc from 'fast-check'
import { openShop } from './toy-shop.ts'

const shop = openShop()
afterAll(shop.close)

const writes = contract.operations.flatMap((operation) => {
  const submission = submissionOf(contract, operation)
  return submission ? [{ operation, submission }] : []
})

/** A document of an operation in which one value, anywhere, has become any other. */
const damaged = fc
  .record({
    write: fc.constantFrom(...writes),
    place: fc.nat(),
    value: fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.double(), fc.constantFrom(...['\0', '\ud800'])),
    member: fc.oneof(
      fc.constant(undefined),
      fc.string(),
      fc.constantFrom('__proto__', 'constructor', 'id', '@x', 'a/~b'),
    ),
  })
  .map(({ write: { operation, submission }, place, value, member }) => {
    const document = structuredClone(submissionExample(submission))
    const places = placesIn(document)
    const [holder, name] = places[place % places.length]!
    Object.defineProperty(holder, member ?? name, { value, enumerable: true, configurable: true, writable: true })
    return { operation, body: JSON.stringify(document) }
  })

test('whatever is sent gets an answer that points into what was sent, and never a 500', async () => {
  const check = fc.asyncProperty(damaged, async ({ operation, body }) => {
    const resource: Resource = contract.resources[operation.resource]
    const path = contract.basePath + operation.path.replace(/\{\w+\}/, exampleIdOf(resource))
    const answer = await shop.send(operation.method, path, { body })

    expect(answer.status).toBeLessThan(500)
    for (const { source } of answer.document.errors ?? []) {
      if (source?.pointer !== undefined) expect(resolves(JSON.parse(body), source.pointer)).toBeTrue()
    }
  })

  await fc.assert(check, { numRuns: 1_000 })
})

type Place = readonly [holder: object, name: string]

function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]): Place[] => [[value, name], ...placesIn(member)])
}

function resolves(document: unknown, pointer: string): boolean {
  let value = document
  for (const step of pointer.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false
    value = (value as Record<string, unknown>)[name]
  }
  return true
}
