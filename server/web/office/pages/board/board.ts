// What the board asks for and how its parts hang together, apart from the page.
import type { Level, Phone } from '@shared/api/figures'
import type { Target } from '@shared/api/targets'
import type { Metric } from '@shared/api/figures'

const levels: Record<number, Level> = { 6: 'county', 9: 'township', 12: 'village', 15: 'grid' }

export const levelOf = (code: string): Level => levels[code.length] ?? 'grid'

/** The levels that the rows below an area can have, the usual one first. */
export function levelsBelow(code: string): Level[] {
  switch (levelOf(code)) {
    case 'county':
      return ['township', 'village']
    case 'township':
      return ['village', 'grid']
    case 'village':
      return ['grid']
    default:
      return []
  }
}

/** There is no pace of a grid: its numbers are too small. */
export const hasPace = (level: Level): level is 'village' | 'township' | 'county' => level !== 'grid'

const DAY_MS = 86_400_000
export const SILENT_DAYS = 3

export interface Silent {
  account: string
  device: string
  /** Whole days since it was heard of; null if it never was. */
  days: number | null
  missing: number
}

/** Phones that nobody heard of for days, or that owe records, the longest silent first. */
export function silentOf(phones: readonly Phone[], now: number): Silent[] {
  return phones
    .filter((p) => !p.revoked)
    .map((p) => ({
      account: p.account,
      device: p.device,
      days: p.heard === null ? null : Math.floor((now - p.heard) / DAY_MS),
      missing: p.missing,
      since: p.heard ?? p.enrolled,
    }))
    .filter((p) => now - p.since >= SILENT_DAYS * DAY_MS || p.missing > 0)
    .sort((a, b) => a.since - b.since)
    .map(({ account, device, days, missing }) => ({ account, device, days, missing }))
}

export interface Step {
  from: string
  due: string
  threshold: number
}

/** The stages of a metric for an area: those of the nearest area above it that has any. */
export function stepsOf(targets: readonly Target[], metric: Metric, within: string): Step[] {
  const own = targets.filter((t) => t.metric === metric && within.startsWith(t.prefix))
  const nearest = Math.max(0, ...own.map((t) => t.prefix.length))
  const stages = own.filter((t) => t.prefix.length === nearest).sort((a, b) => a.due.localeCompare(b.due))
  let from = ''
  return stages.map((t) => {
    const step = { from: from === '' || t.from > from ? t.from : from, due: t.due, threshold: t.threshold }
    from = t.due
    return step
  })
}
