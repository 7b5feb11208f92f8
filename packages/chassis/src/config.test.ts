import { expect, test } from 'bun:test'
import {
  addressesSetting,
  apiKeySetting,
  BadSetting,
  connectionsSetting,
  databaseSetting,
  durationSetting,
  type Environment,
  logLevelSetting,
  partitionsSetting,
  portSetting,
  postgresSetting,
  textSetting,
  urlSetting,
  urlsSetting,
} from './config.ts'

test('what is not set, or set to nothing, is what it is otherwise', () => {
  for (const environment of [{}, { X: '', LOG_LEVEL: '', ABASTO_API_KEY: '' }]) {
    expect(portSetting(environment, 'X', 8080)).toBe(8080)
    expect(postgresSetting(environment, 'X')).toBeUndefined()
    expect(logLevelSetting(environment)).toBe('info')
    expect(apiKeySetting(environment)).toBeUndefined()
    expect(textSetting(environment, 'X', '.abasto')).toBe('.abasto')
  }
})

test('what is set is taken', () => {
  expect(portSetting({ X: '0' }, 'X', 8080)).toBe(0)
  expect(portSetting({ X: '65535' }, 'X', 8080)).toBe(65_535)
  expect(postgresSetting({ X: 'postgresql://a:b@c/d' }, 'X')).toBe('postgresql://a:b@c/d')
  expect(logLevelSetting({ LOG_LEVEL: 'debug' })).toBe('debug')
  expect(apiKeySetting({ ABASTO_API_KEY: '0123456789abcdef' })).toBe('0123456789abcdef')
  expect(textSetting({ X: 'shop' }, 'X', '.abasto')).toBe('shop')
})

test('what cannot be used is refused, and its name is said', () => {
  for (const port of ['65536', '-1', '80.5', '8e3', ' 80', '0x50', 'http', '99999999999']) {
    expect(() => portSetting({ GATEWAY_PORT: port }, 'GATEWAY_PORT', 8080)).toThrow('GATEWAY_PORT is')
  }
  expect(() => logLevelSetting({ LOG_LEVEL: 'loud' })).toThrow('LOG_LEVEL is "loud"')
  for (const key of ['short', 'has a space in it somewhere', 'x'.repeat(256), 'clé-clé-clé-clé-clé']) {
    expect(() => apiKeySetting({ ABASTO_API_KEY: key })).toThrow(BadSetting)
  }
})

test('the stock may be kept in a PostgreSQL or in a MongoDB of one node or several', () => {
  for (const address of ['postgres://a:b@c/d', 'mongodb://a:1,b:2,c:3/shop?replicaSet=rs0', 'mongodb+srv://a.b/shop']) {
    expect(databaseSetting({ X: address }, 'X')).toBe(address)
  }
  expect(databaseSetting({ X: '' }, 'X')).toBeUndefined()
  for (const address of ['mysql://user:secret@host/shop', 'mongodb://', 'mongodb', 'secret']) {
    const refusal = () => databaseSetting({ X_URL: address }, 'X_URL')
    expect(refusal).toThrow('X_URL takes an address such as postgres://')
    expect(refusal).not.toThrow('secret')
  }
})

test('a MongoDB keeps the stock only under a name that a database can have', () => {
  for (const path of ['', '/', '/?replicaSet=rs0', '/shop', '/a%2Db_%C3%A9?w=1']) {
    expect(databaseSetting({ X: `mongodb://a:secret@b${path}` }, 'X')).toBe(`mongodb://a:secret@b${path}`)
  }
  const names = ['my shop', 'my%20shop', 'shop/2', 'sh.op', '$shop', 'x%00', '%zz', 'x'.repeat(64), 'admin', 'local']
  for (const name of names) {
    const refusal = () => databaseSetting({ X_URL: `mongodb://a:secret@b/${name}?w=1` }, 'X_URL')
    expect(refusal).toThrow(/^X_URL cannot be used\. .*database/)
    expect(refusal).not.toThrow('secret')
  }
})

test('what only resembles the address of a PostgreSQL is none', () => {
  for (const address of [
    'postgres:/host/shop',
    'postgres:host',
    'postgres://',
    'postgres:///shop',
    'postgresq://host/shop',
  ]) {
    expect(() => postgresSetting({ X_URL: address }, 'X_URL')).toThrow('X_URL takes an address such as postgres://')
    expect(() => databaseSetting({ X_URL: address }, 'X_URL')).toThrow('X_URL takes an address such as postgres://')
  }
})

test('an address that may hold a password is not repeated', () => {
  const refusal = () =>
    postgresSetting({ INVENTORY_DATABASE_URL: 'mysql://user:secret@host/shop' }, 'INVENTORY_DATABASE_URL')

  expect(refusal).toThrow('INVENTORY_DATABASE_URL takes')
  expect(refusal).not.toThrow('secret')
})

test('what the address of a PostgreSQL cannot mean is refused under the name of its setting', () => {
  for (const [query, said] of Object.entries({
    'sslmode=verify': 'sslmode is one of disable, prefer, require, verify-ca, verify-full',
    'sslmode=verify-full&sslrootcert=no/such.pem': 'is "no/such.pem": there is no such file',
    'sslrootcert=no/such.pem': 'its sslmode asks for no TLS',
    'pgbouncer=yes': 'pgbouncer is true or false',
    'ssl=true': 'says ssl: say sslmode instead',
  })) {
    const refusal = () => postgresSetting({ X_URL: `postgres://user:secret@host/shop?${query}` }, 'X_URL')
    expect(refusal).toThrow(`X_URL cannot be used. `)
    expect(refusal).toThrow(said)
    expect(refusal).not.toThrow('secret')
  }
})

test('an address whose password no driver could read is refused before anybody connects', () => {
  const settings = {
    'postgres://user:sec%zzret@host/shop': postgresSetting,
    'postgres://us%er:secret@host/shop': databaseSetting,
    'postgres://user:secret@ho%st/shop': databaseSetting,
    'mongodb://user:sec%zzret@a:1,b:2/shop': databaseSetting,
    'redis://:sec%C3ret@host': redisSetting,
    'redis://a:1,redis://user:secret%@b:2/0': redisSetting,
  }
  for (const [address, setting] of Object.entries(settings)) {
    const refusal = () => setting({ X_URL: address }, 'X_URL')
    expect(refusal).toThrow(/^X_URL cannot be used\. .* the sign itself is written %25\.$/)
    expect(refusal).not.toThrow('ret')
  }
  for (const [address, setting] of Object.entries(settings)) {
    const mended = address.replace('%', '%25')
    expect(setting({ X_URL: mended }, 'X_URL')).toBe(mended)
  }
})

test('how many connections a process may hold leaves room for the one that writes and the one that looks after it', () => {
  expect(connectionsSetting({}, 'X')).toBe(12)
  expect(connectionsSetting({ X: '3' }, 'X')).toBe(3)
  for (const X of ['2', '1001', '-3', '3.5', 'all']) {
    expect(() => connectionsSetting({ X }, 'X')).toThrow(`X is "${X}"`)
  }
})

test('where a peer is may be one place, a list, or a name of DNS', () => {
  const read = (X: string) => addressesSetting({ X }, 'X')

  for (const places of ['localhost:50051', 'a.b:1,c-d:2', '[::1]:50051', 'dns:///products:50051', '10.0.0.1:5']) {
    expect(read(places)).toBe(places)
  }
  expect(read('')).toBeUndefined()
  for (const places of ['localhost', 'a:1,', 'a:1,b', 'http://a:1', 'dns:///a:1,b:2', 'a:1 b:2']) {
    expect(() => read(places)).toThrow(`X is "${places}"`)
  }
})

test('an address has the scheme of its example, or the encrypted form of it', () => {
  const read = (X: string) => redisSetting({ X }, 'X')

  expect(read('redis://cache:6379/1')).toBe('redis://cache:6379/1')
  expect(read('rediss://cache')).toBe('rediss://cache')
  for (const address of ['cache:6379', 'http://cache', 'redis//cache']) expect(() => read(address)).toThrow('X takes')
  expect(() => read('http://user:secret@cache')).not.toThrow('secret')
})

test('of a Redis only the number of a database is said, by each address of several', () => {
  const read = (X: string) => redisSetting({ X }, 'X')

  for (const address of ['redis://a', 'redis://a/', 'redis://a/12', 'redis://a/0,redis://b/', 'redis://a?x=/y']) {
    expect(read(address)).toBe(address)
  }
  for (const path of ['/shop', '/1/', '/-1', '/1.5', '/0x1', '/%31']) {
    for (const address of [`redis://:secret@a${path}`, `redis://a,redis://:secret@b${path}`]) {
      expect(() => read(address)).toThrow('X takes an address such as redis://localhost:6379, and behind it only')
      expect(() => read(address)).not.toThrow('secret')
    }
  }
  expect(() => read('redis:6379')).toThrow('X takes')
  expect(urlSetting({ X: 'http://a/b/c' }, 'X', 'http://localhost:4318')).toBe('http://a/b/c')
})

test('several servers of one kind have commas between them, each address is looked at, and none is repeated', () => {
  const read = (X: string) => redisSetting({ X }, 'X')

  for (const addresses of ['redis://a:1', 'redis://a:1,redis://b:2', 'rediss://u:p@a,rediss://u:p@b']) {
    expect(read(addresses)).toBe(addresses)
  }
  expect(read('')).toBeUndefined()
  for (const wrong of ['a:1,b:2', 'redis://a:1,', ',redis://a:1', 'redis://a:1,http://user:secret@b']) {
    expect(() => read(wrong)).toThrow('X takes')
    expect(() => read(wrong)).not.toThrow('secret')
  }
})

test('a duration is whole milliseconds up to a minute', () => {
  expect(durationSetting({}, 'X', 1_000)).toBe(1_000)
  expect(durationSetting({ X: '0' }, 'X', 1_000)).toBe(0)
  for (const text of ['60001', '-1', '1.5', '1s']) expect(() => durationSetting({ X: text }, 'X', 0)).toThrow('X is')
})

test('tables are put into a whole number of partitions, and only where there is a PostgreSQL to hold them', () => {
  const read = (POSTGRES_PARTITIONS: string, X_URL: string | undefined = 'postgres://a/b') =>
    partitionsSetting({ POSTGRES_PARTITIONS }, { X_URL })

  expect(read('')).toBeUndefined()
  expect(['2', '16', '1024'].map((text) => read(text))).toEqual([2, 16, 1_024])
  for (const text of ['0', '1', '1025', '-4', '4.5', '4e1', 'many', ' 4']) {
    expect(() => read(text)).toThrow(`POSTGRES_PARTITIONS is "${text}": it takes`)
  }
  for (const environment of [{ POSTGRES_PARTITIONS: '4' }, { POSTGRES_PARTITIONS: 'x' }]) {
    expect(() => partitionsSetting(environment, { X_URL: undefined })).toThrow('POSTGRES_PARTITIONS is')
  }
  expect(() => read('4', 'mongodb://a/b')).toThrow('is for PostgreSQL only, and X_URL names none')
  expect(partitionsSetting({}, { X_URL: undefined })).toBeUndefined()
})

const redisSetting = (environment: Environment, name: string) =>
  urlsSetting(environment, name, 'redis://localhost:6379')
