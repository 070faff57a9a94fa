// Weeks and months as the rankings name them, and what is due in a week.  Days are those of Shanghai,
// which has had no summer time since 1991: eight hours ahead of UTC.
const AHEAD_MS = 8 * 3_600_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const dayStart = (ms: number) => Math.floor((ms + AHEAD_MS) / DAY_MS) * DAY_MS - AHEAD_MS
const weekday = (ms: number) => (new Date(ms + AHEAD_MS).getUTCDay() + 6) % 7
const two = (n: number) => String(n).padStart(2, '0')

/** Monday 0:00 of the week in which this moment lies. */
export const mondayOf = (ms: number) => dayStart(ms) - weekday(ms) * DAY_MS

/** "2026-W47" (ISO 8601: the year is that of the week's Thursday). */
export function weekOf(ms: number): string {
  const thursday = new Date(mondayOf(ms) + 3 * DAY_MS + AHEAD_MS)
  const year = thursday.getUTCFullYear()
  const n = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY_MS)) + 1
  return `${year}-W${two(n)}`
}

/** Monday 0:00 of a week by its name; null if it is no week. */
export function weekBegin(period: string): number | null {
  const m = /^(\d{4})-W(\d{2})$/.exec(period)
  if (m === null) return null
  const begin = mondayOf(Date.UTC(Number(m[1]), 0, 4) - AHEAD_MS) + (Number(m[2]) - 1) * 7 * DAY_MS
  return weekOf(begin) === period ? begin : null
}

/** First and last day, "2026-11-16". */
export function weekDays(period: string): [string, string] | null {
  const begin = weekBegin(period)
  if (begin === null) return null
  const day = (ms: number) => new Date(ms + AHEAD_MS).toISOString().slice(0, 10)
  return [day(begin), day(begin + 6 * DAY_MS)]
}

/** The week that is confirmed and ranked now: the one that has ended. */
export const weekDue = (ms: number) => weekOf(ms - 7 * DAY_MS)

/** This week and those before it, then the last months. */
export function periods(ms: number): string[] {
  const weeks = Array.from({ length: 9 }, (_x, i) => weekOf(ms - i * 7 * DAY_MS))
  const now = new Date(ms + AHEAD_MS)
  const months = Array.from({ length: 3 }, (_x, i) => {
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - i, 1))
    return `${month.getUTCFullYear()}-${two(month.getUTCMonth() + 1)}`
  })
  return [...weeks, ...months]
}

export interface Closed {
  /** The newest published period of its kind: this one and those before it stay as they are. */
  period: string
  /** The next that can be closed. */
  next: string
}

/** What keeps a period of a place from being closed; null if nothing does. */
export function closedBy(period: string, scope: string, heads: { scope: string; period: string; state: string }[]): Closed | null {
  const week = (p: string) => weekBegin(p) !== null
  const newest = heads
    .filter((b) => b.scope === scope && b.state === 'published' && week(b.period) === week(period))
    .reduce((last, b) => (b.period > last ? b.period : last), '')
  if (newest < period) return null
  const begin = weekBegin(newest)
  if (begin !== null) return { period: newest, next: weekOf(begin + 7 * DAY_MS) }
  const month = new Date(Date.UTC(Number(newest.slice(0, 4)), Number(newest.slice(5))))
  return { period: newest, next: `${month.getUTCFullYear()}-${two(month.getUTCMonth() + 1)}` }
}

export type DutyName = 'prepare' | 'confirm' | 'figures' | 'freeze' | 'publish' | 'report' | 'month'
export interface Duty {
  name: DutyName
  dueMs: number
  state: 'done' | 'open' | 'late' | 'unknown'
}
export interface Facts {
  /** null: this role is not told who has signed off. */
  villages: number | null
  prepared: number
  confirmed: number
  /** null: it looks at several places, each with its own bulletin. */
  frozen: boolean | null
  published: boolean | null
}

/** What is due for a week: on the Monday behind it by noon the villages, then the office; the work
 * report on its Friday at 16:00, the monthly one by the 5th.  No records of the software close the
 * reports, so they are reminders and have no state; neither has what the caller is not told. */
export function duties(period: string, nowMs: number, facts: Facts): Duty[] {
  const begin = weekBegin(period)
  if (begin === null) return []
  const noon = begin + 7 * DAY_MS + 12 * HOUR_MS
  const state = (done: boolean | null, dueMs: number): Duty['state'] =>
    done === null ? 'unknown' : done ? 'done' : nowMs > dueMs ? 'late' : 'open'
  const all = (n: number) => (facts.villages === null ? null : facts.villages > 0 && n >= facts.villages)
  const due = (name: DutyName, dueMs: number, done: boolean | null): Duty => ({ name, dueMs, state: state(done, dueMs) })
  const end = new Date(begin + 6 * DAY_MS + AHEAD_MS)
  const fifth = Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 5, 16) - AHEAD_MS
  return [
    { name: 'report', dueMs: begin + 4 * DAY_MS + 16 * HOUR_MS, state: 'unknown' },
    due('prepare', noon, all(facts.prepared)),
    due('confirm', noon, all(facts.confirmed)),
    due('freeze', noon + 6 * HOUR_MS, facts.frozen),
    due('publish', noon + 6 * HOUR_MS, facts.published),
    { name: 'month', dueMs: fifth, state: 'unknown' },
  ]
}
