import type { Contract } from './contract.ts'
export const printOpenApi = (contract: Contract, _services?: readonly string[]): unknown => ({
  openapi: '3.1.0',
  info: { title: contract.title, version: contract.version },
})
