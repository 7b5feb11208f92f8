import { contract } from '@abasto/contract/contract'
import { exampleIdOf } from '@abasto/contract/openapi-examples'
import type { Operation } from '@abasto/contract/operation'
import { attributesIn, type Resource } from '@abasto/contract/resource'
import { ok } from '@abasto/kernel'
import type { Answer, Bindings, Entity, OperationRequest } from './binding.ts'

/** A binding for every operation of the contract that answers with its example, and what each of them was asked. */
export function exampleBindings() {
  const asked: { operation: string; request: OperationRequest }[] = []
  const bindings: Bindings = Object.fromEntries(
    contract.operations.map((operation) => [
      operation.id,
      async (request: OperationRequest) => {
        asked.push({ operation: operation.id, request })
        return ok(answerOf(operation, request))
      },
    ]),
  )
  return { bindings, asked }
}

function answerOf(operation: Operation, { id, chosenId }: OperationRequest): Answer {
  const { action, relationship } = operation
  const resource = resourceOf(operation.resource)
  const entity = entityOf(resource, chosenId ?? (id === '' ? exampleIdOf(resource) : id))
  if (action === 'delete') return { data: null }
  if (action === 'list') return { data: { items: [entity], hasPrevious: false, hasNext: true } }
  if (action === 'related') return { data: entityOf(resourceOf(resource.relationships[relationship!]!.to)) }
  return { data: entity }
}

function entityOf(resource: Resource, id: string = exampleIdOf(resource)): Entity {
  const attributes = attributesIn(resource, 'read').map(([name, { example }]) => [name, example])
  const relationships = Object.entries(resource.relationships).map(([name, { to }]) => {
    return [name, exampleIdOf(resourceOf(to))]
  })
  const members = { attributes: Object.fromEntries(attributes), relationships: Object.fromEntries(relationships) }
  return { type: resource.type, id, version: 7, ...members }
}

const resourceOf = (type: string): Resource => (contract.resources as Record<string, Resource>)[type]!
