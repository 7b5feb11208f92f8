import { expect, test } from 'bun:test'
import { apiKeyAuthentication, isAllowed } from './identity.ts'

const asking = (key?: string) => new Headers(key === undefined ? {} : { 'X-API-Key': key })

test('the key lets the owner in, whether the server holds it or only its digest', async () => {
  const sha256 = new Bun.CryptoHasher('sha256').update('open-sesame').digest('hex')

  for (const authenticate of [apiKeyAuthentication({ key: 'open-sesame' }), apiKeyAuthentication({ sha256 })]) {
    expect(await authenticate(asking('open-sesame'))).toMatchObject({
      ok: true,
      value: { id: 'owner', permissions: ['*'] },
    })
    for (const wrong of [undefined, '', 'open-sesam', 'open-sesame2', sha256]) {
      expect(await authenticate(asking(wrong))).toMatchObject({ ok: false, error: { kind: 'unauthenticated' } })
    }
  }
})

test('a digest that is none is refused at once, not at the first request', () => {
  expect(() => apiKeyAuthentication({ sha256: 'abc' })).toThrow('SHA-256')
})

test('a caller may do what is named, and the owner everything', () => {
  const reader = { id: 'reader', permissions: ['products:read'] }

  expect(isAllowed(reader, 'products:read')).toBeTrue()
  expect(isAllowed(reader, 'products:write')).toBeFalse()
  expect(isAllowed({ id: 'owner', permissions: ['*'] }, 'products:write')).toBeTrue()
})
