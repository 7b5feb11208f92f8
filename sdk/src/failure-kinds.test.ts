import { expect, test } from 'bun:test'
import {
  Abasto,
  AbastoError,
  AbortedError,
  AuthenticationError,
  ConflictError,
  ConnectionError,
  type Failed,
  type FailureClass,
  InvalidRequestError,
  NotFoundError,
  PermissionError,
  PreconditionFailedError,
  RateLimitError,
  ServerError,
  TimeoutError,
  UnavailableError,
  UnexpectedAnswerError,
} from './abasto.ts'
import { type Behaviour, hangsUp, keepsSilent, refuses, says, serverThat } from './unreliable-server.ts'

const kinds = {
  AbortedError,
  AuthenticationError,
  ConflictError,
  ConnectionError,
  InvalidRequestError,
  NotFoundError,
  PermissionError,
  PreconditionFailedError,
  RateLimitError,
  ServerError,
  TimeoutError,
  UnavailableError,
  UnexpectedAnswerError,
}

test.each([
  ['AuthenticationError', refuses(401, 'unauthenticated')],
  ['PermissionError', refuses(403, 'forbidden')],
  ['NotFoundError', refuses(404, 'product_not_found')],
  ['NotFoundError', refuses(404, 'something_newer')],
  ['ConflictError', refuses(409, 'insufficient_stock')],
  ['PreconditionFailedError', refuses(412, 'version_mismatch')],
  ['InvalidRequestError', refuses(400, 'malformed_document')],
  ['InvalidRequestError', refuses(422, 'invalid_value')],
  ['RateLimitError', refuses(429, 'too_fast')],
  ['RateLimitError', says(429, 'text/html', '<h1>Slow down</h1>')],
  ['ServerError', refuses(500, 'internal_error')],
  ['ServerError', refuses(507, 'something_newer')],
  ['UnavailableError', refuses(503, 'unavailable')],
  ['UnavailableError', says(502, 'text/html', '<h1>Bad gateway</h1>')],
  ['ConnectionError', hangsUp],
  ['TimeoutError', keepsSilent],
  ['UnexpectedAnswerError', says(404, 'text/html', '<h1>Not found</h1>')],
] as const)('a failure is caught as %s and as nothing else', async (name, behaviour) => {
  const error = await failureOf(behaviour)

  const caughtAs = Object.entries(kinds).filter(([, Kind]) => error instanceof (Kind as FailureClass<unknown>))
  expect(caughtAs.map(([kind]) => kind)).toEqual([name])
  expect(error).toBeInstanceOf(AbastoError)
  expect(error).toBeInstanceOf(Error)
  expect((error as Error).name).toBe(name)
  expect((error as Error).stack).toStartWith(`${name}: ${(error as Error).message}`)
})

test('a call that its caller ended is caught as such', async () => {
  const error = await failureOf(keepsSilent, AbortSignal.timeout(10))

  expect(error).toBeInstanceOf(AbortedError)
})

test('nothing else is an instance', () => {
  for (const other of [new Error('x'), { name: 'NotFoundError' }, null, undefined, 'NotFoundError', 404]) {
    expect([other instanceof AbastoError, other instanceof NotFoundError]).toEqual([false, false])
  }
})

test('a failure that another copy of the package threw is caught all the same', async () => {
  const built = await Bun.build({ entrypoints: [`${import.meta.dir}/abasto.ts`], format: 'esm' })
  const other = await import(`data:text/javascript;base64,${btoa(await built.outputs[0]!.text())}`)
  const known = { status: 404, errors: [], attempts: 1, outcomeUnknown: false }

  const error = new other.NotFoundError('product_not_found', 'There is none.', {}, known)

  expect(other.NotFoundError).not.toBe(NotFoundError)
  expect([error instanceof AbastoError, error instanceof NotFoundError]).toEqual([true, true])
  expect(error instanceof ConflictError).toBe(false)
})

test('what a program derives from a kind is a kind of its own', () => {
  const Base: new (...known: ConstructorParameters<typeof ConflictError>) => Failed<string, unknown> = ConflictError
  class SoldOut extends Base {}
  const known = { status: 409, errors: [], attempts: 1, outcomeUnknown: false }
  const [soldOut, conflict] = [SoldOut, ConflictError].map((Kind) => new Kind('insufficient_stock', 'No.', {}, known))

  expect([soldOut instanceof SoldOut, soldOut instanceof ConflictError, conflict instanceof SoldOut]).toEqual([
    true,
    true,
    false,
  ])
})

async function failureOf(behaviour: Behaviour, signal?: AbortSignal): Promise<unknown> {
  using server = await serverThat(behaviour)
  const abasto = new Abasto({ apiKey: 'a-key', baseUrl: server.baseUrl, maxRetries: 0, attemptTimeoutMs: 200 })
  return await abasto.products.get('lamp', signal ? { signal } : {}).then(
    () => undefined,
    (reason) => reason,
  )
}
