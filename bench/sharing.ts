/** How many still use what they share. */
const users = new WeakMap<object, number>()

/** Uses what several contestants share until the function that is returned is called; the last who leaves lets it go. */
export function use(shared: object, letGo: () => Promise<void>): () => Promise<void> {
  users.set(shared, (users.get(shared) ?? 0) + 1)
  return async () => {
    const left = users.get(shared)! - 1
    users.set(shared, left)
    if (left === 0) await letGo()
  }
}

/** Makes something when it is first asked for, and then gives the same to everyone. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
