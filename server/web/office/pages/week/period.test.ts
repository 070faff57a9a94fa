import { expect, it } from 'vitest'
import { closedBy, duties, mondayOf, periods, weekBegin, weekDays, weekDue, weekOf } from './period'

const at = (text: string) => Date.parse(`${text}+08:00`)

it('weeks are those of ISO 8601 in Shanghai', () => {
  expect(weekOf(at('2026-11-22T23:59'))).toBe('2026-W47')
  expect(weekOf(at('2026-11-23T00:00'))).toBe('2026-W48')
  expect(weekOf(at('2027-01-01T12:00'))).toBe('2026-W53')
  expect(weekOf(at('2024-12-30T00:00'))).toBe('2025-W01')
  expect(mondayOf(at('2026-11-22T12:00'))).toBe(at('2026-11-16T00:00'))
})

it('a name finds its days again', () => {
  expect(weekDays('2026-W47')).toEqual(['2026-11-16', '2026-11-22'])
  expect(weekDays('2025-W01')).toEqual(['2024-12-30', '2025-01-05'])
  for (let ms = at('2024-01-01T00:00'); ms < at('2031-01-01T00:00'); ms += 7 * 86_400_000)
    expect(weekBegin(weekOf(ms))).toBe(ms)
  for (const bad of ['2026-W54', '2025-W53', '2026-11', 'x']) expect(weekBegin(bad)).toBeNull()
})

it('the week that is due is the one that ended', () => {
  expect(weekDue(at('2026-11-23T08:00'))).toBe('2026-W47')
  expect(periods(at('2026-01-02T08:00')).slice(0, 2)).toEqual(['2026-W01', '2025-W52'])
  expect(periods(at('2026-01-02T08:00')).slice(-3)).toEqual(['2026-01', '2025-12', '2025-11'])
})

it('duties are open until they are done or late', () => {
  const facts = { villages: 2, prepared: 2, confirmed: 1, frozen: false, published: false }
  const state = (ms: number) => Object.fromEntries(duties('2026-W47', ms, facts).map((d) => [d.name, d.state]))
  expect(state(at('2026-11-23T11:59'))).toMatchObject({ prepare: 'done', confirm: 'open', freeze: 'open', report: 'unknown' })
  expect(state(at('2026-11-23T12:01'))).toMatchObject({ confirm: 'late', freeze: 'open' })
  expect(state(at('2026-11-23T18:01'))).toMatchObject({ freeze: 'late', publish: 'late' })
  const due = Object.fromEntries(duties('2026-W47', 0, facts).map((d) => [d.name, d.dueMs]))
  expect(due['report']).toBe(at('2026-11-20T16:00'))
  expect(due['month']).toBe(at('2026-12-05T16:00'))
  expect(duties('2026-11', 0, facts)).toEqual([])
  const untold = duties('2026-W47', at('2026-12-01T00:00'), { ...facts, villages: null, frozen: null, published: null })
  expect(untold.map((d) => d.state), 'nobody is called late by whoever cannot tell').toEqual(Array(6).fill('unknown'))
  expect(duties('2026-W47', at('2026-11-23T11:59'), { ...facts, villages: 0, prepared: 0 })[1]!.state).toBe('open')
})

it('a published week closes itself and those before it, for its place and its kind only', () => {
  const head = (scope: string, period: string, state = 'published') => ({ scope, period, state })
  const heads = [head('140522110', '2026-W53'), head('140522110', '2026-W52'), head('140522110', '2027-W02', 'frozen'), head('140522', '2027-W01')]
  const closed = { period: '2026-W53', next: '2027-W01' }
  expect(closedBy('2026-W53', '140522110', heads)).toEqual(closed)
  expect(closedBy('2026-W51', '140522110', heads)).toEqual(closed)
  expect(closedBy('2027-W01', '140522110', heads)).toBeNull()
  expect(closedBy('2026-11', '140522110', heads)).toBeNull()
  expect(closedBy('2026-11', '140522110', [head('140522110', '2026-12')])).toEqual({ period: '2026-12', next: '2027-01' })
})
