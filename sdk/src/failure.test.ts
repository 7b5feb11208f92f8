import { expect, test } from 'bun:test'
import { Abasto, AbastoError } from './abasto.ts'
import { answers, type Behaviour, refuses, says, serverThat } from './unreliable-server.ts'

test('a sale of more than there is says how many there are', async () => {
  const details = { productId: 'lamp', requested: 3, available: 2 }
  const error = await failureOf(refuses(409, 'insufficient_stock', details, { 'X-Request-ID': 'request-9' }))

  expect(error.code === 'insufficient_stock' && error.details.available).toBe(2)
  expect(error).toMatchObject({ status: 409, requestId: 'request-9', message: 'Why insufficient_stock.' })
  expect(error).toBeInstanceOf(Error)
  expect(error.name).toBe('ConflictError')
})

test('a document with two faults shows both and where they are', async () => {
  const errors = [
    {
      status: '422',
      code: 'invalid_value',
      title: 'No',
      detail: 'Not 0',
      source: { pointer: '/data/attributes/quantity' },
    },
    { status: '422', code: 'invalid_value', title: 'No', source: { pointer: '/data/relationships/product' } },
  ]
  const error = await failureOf(answers(422, { errors }))

  expect(error.message).toBe('Not 0. (and 1 more, see errors)')
  expect(error.errors).toEqual([
    { code: 'invalid_value', status: 422, title: 'No', detail: 'Not 0', source: errors[0]!.source, details: {} },
    { code: 'invalid_value', status: 422, title: 'No', detail: 'No', source: errors[1]!.source, details: {} },
  ])
})

test('a failure that only a newer server knows arrives with all it says', async () => {
  const error = await failureOf(refuses(409, 'moon_too_full', { phase: 'waxing' }))

  expect(String(error.code)).toBe('moon_too_full')
  expect(error).toMatchObject({ status: 409, message: 'Why moon_too_full.', details: { phase: 'waxing' } })
})

test('a wrong key is named with the server that refused it', async () => {
  const error = await failureOf(refuses(401, 'unauthenticated'))

  expect(error.code).toBe('unauthenticated')
  expect(error.message).toMatch(/^Why unauthenticated\. Is the apiKey the one of http:\/\/127\.0\.0\.1:\d+\?$/)
})

test.each([
  ['a web page', says(200, 'text/html', '<h1>Welcome</h1>'), 'text/html'],
  ['a web page that says not found', says(404, 'text/html', '<h1>Not found</h1>'), 'text/html'],
  ['JSON of another API', says(200, 'application/json', '{"ok":true}'), 'application/json'],
  ['JSON that is no object', says(200, 'application/json', 'null'), 'application/json'],
  ['an error of another API', says(400, 'application/json', '{"errors":"no"}'), 'application/json'],
])('a server that answers with %s is asked whether it is one of ours', async (_, answer, contentType) => {
  const error = await failureOf(answer)

  expect(error).toMatchObject({ code: 'unexpected_answer', attempts: 1, details: { contentType } })
  expect(error.message).toContain('is that an Abasto server?')
})

test('a redirect is not followed but named, so that no sale becomes a reading and no key goes elsewhere', async () => {
  const error = await failureOf(says(301, 'text/html', '', { Location: 'https://shop.example/api/v1/purchases' }))

  expect(error.code).toBe('unexpected_answer')
  expect(error.message).toContain('leads elsewhere, to https://shop.example/api/v1/purchases')
})

test('a gateway that stays broken is unavailable, whatever page it shows', async () => {
  const error = await failureOf(says(504, 'text/html', '<h1>Gateway timeout</h1>'))

  expect(error).toMatchObject({ code: 'unavailable', status: 504, attempts: 2, outcomeUnknown: true })
})

test('an address where nobody listens is named', async () => {
  const server = await serverThat(says(200, 'text/plain', ''))
  server[Symbol.dispose]()

  const error = await new Abasto({ apiKey: 'a-key', baseUrl: server.baseUrl, maxRetries: 0 }).products
    .get('lamp')
    .catch(String)

  expect(error).toContain(`No answer from ${server.baseUrl} (one attempt)`)
})

/** The failure of a sale that the server treats as told. */
async function failureOf(behaviour: Behaviour): Promise<AbastoError> {
  using server = await serverThat(behaviour)
  const abasto = new Abasto({ apiKey: 'a-key', baseUrl: server.baseUrl, maxRetries: 1 })
  const error = await abasto.purchases.create({ productId: 'lamp', quantity: 3 }).catch((reason: unknown) => reason)
  if (!(error instanceof AbastoError)) throw new Error('The call did not fail as it should.', { cause: error })
  return error
}
