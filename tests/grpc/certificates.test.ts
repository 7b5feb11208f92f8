import { afterAll, beforeAll, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GrpcTls } from '../../packages/chassis/src/grpc/tls.ts'
import { temporaryFolder } from '../running-shop.ts'
import { asked, connectProducts, memoryProducts, serveProducts } from './services.ts'

const NOBODY = '11111111-1111-7111-8111-111111111111'
const openssl = Bun.which('openssl')

if (!openssl) console.log('Certificates were not tested: there is no openssl.')
else {
  const { folder, remove } = temporaryFolder()
  const at = (name: string) => join(folder, name)
  beforeAll(() => {
    authority('shop')
    authority('stranger')
    certificate('products', 'shop')
    certificate('inventory', 'shop')
    certificate('stranger-inventory', 'stranger')
  })
  afterAll(remove)

  test('services of one authority know each other', async () => {
    const listener = await serveProducts(memoryProducts(), { tls: files('products', 'shop') })

    expect(await ask(listener.port, files('inventory', 'shop'))).toMatchObject({ error: { kind: 'not_found' } })
    await listener.stop()
  }, 30_000)

  test('a caller without a certificate, or with one of a stranger, is not heard', async () => {
    const listener = await serveProducts(memoryProducts(), { tls: files('products', 'shop') })

    expect(await ask(listener.port, undefined)).toMatchObject({ error: { kind: 'unavailable' } })
    const stranger = { ...files('stranger-inventory', 'stranger'), ca: at('shop.crt') }
    expect(await ask(listener.port, stranger)).toMatchObject({ error: { kind: 'unavailable' } })
    await listener.stop()
  }, 30_000)

  test('a server with a certificate of a stranger is told nothing', async () => {
    let heard = 0
    const products = { ...memoryProducts(), getProduct: async () => Promise.reject(new Error(`${++heard}`)) }
    const tls = { ...files('stranger-inventory', 'stranger'), ca: at('shop.crt') }
    const listener = await serveProducts(products, { tls })

    expect(await ask(listener.port, files('inventory', 'shop'))).toMatchObject({ error: { kind: 'unavailable' } })
    expect(heard).toBe(0)
    await listener.stop()
  }, 30_000)

  const files = (name: string, ca: string): GrpcTls => ({
    ca: at(`${ca}.crt`),
    cert: at(`${name}.crt`),
    key: at(`${name}.key`),
  })

  async function ask(port: number, tls: GrpcTls | undefined) {
    const { peer, products } = connectProducts(`localhost:${port}`, { tls })
    const answer = await products.getProduct(asked({ deadlineMs: Date.now() + 2_000 }), NOBODY)
    peer.close()
    return answer
  }

  function authority(name: string): void {
    const subject = ['-subj', `/CN=${name}`, '-days', '1', '-nodes', '-newkey', 'rsa:2048']
    make(['req', '-x509', ...subject, '-keyout', at(`${name}.key`), '-out', at(`${name}.crt`)])
  }

  function certificate(name: string, ca: string): void {
    const request = at(`${name}.csr`)
    const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1'
    const extensions = at('names.cnf')
    writeFileSync(extensions, names)
    make([
      'req',
      '-subj',
      `/CN=${name}`,
      '-nodes',
      '-newkey',
      'rsa:2048',
      '-keyout',
      at(`${name}.key`),
      '-out',
      request,
    ])
    const signing = ['-CA', at(`${ca}.crt`), '-CAkey', at(`${ca}.key`), '-CAcreateserial', '-days', '1']
    make(['x509', '-req', '-in', request, ...signing, '-extfile', extensions, '-out', at(`${name}.crt`)])
  }

  function make(command: readonly string[]): void {
    const { exitCode, stderr } = Bun.spawnSync([openssl as string, ...command])
    if (exitCode !== 0) throw new Error(`openssl could not make a certificate: ${stderr}`)
  }
}
