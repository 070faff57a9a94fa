// Targets and the rule as people edit them, and as they are set: compact JSON, because the rule is kept
// and hashed as it is written.
import { METRICS } from '../bulletin/chips'

export interface Target {
  metric: string
  prefix: string
  basis: 'door' | 'reach' | 'register'
  /** Hundredths of a percent. */
  threshold: number
  from: string
  due: string
  assurance: 'reported' | 'evidenced'
  /** Care groups that may be kept for people while it is in force. */
  groups?: string[]
}

export interface TargetRow extends Omit<Target, 'threshold'> {
  percent: string
}

export const BASES = ['door', 'reach', 'register'] as const
export const ASSURANCES = ['reported', 'evidenced'] as const
export { METRICS }

export const rowsOf = (value: unknown): TargetRow[] =>
  (Array.isArray(value) ? (value as Target[]) : []).map(({ threshold, ...rest }) => ({ ...rest, percent: String(threshold / 100) }))

export function thresholdOf(percent: string): number | null {
  const m = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(percent.normalize('NFKC').replace('%', '').trim())
  if (m === null) return null
  const n = Number(m[1]) * 100 + Number((m[2] ?? '').padEnd(2, '0'))
  return n <= 10_000 ? n : null
}

export type RowFault = 'percent' | 'days' | 'order'

/** What is wrong with a row: no share, no days, or due before it begins. */
export function rowFault(r: TargetRow): RowFault | null {
  if (thresholdOf(r.percent) === null) return 'percent'
  if (!/^\d{4}-\d\d-\d\d$/.test(r.from) || !/^\d{4}-\d\d-\d\d$/.test(r.due)) return 'days'
  return r.due < r.from ? 'order' : null
}

export const targetsText = (rows: TargetRow[]): string =>
  JSON.stringify(
    rows.map((r) => ({
      metric: r.metric, prefix: r.prefix, basis: r.basis, threshold: thresholdOf(r.percent) ?? 0, from: r.from, due: r.due, assurance: r.assurance,
      ...((r.groups ?? []).length > 0 ? { groups: r.groups } : {}),
    })),
  )

const metric = (name: string, ranked: boolean, open: boolean, weight?: number) => ({
  name, ranked, office: true, public: open, ...(weight === undefined ? {} : { weight }),
})

/** The two rules that come with it. `visits` ranks what people did at the doors; `plan` also installs. */
export const PRESETS = {
  visits: {
    level: 'village', assurance: 'reported', order: 'weights',
    metrics: [metric('visited', true, true, 50), metric('notice_signed', true, true, 25), metric('pledge', true, true, 25), metric('app', false, false)],
    minimum: 30, commended: 3, criticised: 0,
  },
  plan: {
    level: 'village', assurance: 'reported', order: 'weights',
    metrics: [
      metric('visited', true, true, 40), metric('notice_signed', true, true, 15), metric('pledge', true, true, 15),
      metric('app', true, true, 20), metric('app_all', true, false, 10),
    ],
    minimum: 30, commended: 3, criticised: 3, escalation: [{ subject: 'village', when: 'low', times: 1, step: 'criticise' }],
  },
} as const
export type Preset = keyof typeof PRESETS

/** Text as it is set: what people wrote with spaces becomes compact; null if it is no JSON. */
export function compact(text: string): string | null {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return null
  }
}
