import { failures } from '@abasto/contract/failures'
import { type Product, ProductSchema } from '@abasto/proto/products/v1/product'
import { ProductsService } from '@abasto/proto/products/v1/products_service'
import { create, fromBinary, toBinary, toJson } from '@bufbuild/protobuf'
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import { failureIn } from './status.ts'

// A program for Node, made of the same proto files, as somebody else would write it. A test builds and runs it:
// `node node-client.js <host:port> <API key>` creates a product twice, reads it, and prints what it was told.
const [address = '', key = ''] = process.argv.slice(2)
const client = new Client(address, credentials.createInsecure())
const metadata = new Metadata()
metadata.set('x-api-key', key)
metadata.set('idempotency-key', 'from-node')

const { createProduct, getProduct } = ProductsService.method

function call(method: typeof createProduct | typeof getProduct, bytes: Uint8Array): Promise<Product | undefined> {
  const path = `/${method.parent.typeName}/${method.name}`
  return new Promise((resolve, reject) => {
    const asIs = (value: Buffer) => value
    const deadline = Date.now() + 5_000
    client.makeUnaryRequest(path, asIs, asIs, Buffer.from(bytes), metadata, { deadline }, (error, answer) => {
      if (error) reject(error)
      else resolve(fromBinary(method.output, answer!).product)
    })
  })
}

const draft = { sku: 'NODE-1', name: 'Lamp é 灯', price: '12.50', currency: 'EUR' }
const writing = toBinary(createProduct.input, create(createProduct.input, draft))
const created = await call(createProduct, writing)
const again = await call(createProduct, writing)
const read = await call(getProduct, toBinary(getProduct.input, create(getProduct.input, { id: created!.id })))

metadata.set('idempotency-key', 'from-node-too')
const failure = await call(createProduct, writing).catch((error: ServiceError) => failureIn(error.metadata))
const shown = [created, again, read].map((product) => toJson(ProductSchema, product!))
const known = Object.hasOwn(failures, (failure as { code: string }).code)
console.log(JSON.stringify({ shown, failure, known }))
client.close()
