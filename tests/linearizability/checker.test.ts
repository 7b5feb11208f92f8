import { describe, expect, test } from 'bun:test'
import { found, size } from '../stock/size.ts'
import { isLegalByBruteForce } from './brute-force.ts'
import { check } from './checker.ts'
import { ILLEGAL } from './illegal.ts'
import { apply, effectOf, modelOf, NO_EFFECT, type Start } from './model.ts'
import type { Attempt, Operation } from './operation.ts'
import { type HistoryOptions, legalHistory, randomFrom, told } from './random-history.ts'

describe('the checker rejects', () => {
  test.each(ILLEGAL.map((illegal) => [illegal.what, illegal] as const))('%s', (_, { start, wrong, mended }) => {
    expect(check(wrong, start).verdict).toBe('illegal')
    expect(isLegalByBruteForce(wrong, start)).toBe(false)
    expect(check(mended, start).verdict).toBe('legal')
    expect(isLegalByBruteForce(mended, start)).toBe(true)
  })

  test('twenty histories at the least, each for a reason of its own', () => {
    const reasons = new Set(ILLEGAL.map(({ what }) => what))

    expect(reasons.size).toBeGreaterThanOrEqual(20)
    expect(reasons.size).toBe(ILLEGAL.length)
    found('histories that no right shop can have made, each rejected', { 'in which': [...reasons] })
  })

  test('one wrong answer among thousands of right ones', () => {
    const { start, attempts } = legalHistory(randomFrom(7), { operations: 3_000, atOnce: 3, open: 1, twice: 10 })

    expect(check(attempts, start).verdict).toBe('legal')
    const finding = check(staleIn(attempts), start)
    expect(finding.verdict).toBe('illegal')
    expect('why' in finding && finding.why).toContain('"type":"read"')
  }, 60_000)

  test('one wrong answer where so many overlap that it cannot try everything: it says where it is stuck', () => {
    const { start, attempts } = legalHistory(randomFrom(7), { operations: 3_000, atOnce: 64, open: 2, twice: 10 })

    expect(check(attempts, start).verdict).toBe('legal')
    const finding = check(staleIn(attempts), start)
    expect(finding.verdict).not.toBe('legal')
    expect('why' in finding && finding.why).toContain('"type":"read"')
  }, 60_000)
})

describe('the checker and brute force agree', () => {
  test('on thousands of small histories, right and wrong', () => {
    const counts = { legal: 0, illegal: 0 }
    for (let seed = 0; seed < size({ usual: 4_000, full: 40_000 }); seed++) {
      const random = randomFrom(seed)
      const { start, attempts } = legalHistory(random, smallOptions(random))
      if (attempts.length === 0 || attempts.length > 8) continue
      const isTold = random() < 0.6
      const history = isTold ? told(random, attempts) : attempts

      const isLegal = isLegalByBruteForce(history, start)

      expect([seed, check(history, start).verdict]).toEqual([seed, isLegal ? 'legal' : 'illegal'])
      if (!isTold) expect([seed, isLegal]).toEqual([seed, true])
      counts[isLegal ? 'legal' : 'illegal']++
    }
    expect(counts.legal).toBeGreaterThan(500)
    expect(counts.illegal).toBeGreaterThan(500)
    found('small histories judged as by brute force', counts)
  }, 300_000)

  test('whether or not they are told what the ledger put first', () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = randomFrom(seed)
      const { start, attempts } = legalHistory(random, { ...smallOptions(random), operations: 12, atOnce: 6 })
      const history = random() < 0.5 ? attempts : told(random, attempts)
      const lied = history.map((attempt) => ({ ...attempt, place: Math.floor(random() * 100) }))

      const { verdict } = check(history, start)

      expect([seed, check(lied, start).verdict]).toEqual([seed, verdict])
    }
  })
})

test('the order that it finds is one: each in its time, and every answer as the shop would have given it', () => {
  const { start, attempts } = legalHistory(randomFrom(11), {
    operations: 2_000,
    atOnce: 64,
    open: 5,
    twice: 10,
    isExpiring: true,
    isNumbered: false,
  })

  const finding = check(attempts, start)

  if (finding.verdict !== 'legal') throw new Error(`it is ${finding.verdict}`)
  expectAnOrder(finding.order, start)
  const answered = new Set(attempts.filter(({ answer }) => answer).map(({ key }) => key))
  expect(answered.isSubsetOf(new Set(finding.order.map(({ key }) => key)))).toBe(true)
})

test('a history that takes too long is not called right', () => {
  const { start, attempts } = legalHistory(randomFrom(3), { operations: 500, atOnce: 16 })

  expect(check(attempts, start, { mostTried: 10 }).verdict).toBe('undecided')
})

test('a hundred thousand operations are judged in time', () => {
  const operations = size({ usual: 1_000, full: 5_000 })
  const started = performance.now()
  let [judged, tried] = [0, 0]

  for (let product = 1; product <= 20; product++) {
    const { start, attempts } = legalHistory(randomFrom(product), { operations, atOnce: 64, open: 2, twice: 10 })
    const finding = check(attempts, start)
    expect(finding.verdict).toBe('legal')
    judged += attempts.length
    tried += finding.tried
  }

  const seconds = (performance.now() - started) / 1_000
  expect(seconds).toBeLessThan(60)
  found('made-up histories of 20 products, 64 operations at once', {
    attempts: judged,
    tried,
    seconds: Number(seconds.toFixed(1)),
  })
}, 120_000)

/** The history with one read in its middle that shows a unit too many. */
function staleIn(attempts: readonly Attempt[]): readonly Attempt[] {
  const timesSent = Map.groupBy(attempts, ({ key }) => key)
  const reads = attempts.filter(
    ({ key, request, answer }) => request.type === 'read' && answer && timesSent.get(key)!.length === 1,
  )
  const stale = reads[Math.floor(reads.length / 2)]!
  return attempts.map((attempt) => {
    const { answer } = attempt
    if (attempt !== stale || !answer?.ok || !answer.level) return attempt
    return { ...attempt, answer: { ok: true, level: { ...answer.level, onHand: answer.level.onHand + 1 } } }
  })
}

const smallOptions = (random: () => number): HistoryOptions => ({
  operations: 2 + Math.floor(random() * 5),
  atOnce: 1 + Math.floor(random() * 5),
  open: 15,
  twice: 15,
  isNumbered: random() < 0.5,
  isExpiring: random() < 0.5,
})

function expectAnOrder(order: readonly Operation[], start: Start): void {
  const model = modelOf(start)
  // The earliest moment at which the next one may come, given those before it.
  let moment = Number.NEGATIVE_INFINITY
  for (const operation of order) {
    moment = Math.max(moment, operation.invoked)
    expect(moment).toBeLessThanOrEqual(operation.answered)
    const effect = effectOf(model, operation as Attempt)
    expect(effect).toBeDefined()
    apply(model, effect ?? NO_EFFECT)
  }
}
