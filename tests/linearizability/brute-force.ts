import { apply, effectOf, type Model, modelOf, type Start } from './model.ts'
import { type Attempt, isOpen, type Request } from './operation.ts'

/**
 * The same question as the checker's, answered by trying every order of the attempts that their times allow, with what
 * was never answered anywhere after its call or nowhere. Knows what a key is, instead of merging: the first attempt
 * that is decided has the effect, and those after it are given what it came to. For small histories.
 */
export function isLegalByBruteForce(attempts: readonly Attempt[], start: Start): boolean {
  return canGoOn(attempts, modelOf(start), new Map())
}

/** A key that was decided: what was asked under it, and the shop as it was before. */
type Decided = Readonly<{ request: Request; before: Model }>

function canGoOn(left: readonly Attempt[], model: Model, decided: ReadonlyMap<string, Decided>): boolean {
  if (left.every(isOpen)) return true
  return left.some((attempt) => {
    if (left.some((other) => !isOpen(other) && other.answered < attempt.invoked)) return false
    const others = left.filter((other) => other !== attempt)
    const known = decided.get(attempt.key)
    if (known) {
      const isSame = Bun.deepEquals(known.request, attempt.request)
      return isSame && effectOf(known.before, attempt) !== undefined && canGoOn(others, model, decided)
    }
    const effect = effectOf(model, attempt)
    if (!effect) return false
    const after = copyOf(model)
    apply(after, effect)
    return canGoOn(others, after, new Map(decided).set(attempt.key, { request: attempt.request, before: model }))
  })
}

const copyOf = (model: Model): Model => ({ ...model, holds: new Map(model.holds) })
