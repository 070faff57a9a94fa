// What a figure says, apart from how it is drawn: its unit, the list that each number opens into, what
// is left, and what is needed a day.
import type { CoverageRow, Figure, Metric, PaceFigure, Stage } from '@shared/api/figures'

export const metrics: readonly Metric[] = [
  'visited', 'reached', 'notice_delivered', 'notice_signed', 'pledge',
  'app', 'app_real_name', 'app_call_alert', 'app_sms_alert', 'app_all',
]
/** The three numbers that a village looks at first. */
export const firstMetrics: readonly Metric[] = ['visited', 'notice_signed', 'pledge']

export const ofResidents = (m: Metric): boolean => m.startsWith('app')
export const unitOf = (m: Metric): 'household' | 'resident' => (ofResidents(m) ? 'resident' : 'household')

export interface Opens {
  name: 'households' | 'residents' | 'visits'
  part: string
  /** Id of a bulletin: the list as it stood behind its figures. */
  bulletin?: string
}

const listOf = (m: Metric) => (ofResidents(m) ? 'residents' : 'households')

/** The list behind a number of a metric. */
export function opens(m: Metric, what: 'left' | 'done' | 'evidenced' | 'week' | 'den'): Opens {
  const part = what !== 'den' ? `${what}:${m}` : ofResidents(m) ? 'population' : m === 'reached' ? 'homes_near' : 'homes'
  return { name: listOf(m), part }
}

/** Lists behind what stands beside the figures.  A refusal opens into none. */
const besideParts: Record<string, Opens> = {
  ...Object.fromEntries(
    [
      'away', 'away_reached', 'vacant', 'gone', 'other', 'unclaimed', 'shops', 'shops_visited', 'enterprises', 'enterprises_visited',
      'schools', 'schools_visited', 'offices', 'offices_visited', 'venues', 'venues_visited',
    ].map((part) => [part, { name: 'households', part }]),
  ),
  ...Object.fromEntries(
    ['no_adult', 'absent', 'appointed', 'gone', 'no_entry', 'moved', 'vacant', 'none', 'none_yet'].map((w) => [
      `door_${w}`,
      { name: 'households', part: `door:${w}` },
    ]),
  ),
  visits: { name: 'visits', part: 'all' },
  visits_police: { name: 'visits', part: 'police' },
  pledge_later: { name: 'households', part: 'later:pledge' },
  app_later: { name: 'residents', part: 'later:app' },
  app_cannot: { name: 'residents', part: 'cannot:app' },
  app_shared: { name: 'residents', part: 'shared:app' },
  app_removed: { name: 'residents', part: 'removed:app' },
  app_none_yet: { name: 'residents', part: 'none_yet:app' },
  residents: { name: 'residents', part: 'residents' },
  residents_away: { name: 'residents', part: 'away' },
  residents_unknown_age: { name: 'residents', part: 'unknown_age' },
  elders_app: { name: 'residents', part: 'elders' },
}
export const opensBeside = (name: string): Opens | null => besideParts[name] ?? null

/** What stands beside a metric, never silently taken out of its denominator. */
const besideOf: Partial<Record<Metric, readonly string[]>> = {
  visited: [
    'door_none_yet', 'door_absent', 'door_no_adult', 'door_appointed', 'door_gone', 'door_no_entry', 'door_moved',
    'door_vacant', 'door_none', 'away', 'vacant',
  ],
  reached: ['away', 'away_reached', 'vacant'],
  pledge: ['pledge_later', 'pledge_withdrawn'],
  app: ['app_later', 'app_cannot', 'app_shared', 'app_removed', 'app_none_yet', 'residents_away', 'residents_unknown_age', 'elders_app'],
}

export interface Beside {
  name: string
  n: number
  opens: Opens | null
}

/** The names and numbers beside a metric, the refused first; only what is not 0. */
export function besides(row: CoverageRow, m: Metric): Beside[] {
  const refused = row.figures[m]?.refused ?? 0
  const own = (besideOf[m] ?? []).map((name) => ({ name, n: row.beside?.[name] ?? 0, opens: opensBeside(name) }))
  return [{ name: 'refused', n: refused, opens: null }, ...own].filter((b) => b.n > 0)
}

/** How many rows the list of those left has; null where no counter tells. */
export function left(row: CoverageRow, m: Metric): number | null {
  const f = row.figures[m]
  const beside = row.beside
  if (f === undefined || f.num === null || f.den === null || f.refused === null || beside === null) return null
  if (m === 'app') return (beside['app_later'] ?? 0) + (beside['app_removed'] ?? 0) + (beside['app_none_yet'] ?? 0)
  if (m === 'app_real_name' || m === 'app_all') return (row.figures['app']?.num ?? 0) - f.num
  if (ofResidents(m)) return null
  return f.den - f.num - f.refused - (m === 'pledge' ? (beside['pledge_withdrawn'] ?? 0) : 0)
}

const DAY_MS = 86_400_000

/** Days from today to a day, both of China and as "2026-11-21". */
export function daysUntil(today: string, due: string): number {
  return Math.round((Date.parse(`${due}T00:00:00Z`) - Date.parse(`${today}T00:00:00Z`)) / DAY_MS)
}

export interface Gap {
  key: 'met' | 'gap_daily' | 'gap_late' | 'gap' | 'no_target'
  n: number
  daily: number
}

/** What is still to be done until the stage is due, in all and a day. */
export function gapOf(stage: Stage | null, today: string): Gap {
  if (stage === null) return { key: 'no_target', n: 0, daily: 0 }
  if (stage.met) return { key: 'met', n: 0, daily: 0 }
  const days = daysUntil(today, stage.due)
  if (days < 0) return { key: 'gap_late', n: stage.gap, daily: 0 }
  return { key: 'gap_daily', n: stage.gap, daily: Math.ceil(stage.gap / Math.max(1, days)) }
}

type OutlookKey = 'forecast' | 'forecast_due' | 'stands' | 'too_little' | 'done'
/** since: the day from which on it goes by what was gained. */
export type Outlook = { key: OutlookKey | `next_${Exclude<OutlookKey, 'done'>}`; since?: string; date?: string; share?: number } | null
type Ahead = Pick<PaceFigure, 'state' | 'forecast' | 'in_time' | 'at_due'>

function outlookOf(a: Ahead, since: string | null): { key: OutlookKey; since?: string; date?: string; share?: number } {
  const from = since === null ? {} : { since }
  if (a.state === 'stands') return { key: 'stands', ...from }
  if (a.state === 'ok' && a.forecast !== null && (a.in_time !== false || a.at_due === null)) return { key: 'forecast', ...from, date: a.forecast }
  if (a.state === 'ok' && a.at_due !== null) return { key: 'forecast_due', ...from, share: a.at_due }
  return { key: a.state === 'done' ? 'done' : 'too_little' }
}

/** The forecast in words, of the stage that is next when one is met; null where there is no target. */
export function outlook(p: PaceFigure | undefined, f: Figure | undefined): Outlook {
  if (p === undefined || p.state === 'no_target') return null
  if (p.state !== 'done') return outlookOf(p, p.since)
  if (p.next === null) return f !== undefined && isNumber(f) && f.num < f.den ? null : { key: 'done' }
  const next = outlookOf(p.next, p.since)
  return next.key === 'done' ? { key: 'done' } : { ...next, key: `next_${next.key}` }
}

/** Whether there are numbers to show. */
export const isNumber = (f: Figure | undefined): f is Figure & { num: number; den: number } =>
  f !== undefined && f.num !== null && f.den !== null
