// Figures from elsewhere as people type or paste them: a row a village, a column a figure.
//
// Happy path: text of a spreadsheet with a header → value of each village and metric; a village is named
// by its code or its name, a column by the metric or its Chinese word.  What fits nowhere is said.
import { csvRead } from '../../sheet/csv'

const COVERAGE = new Set([
  'visited', 'reached', 'notice_delivered', 'notice_signed', 'pledge', 'app', 'app_real_name', 'app_call_alert',
  'app_sms_alert', 'app_all',
])

interface RuleMetric {
  name: string
}

/** The metrics of a rule that are not counted from records. */
export function importedMetrics(rule: unknown): string[] {
  const metrics = (rule as { metrics?: RuleMetric[] } | null)?.metrics ?? []
  return metrics.map((m) => m.name).filter((name) => !COVERAGE.has(name))
}

/** Money is kept in cents and typed in yuan. */
export const isMoney = (metric: string) => /loss|money|amount/.test(metric)

/** What columns of the police's sheets are called. */
export const aliases: Record<string, string[]> = {
  cases: ['发案', '发案数', '本期发案', '本周发案', '案件数'],
  cases_month: ['本月', '本月发案'],
  cases_year: ['今年', '今年发案', '本年发案', '累计发案'],
  cases_last_year: ['去年同期', '去年同期发案', '上年同期'],
  loss_cents: ['损失', '损失金额', '损失(元)', '被骗金额'],
  population: ['人口', '人口数', '常住人口'],
  dissuade_due: ['应劝阻', '应上门劝阻', '预警数'],
  dissuade_done: ['已劝阻', '已上门劝阻', '上门劝阻'],
  return_due: ['应劝返', '应劝返人数'],
  return_done: ['劝返', '已劝返', '劝返人数'],
  false_records: ['不实', '不实记录', '弄虚作假'],
}

const plain = (text: string) => text.normalize('NFKC').replace(/\s/g, '').toLowerCase()

/** The whole number that is sent; null if the text is none. */
export function valueOf(metric: string, text: string): number | null {
  const t = plain(text).replace(/,/g, '')
  const m = isMoney(metric) ? /^(\d{1,13})(?:\.(\d{1,2}))?$/.exec(t) : /^(\d{1,15})$/.exec(t)
  if (m === null) return null
  return isMoney(metric) ? Number(m[1]) * 100 + Number((m[2] ?? '').padEnd(2, '0')) : Number(m[1])
}

export const textOf = (metric: string, value: number): string =>
  isMoney(metric) ? (value / 100).toFixed(2).replace(/\.00$/, '') : String(value)

export interface Pasted {
  cells: { code: string; metric: string; text: string }[]
  /** Columns and villages that nothing here is called. */
  strange: string[]
}

export function pasted(text: string, villages: { code: string; name: string }[], metrics: string[]): Pasted {
  const [header = [], ...rows] = csvRead(text)
  const out: Pasted = { cells: [], strange: [] }
  const metricAt = header.map((h) => metrics.find((m) => [m, ...(aliases[m] ?? [])].map(plain).includes(plain(h))))
  const villageOf = (cell: string) => villages.find((v) => v.code === plain(cell) || plain(v.name) === plain(cell))
  header.forEach((h, i) => {
    const known = metricAt[i] !== undefined || rows.some((r) => villageOf(r[i] ?? '') !== undefined)
    if (!known && h.trim() !== '') out.strange.push(h.trim())
  })
  for (const row of rows) {
    if (row.every((c) => c.trim() === '')) continue
    const village = row.map(villageOf).find((v) => v !== undefined)
    if (village === undefined) {
      out.strange.push(row.filter((c) => c.trim() !== '')[0]!.trim())
      continue
    }
    metricAt.forEach((metric, i) => {
      if (metric !== undefined) out.cells.push({ code: village.code, metric, text: (row[i] ?? '').trim() })
    })
  }
  return out
}
