import { isMongo } from '../config.ts'
import type { ProcessSettings } from './settings.ts'

/** What is said to whoever started a service: where it is, how to be let in, and where it keeps what it knows. */
export function welcome(
  service: string,
  settings: ProcessSettings,
  { url, apiKey, rows }: Readonly<{ url: string; apiKey: string; rows: Readonly<Record<string, string>> }>,
): string {
  const key = settings.apiKey ? 'from ABASTO_API_KEY' : `kept in ${settings.data}/api-key`
  const all = { 'API key': `${apiKey}   (${key})`, ...rows }
  const lines = Object.entries(all).map(([name, text]) => `  ${name.padEnd(11)} ${text}`)
  return `
Abasto's ${service} is open at ${url}
  API         ${url}/api/v1   (the document: ${url}/openapi.json; health: ${url}/health)
${lines.join('\n')}

Ctrl-C stops it.
`
}

/** Where a service keeps what it knows, for the welcome. */
export function databaseRow(service: string, { data }: ProcessSettings, url: string | undefined): string {
  if (url === undefined) return `embedded, in ${data}/${service}/database`
  return isMongo(url) ? 'MongoDB' : 'PostgreSQL'
}
