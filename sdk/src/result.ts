import type { Resources } from './types.gen.ts'

/** Which resource is meant, and nothing more of it. */
export type ResourceIdentifier<Type extends keyof Resources> = {
  /** Its JSON:API type. */
  readonly type: Type
  /** Its id. */
  readonly id: string
}

/** A resource with the members that `include` brought along. */
export type With<Resource, Includes, Names extends readonly (keyof Includes)[]> = Resource &
  Pick<Includes, Names[number]>

/** A resource whose state has a name: hand its `etag` back as `ifMatch`, and nobody else's change is overwritten. */
export type Versioned<Resource> = Resource & {
  /** Names this state of it. */
  readonly etag: string
}

/** What is read: with `include` the members it brought along, without it the `etag`, which names one resource alone. */
export type Read<Resource, Includes, Names extends readonly (keyof Includes)[]> = Names extends readonly []
  ? Versioned<Resource>
  : With<Resource, Includes, Names>
