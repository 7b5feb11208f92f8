import { existsSync } from 'node:fs'
import {
  apiKeySetting,
  BadSetting,
  durationSetting,
  type Environment,
  type LogLevel,
  logLevelSetting,
  textSetting,
  urlSetting,
} from '../config.ts'

/** What every process of a shop is told. */
export type ProcessSettings = Readonly<{
  host: string
  /** Where embedded databases and the key are kept. */
  data: string
  apiKey: string | undefined
  logLevel: LogLevel
  /** How long a process that is told to stop goes on taking requests, for balancers to look elsewhere. */
  drainMs: number
  otlpEndpoint: string | undefined
  /** The files of mutual TLS between services; absent: gRPC is not encrypted. */
  tls: TlsFiles | undefined
}>

/** Paths of PEM files: who is trusted, and what this process shows of itself. */
export type TlsFiles = Readonly<{ ca: string; cert: string; key: string }>

/** Reads the settings that all processes have; throws `BadSetting`, which names the one that is wrong. */
export const processSettings = (environment: Environment, { drainMs }: { drainMs: number }): ProcessSettings => ({
  host: textSetting(environment, 'ABASTO_HOST', 'localhost'),
  data: textSetting(environment, 'ABASTO_DATA', '.abasto'),
  apiKey: apiKeySetting(environment),
  logLevel: logLevelSetting(environment),
  drainMs: durationSetting(environment, 'DRAIN_MS', drainMs),
  otlpEndpoint: urlSetting(environment, 'OTEL_EXPORTER_OTLP_ENDPOINT', 'http://localhost:4318'),
  tls: tlsSettings(environment),
})

function tlsSettings(environment: Environment): TlsFiles | undefined {
  const files = {
    GRPC_TLS_CA: environment.GRPC_TLS_CA,
    GRPC_TLS_CERT: environment.GRPC_TLS_CERT,
    GRPC_TLS_KEY: environment.GRPC_TLS_KEY,
  }
  if (Object.values(files).every((file) => !file)) return undefined
  for (const [name, file] of Object.entries(files)) {
    if (!file) throw new BadSetting(`${name} is not set: GRPC_TLS_CA, GRPC_TLS_CERT and GRPC_TLS_KEY go together.`)
    if (!existsSync(file)) throw new BadSetting(`${name} is "${file}": there is no such file.`)
  }
  return { ca: files.GRPC_TLS_CA!, cert: files.GRPC_TLS_CERT!, key: files.GRPC_TLS_KEY! }
}
