import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { chmodSync, chownSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { OutcomeUnknown } from '../../packages/chassis/src/database/database.ts'
import { connectPostgres } from '../../packages/chassis/src/database/postgres.ts'
import { askPostgres, CannotVerify } from '../../packages/cli/src/verify/databases.ts'
import { type PostgresServer, startPostgres } from '../../scripts/postgres-server.ts'
import { temporaryFolder } from '../running-shop.ts'

const openssl = Bun.which('openssl')
const IS_ENCRYPTED = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'

if (!process.env.TEST_POSTGRES_URL) console.log('TLS to a PostgreSQL was not tested: TEST_POSTGRES_URL is not set.')
else if (!openssl) console.log('TLS to a PostgreSQL was not tested: there is no openssl.')
else {
  const { folder, remove } = temporaryFolder()
  const at = (name: string) => join(folder, name)
  let encrypted: PostgresServer
  let plain: PostgresServer

  beforeAll(async () => {
    authority('house')
    authority('stranger')
    // Made out to the name of the host, not to its number.
    certificate('server', 'house', 'DNS:localhost')
    plain = await startPostgres()
    belongTo(plain.folder, 'server.key', 'server.crt')
    encrypted = await startPostgres({ ssl: 'on', ssl_cert_file: at('server.crt'), ssl_key_file: at('server.key') })
  }, 60_000)
  afterAll(() => {
    encrypted?.stop()
    plain?.stop()
    remove()
  }, 30_000)

  describe('a service finds its PostgreSQL over TLS', () => {
    test.each([
      ['', '127.0.0.1', false],
      ['sslmode=disable', '127.0.0.1', false],
      ['sslmode=prefer', '127.0.0.1', true],
      ['sslmode=require', '127.0.0.1', true],
      ['sslmode=require&sslrootcert=house', '127.0.0.1', true],
      ['sslmode=verify-ca&sslrootcert=house', '127.0.0.1', true],
      ['sslmode=verify-full&sslrootcert=house', 'localhost', true],
    ])('"%s" to %s: encrypted is %p', async (query, host, isEncrypted) => {
      expect(await answerOf(encrypted, host, query)).toEqual([{ ssl: isEncrypted }])
    })

    test('that would rather have it is content without it', async () => {
      expect(await answerOf(plain, '127.0.0.1', 'sslmode=prefer')).toEqual([{ ssl: false }])
    })
  })

  describe('a service tells nothing', () => {
    test.each([
      ['sslmode=verify-full&sslrootcert=house', '127.0.0.1', 'a host that the certificate is not made out to'],
      ['sslmode=verify-full&sslrootcert=stranger', 'localhost', 'a server that a stranger would have to vouch for'],
      ['sslmode=verify-ca&sslrootcert=stranger', '127.0.0.1', 'the same, whatever its name'],
      ['sslmode=require&sslrootcert=stranger', '127.0.0.1', 'the same, where somebody is named who is trusted'],
      ['sslmode=verify-full', 'localhost', 'a server for which nobody vouches whom everyone trusts'],
      ['sslrootcert=system', 'localhost', 'the same, said in other words'],
    ])('with "%s" to %s: %s', async (query, host) => {
      expect(await answerOf(encrypted, host, query)).toBeInstanceOf(OutcomeUnknown)
    })

    test.each(['sslmode=require', 'sslmode=verify-full&sslrootcert=house'])(
      'with "%s" to a server without TLS',
      async (query) => {
        expect(await answerOf(plain, 'localhost', query)).toBeInstanceOf(OutcomeUnknown)
      },
    )
  })

  // The check has a driver of its own.
  describe('`abasto verify` asks a PostgreSQL over TLS', () => {
    test.each([
      ['sslmode=disable', '127.0.0.1', false],
      ['sslmode=prefer', '127.0.0.1', true],
      ['sslmode=require', '127.0.0.1', true],
      ['sslmode=verify-ca&sslrootcert=house', '127.0.0.1', true],
      ['sslmode=verify-full&sslrootcert=house', 'localhost', true],
    ])('"%s" to %s: encrypted is %p', async (query, host, ssl) => {
      expect(await askPostgres(addressOf(encrypted, host, query))(IS_ENCRYPTED)).toMatchObject({ ssl })
    })

    test.each([
      ['sslmode=verify-full&sslrootcert=house', '127.0.0.1'],
      ['sslmode=verify-full&sslrootcert=stranger', 'localhost'],
      ['sslmode=require&sslrootcert=stranger', '127.0.0.1'],
      ['sslmode=verify-full', 'localhost'],
    ])('and tells nothing with "%s" to %s', async (query, host) => {
      const asked = askPostgres(addressOf(encrypted, host, query))(IS_ENCRYPTED)
      await expect(asked).rejects.toBeInstanceOf(CannotVerify)
    })

    test('and tells nothing to a server without TLS where it is asked for', async () => {
      const asked = askPostgres(addressOf(plain, '127.0.0.1', 'sslmode=require'))(IS_ENCRYPTED)
      await expect(asked).rejects.toBeInstanceOf(CannotVerify)
    })
  })

  /** Whether the server says that the connection is encrypted, or why there is none. */
  async function answerOf(server: PostgresServer, host: string, query: string): Promise<unknown> {
    const database = connectPostgres({ url: addressOf(server, host, query), connections: 1 })
    try {
      return await database.query(IS_ENCRYPTED, [], { timeoutMs: 2_000 })
    } catch (error) {
      return error
    } finally {
      await database.close()
    }
  }

  function addressOf({ port }: PostgresServer, host: string, query: string): string {
    const rest = query.replace(/sslrootcert=(house|stranger)/, (_, name) => `sslrootcert=${at(`${name}.crt`)}`)
    return `postgres://postgres@${host}:${port}/postgres?${rest}`
  }

  function authority(name: string): void {
    const subject = ['-subj', `/CN=${name}`, '-days', '2', '-nodes']
    run('req', '-x509', '-newkey', 'rsa:2048', '-keyout', at(`${name}.key`), '-out', at(`${name}.crt`), ...subject)
  }

  function certificate(name: string, issuer: string, place: string): void {
    const [key, request] = [at(`${name}.key`), at(`${name}.csr`)]
    run(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      request,
      '-subj',
      `/CN=${name}`,
      '-addext',
      `subjectAltName=${place}`,
    )
    const by = [
      '-CA',
      at(`${issuer}.crt`),
      '-CAkey',
      at(`${issuer}.key`),
      '-CAcreateserial',
      '-copy_extensions',
      'copy',
    ]
    run('x509', '-req', '-in', request, '-out', at(`${name}.crt`), '-days', '2', ...by)
  }

  function run(...command: string[]): void {
    const { exitCode, stderr } = Bun.spawnSync([openssl as string, ...command])
    if (exitCode !== 0) throw new Error(`openssl could not make a certificate: ${stderr}`)
  }

  /** A server reads its key only where it is its own; as root, that is the user to whom its folder was given. */
  function belongTo(owned: string, ...names: string[]): void {
    chmodSync(folder, 0o755)
    const { uid, gid } = statSync(owned)
    for (const name of names) {
      chmodSync(at(name), 0o600)
      if (userInfo().uid === 0) chownSync(at(name), uid, gid)
    }
  }
}
