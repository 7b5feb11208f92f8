import type { Contract } from './contract.ts'
import type { Operation } from './operation.ts'
import { attributesIn, type Resource } from './resource.ts'

/** The document that an operation takes: which resource it describes, and how. */
export type Submission = Readonly<{
  /** Of an act, what describes it, in the shape of a resource. */
  resource: Resource
  document: 'create' | 'update'
  /** The name of the document in types and in OpenAPI. */
  name: string
  /** Whether it may be left out altogether. */
  isOptional: boolean
  /** The attributes of a document that the server accepts, where it is not the examples of all of them. */
  example?: Readonly<Record<string, unknown>>
}>

/** What an operation takes, or undefined when it takes no document. */
export function submissionOf(contract: Contract, operation: Operation): Submission | undefined {
  const { action, act } = operation
  if (act) {
    const { example, needsDocument = false, ...described } = act
    const resource = { ...described, relationships: {} }
    const isOptional = !needsDocument && attributesIn(act, 'create').every(([, { create }]) => create === 'optional')
    return { resource, document: 'create', name: act.name, isOptional, ...(example ? { example } : {}) }
  }
  const resource = contract.resources[operation.resource]
  if (!resource) throw new Error(`The operation ${operation.id} is about ${operation.resource}, which is no resource.`)
  if (action === 'update') return { resource, document: 'update', name: `${resource.name}Update`, isOptional: false }
  if (action !== 'create' && action !== 'command') return undefined
  return { resource, document: 'create', name: `${resource.name}Create`, isOptional: false }
}
