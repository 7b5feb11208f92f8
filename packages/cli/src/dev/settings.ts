import {
  apiKeySetting,
  type Environment,
  type LogLevel,
  logLevelSetting,
  portSetting,
  postgresSetting,
  textSetting,
} from '@abasto/chassis/config'

/** How the one process is set up. Every name is one of the environment; see `.env.example`. */
export type Settings = Readonly<{
  host: string
  ports: Readonly<{ gateway: number; products: number; inventory: number }>
  /** Where the embedded database and the key are kept. */
  data: string
  /** Absent: the service uses the embedded database. */
  databases: Readonly<{ products: string | undefined; inventory: string | undefined }>
  apiKey: string | undefined
  logLevel: LogLevel
}>

/** Reads the settings; throws `BadSetting`, which names the one that is wrong. */
export const readSettings = (environment: Environment): Settings => ({
  host: textSetting(environment, 'ABASTO_HOST', 'localhost'),
  ports: {
    gateway: portSetting(environment, 'GATEWAY_PORT', 8080),
    products: portSetting(environment, 'PRODUCTS_PORT', 8001),
    inventory: portSetting(environment, 'INVENTORY_PORT', 8002),
  },
  data: textSetting(environment, 'ABASTO_DATA', '.abasto'),
  databases: {
    products: postgresSetting(environment, 'PRODUCTS_DATABASE_URL'),
    inventory: postgresSetting(environment, 'INVENTORY_DATABASE_URL'),
  },
  apiKey: apiKeySetting(environment),
  logLevel: logLevelSetting(environment),
})
