import { expect, test } from 'bun:test'
import { readSettings } from './settings.ts'

test('a shop needs no setting', () => {
  expect(readSettings({})).toEqual({
    host: 'localhost',
    ports: { gateway: 8080, products: 8001, inventory: 8002 },
    grpcPorts: { products: 50_051, inventory: 50_052 },
    data: '.abasto',
    databases: { products: undefined, inventory: undefined },
    connections: { products: 12, inventory: 12 },
    partitions: undefined,
    redisUrl: undefined,
    otlpEndpoint: undefined,
    tls: undefined,
    apiKey: undefined,
    logLevel: 'info',
    drainMs: 0,
  })
})

test('each port has a setting of its own', () => {
  const settings = readSettings({
    GATEWAY_PORT: '1',
    PRODUCTS_PORT: '2',
    INVENTORY_PORT: '3',
    PRODUCTS_GRPC_PORT: '4',
    INVENTORY_GRPC_PORT: '5',
  })

  expect(settings.ports).toEqual({ gateway: 1, products: 2, inventory: 3 })
  expect(settings.grpcPorts).toEqual({ products: 4, inventory: 5 })
})
