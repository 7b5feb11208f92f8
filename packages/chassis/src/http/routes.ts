import { type Contract, operationsOf, resourceAt } from '@abasto/contract/contract'
import { isConditional, type Operation, pathParameter } from '@abasto/contract/operation'
import { includablePaths } from '@abasto/contract/query'
import { type Submission, submissionOf } from '@abasto/contract/submission'
import { isUuid } from '@abasto/kernel'
import { Compile } from 'typebox/compile'
import type { QueryRules } from './query.ts'

/** An operation with everything about it that does not depend on the request. */
export type Route = Readonly<{
  operation: Operation
  /** With the base path, as it is written in logs. */
  template: string
  /** The same in Elysia's spelling. */
  pattern: string
  queryRules: QueryRules
  parameter: string | undefined
  /** Whether a text can be what the path's parameter names. */
  isId: (text: string) => boolean
  /** How such a text is written, for whoever wrote another. */
  idRule: string
  isConditional: boolean
  /** What it takes. */
  submission: Submission | undefined
  /** The code that says that what the path names does not exist. */
  missing: string
}>

/** The operations at one address, by method. */
export type Place = Readonly<{ routes: ReadonlyMap<string, Route>; allow: string }>

export type Found = Readonly<{ place: Place; id: string }>

/** One segment of the addresses: its names, and what stands where a name is free. */
type Branch = { names: Map<string, Branch>; free?: Branch; routes: Map<string, Route>; place?: Place }

const branch = (): Branch => ({ names: new Map(), routes: new Map() })

export function routesOf(contract: Contract, services: readonly string[]): Route[] {
  return operationsOf(contract, services).map((operation) => ({
    ...idsAt(contract, operation),
    operation,
    template: contract.basePath + operation.path,
    pattern: contract.basePath + operation.path.replace(/\{(\w+)\}/, ':$1'),
    queryRules: {
      paged: operation.action === 'list',
      includable: includablePaths(contract, operation),
      filters: filterRulesOf(operation),
      parameters: parameterRulesOf(operation),
    },
    parameter: pathParameter(operation.path),
    isConditional: isConditional(operation),
    submission: submissionOf(contract, operation),
    missing: operation.failures.find((code) => contract.failures[code]?.status === 404) ?? 'route_not_found',
  }))
}

/** How the ids are written that the path of an operation takes. */
function idsAt(contract: Contract, operation: Operation): Pick<Route, 'isId' | 'idRule'> {
  const idOf = pathParameter(operation.path) === undefined ? undefined : resourceAt(contract, operation).idOf
  if (!idOf) return { isId: isUuid, idRule: 'An id is a UUID in lower case' }
  const isId = (text: string): boolean => {
    const parts = text.split('.')
    return parts.length === idOf.length && parts.every(isUuid)
  }
  return { isId, idRule: `An id here is made of those of ${idOf.join(' and ')}, with a dot between` }
}

function parameterRulesOf({ parameters = {} }: Operation): QueryRules['parameters'] {
  const rules = Object.entries(parameters).map(([name, { schema }]) => {
    const validator = Compile(schema)
    return [name, (text: string) => validator.Check(text)] as const
  })
  return Object.fromEntries(rules)
}

function filterRulesOf({ filters = {} }: Operation): QueryRules['filters'] {
  const rules = Object.entries(filters).map(([name, { schema, maxValues }]) => {
    const validator = Compile(schema)
    return [name, { isValue: (text: string) => validator.Check(text), maxValues }] as const
  })
  return Object.fromEntries(rules)
}

/**
 * Finds what is at an address. Elysia routes too, but answers a wrong method with 404 and cannot say what would be
 * right, so the edge asks here first.
 */
export function routeTable(routes: readonly Route[]): (path: string) => Found | null {
  const root = branch()
  for (const route of routes) {
    let here = root
    for (const segment of route.template.split('/').slice(1)) {
      if (segment.startsWith('{')) {
        here.free ??= branch()
        here = here.free
      } else {
        const next = here.names.get(segment) ?? branch()
        here.names.set(segment, next)
        here = next
      }
    }
    here.routes.set(route.operation.method, route)
    here.place = { routes: here.routes, allow: allowOf([...here.routes.keys()]) }
  }

  return (path) => {
    let here = root
    let id = ''
    let start = 1
    while (start <= path.length) {
      const slash = path.indexOf('/', start)
      const end = slash < 0 ? path.length : slash
      const segment = path.slice(start, end)
      const named = here.names.get(segment)
      if (named) here = named
      else if (here.free && segment !== '') {
        here = here.free
        id = segment
      } else return null
      start = end + 1
      if (slash === path.length - 1) return null
    }
    return here.place ? { place: here.place, id } : null
  }
}

const allowOf = (methods: string[]): string => {
  const all = methods.includes('GET') ? [...methods, 'HEAD'] : methods
  return [...all, 'OPTIONS'].sort().join(', ')
}
