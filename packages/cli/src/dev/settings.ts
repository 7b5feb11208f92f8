import {
  connectionsSetting,
  databaseSetting,
  type Environment,
  partitionsSetting,
  portSetting,
  postgresSetting,
  urlsSetting,
} from '@abasto/chassis/config'
import { type ProcessSettings, processSettings } from '@abasto/chassis/process/settings'

/** How the one process is set up. Every name is one of the environment; see `.env.example`. */
export type Settings = ProcessSettings &
  Readonly<{
    ports: Readonly<{ gateway: number; products: number; inventory: number }>
    grpcPorts: Readonly<{ products: number; inventory: number }>
    /** Absent: the service uses the embedded database. */
    databases: Readonly<{ products: string | undefined; inventory: string | undefined }>
    /** How many connections to its database each service may hold. */
    connections: Readonly<{ products: number; inventory: number }>
    /** In how many partitions the tables of both are to be, if that was asked for. */
    partitions: number | undefined
    redisUrl: string | undefined
  }>

/** Reads the settings; throws `BadSetting`, which names the one that is wrong. */
export const readSettings = (environment: Environment): Settings => ({
  // Nobody stands before the one process and chooses where to send, so nobody needs time to choose anew.
  ...processSettings(environment, { drainMs: 0 }),
  ports: {
    gateway: portSetting(environment, 'GATEWAY_PORT', 8080),
    products: portSetting(environment, 'PRODUCTS_PORT', 8001),
    inventory: portSetting(environment, 'INVENTORY_PORT', 8002),
  },
  grpcPorts: {
    products: portSetting(environment, 'PRODUCTS_GRPC_PORT', 50_051),
    inventory: portSetting(environment, 'INVENTORY_GRPC_PORT', 50_052),
  },
  ...databaseSettings(environment),
  connections: {
    products: connectionsSetting(environment, 'PRODUCTS_DATABASE_CONNECTIONS'),
    inventory: connectionsSetting(environment, 'INVENTORY_DATABASE_CONNECTIONS'),
  },
  redisUrl: urlsSetting(environment, 'REDIS_URL', 'redis://localhost:6379'),
})

function databaseSettings(environment: Environment): Pick<Settings, 'databases' | 'partitions'> {
  const databases = {
    products: postgresSetting(environment, 'PRODUCTS_DATABASE_URL'),
    inventory: databaseSetting(environment, 'INVENTORY_DATABASE_URL'),
  }
  const { products: PRODUCTS_DATABASE_URL, inventory: INVENTORY_DATABASE_URL } = databases
  return { databases, partitions: partitionsSetting(environment, { PRODUCTS_DATABASE_URL, INVENTORY_DATABASE_URL }) }
}
