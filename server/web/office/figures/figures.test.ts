import { expect, it } from 'vitest'
import type { CoverageRow, Figure, Metric, Stage } from '@shared/api/figures'
import { besides, daysUntil, gapOf, left, metrics, opens, outlook } from './figures'

const figure = (more: Partial<Figure>): Figure => ({
  state: 'ok', num: 0, evidenced: 0, den: 0, refused: 0, percent: 0, percent_evidenced: 0, target: null, next: null, ...more,
})
const row = (figures: Partial<Record<Metric, Figure>>, beside: Record<string, number> | null): CoverageRow =>
  ({ code: '140522110204', name: '村', figures, beside }) as CoverageRow
const stage = (more: Partial<Stage>): Stage => ({
  prefix: '140522110', basis: 'door', assurance: 'reported', threshold: 10000, from: '2026-10-01', due: '2026-11-27', gap: 31, met: false, ...more,
})

it('a gap is told with what it needs a day, and when time is up without', () => {
  expect(gapOf(stage({}), '2026-11-20')).toEqual({ key: 'gap_daily', n: 31, daily: 5 })
  expect(gapOf(stage({}), '2026-11-27')).toEqual({ key: 'gap_daily', n: 31, daily: 31 })
  expect(gapOf(stage({}), '2026-11-28')).toEqual({ key: 'gap_late', n: 31, daily: 0 })
  expect(gapOf(stage({ met: true, gap: 0 }), '2026-11-28').key).toBe('met')
  expect(gapOf(null, '2026-11-28').key).toBe('no_target')
})

it('days are those of the calendar', () => {
  expect(daysUntil('2026-12-31', '2027-01-01')).toBe(1)
  expect(daysUntil('2028-02-28', '2028-03-01')).toBe(2)
})

it('there is no forecast without enough days, and none is made up', () => {
  const p = { state: 'ok' as const, week: 3, needed: 5, forecast: '2026-12-01', in_time: true, at_due: 10000, since: '2026-11-08', next: null }
  expect(outlook(p, undefined)).toEqual({ key: 'forecast', since: '2026-11-08', date: '2026-12-01' })
  expect(outlook({ ...p, in_time: false, at_due: 8123 }, undefined)).toEqual({ key: 'forecast_due', since: '2026-11-08', share: 8123 })
  expect(outlook({ ...p, state: 'too_little', forecast: null, in_time: null, at_due: null, since: null }, undefined)).toEqual({ key: 'too_little' })
  expect(outlook({ ...p, state: 'stands', forecast: null }, undefined)).toEqual({ key: 'stands', since: '2026-11-08' })
  expect(outlook({ ...p, state: 'no_target' }, undefined)).toBeNull()
  expect(outlook(undefined, undefined)).toBeNull()
})

it('a stage that is met is not the end: the next one is told as the server forecasts it, never from this week alone', () => {
  const next = { state: 'ok' as const, forecast: '2026-12-12', in_time: true, at_due: 10000 }
  const met = { state: 'done' as const, week: 140, needed: 0, forecast: null, in_time: null, at_due: null, since: '2026-11-08', next }
  const f = figure({ num: 408, den: 800, percent: 5100, target: stage({ threshold: 5000, met: true }), next: stage({ threshold: 10000, due: '2026-12-31' }) })
  expect(outlook(met, f)).toEqual({ key: 'next_forecast', since: '2026-11-08', date: '2026-12-12' })
  expect(outlook({ ...met, next: { ...next, in_time: false, at_due: 5587 } }, f)).toEqual({ key: 'next_forecast_due', since: '2026-11-08', share: 5587 })
  expect(outlook({ ...met, next: { ...next, state: 'stands', forecast: null, in_time: null } }, f)).toEqual({ key: 'next_stands', since: '2026-11-08' })
  expect(outlook({ ...met, since: null, next: { ...next, state: 'too_little', forecast: null, in_time: null, at_due: null } }, f)).toEqual({ key: 'next_too_little' })
  expect(outlook({ ...met, next: { ...next, state: 'done', forecast: null, in_time: null, at_due: null } }, f)).toEqual({ key: 'done' })
  expect(outlook({ ...met, next: null }, { ...f, next: null })).toBeNull()
  expect(outlook({ ...met, next: null }, { ...f, num: 800, next: null })).toEqual({ key: 'done' })
})

it('what is left is what the list has: nobody who declined or withdrew', () => {
  const r = row(
    {
      visited: figure({ num: 20, den: 60, refused: 3 }),
      pledge: figure({ num: 10, den: 60, refused: 2 }),
      app: figure({ num: 30, den: 100, refused: 9 }),
      app_all: figure({ num: 12, den: 100, refused: 9 }),
      app_call_alert: figure({ num: 12, den: 100, refused: 9 }),
      notice_signed: figure({ state: 'failed', num: null, den: null, refused: null }),
    },
    { pledge_withdrawn: 1, app_later: 4, app_removed: 5, app_none_yet: 6 },
  )
  expect((['visited', 'pledge', 'app', 'app_all', 'app_call_alert', 'notice_signed', 'reached'] as Metric[]).map((m) => left(r, m))).toEqual([
    37, 47, 15, 18, null, null, null,
  ])
  expect(left(row({ visited: figure({ num: 1, den: 2 }) }, null), 'visited')).toBeNull()
})

it('who declined stands beside the figure as a count that opens no list', () => {
  const r = row({ visited: figure({ num: 1, den: 9, refused: 2 }) }, { door_absent: 3, away: 4, vacant: 0, residents: 7 })
  expect(besides(r, 'visited')).toEqual([
    { name: 'refused', n: 2, opens: null },
    { name: 'door_absent', n: 3, opens: { name: 'households', part: 'door:absent' } },
    { name: 'away', n: 4, opens: { name: 'households', part: 'away' } },
  ])
})

it('each number of each metric opens a list of its own kind', () => {
  for (const m of metrics)
    for (const what of ['left', 'done', 'evidenced'] as const) {
      expect(opens(m, what)).toEqual({ name: m.startsWith('app') ? 'residents' : 'households', part: `${what}:${m}` })
    }
  expect([opens('visited', 'den').part, opens('reached', 'den').part, opens('app_all', 'den').part]).toEqual(['homes', 'homes_near', 'population'])
})
