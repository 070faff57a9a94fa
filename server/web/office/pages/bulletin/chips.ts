// The wording of a bulletin as people edit it: text, and chips in the place of {placeholders}, whose
// numbers nobody can type over.  "{{" is a brace that is meant.

export type Segment = { text: string } | { chip: string }

export function segments(source: string): Segment[] {
  const out: Segment[] = []
  let text = ''
  for (let at = 0; at < source.length; ) {
    if (source.startsWith('{{', at)) {
      text += '{'
      at += 2
      continue
    }
    const m = /^\{([a-z_]+)\}/.exec(source.slice(at, at + 60))
    if (m === null) {
      text += source[at]
      at++
      continue
    }
    if (text !== '') out.push({ text })
    text = ''
    out.push({ chip: m[1]! })
    at += m[0].length
  }
  if (text !== '') out.push({ text })
  return out
}

export function source(parts: Segment[]): string {
  return parts.map((p) => ('chip' in p ? `{${p.chip}}` : p.text.replaceAll('{', '{{'))).join('')
}

export const SECTIONS = [
  'head', 'series', 'title', 'addressee', 'opening', 'overall', 'progress', 'cases', 'praise', 'checks', 'next',
  'contact', 'sign', 'copies', 'office',
] as const
export type Section = (typeof SECTIONS)[number]
const PARAGRAPHS = ['opening', 'overall', 'progress', 'cases', 'praise', 'checks', 'next']

/** More than one line; and numbers may stand in it. */
export const isParagraph = (s: Section) => PARAGRAPHS.includes(s)

export const PLAIN_CHIPS = ['period', 'this_period', 'scope', 'county', 'closed', 'basis', 'first_day', 'last_day'] as const
const FIGURE_CHIPS = [
  'due', 'gap', 'target', 'target_day', 'forecast', 'commended', 'criticised', 'decided', 'left_out', 'away_reached', 'visits',
  'population',
] as const
export const METRICS = [
  'visited', 'reached', 'notice_delivered', 'notice_signed', 'pledge', 'app', 'app_real_name', 'app_call_alert',
  'app_sms_alert', 'app_all',
] as const
export const PARTS = ['', 'due', 'percent', 'change', 'new', 'late', 'refused'] as const

/** What may be put into a section: a metric of the rule with its parts, and what stands everywhere. */
export function chipsFor(section: Section, ruled: string[]): string[] {
  if (!isParagraph(section)) return [...PLAIN_CHIPS]
  const metrics = METRICS.filter((m) => ruled.includes(m))
  return [...PLAIN_CHIPS, ...FIGURE_CHIPS, ...metrics.flatMap((m) => PARTS.map((p) => (p === '' ? m : `${m}_${p}`)))]
}

/** "visited_percent" → metric and part; null if it is no metric's. The longest name that fits. */
export function metricPart(chip: string): { metric: string; part: string } | null {
  const fits = METRICS.filter((m) => chip === m || chip.startsWith(`${m}_`)).sort((a, b) => b.length - a.length)
  for (const metric of fits) {
    const part = chip === metric ? '' : chip.slice(metric.length + 1)
    if ((PARTS as readonly string[]).includes(part)) return { metric, part }
  }
  return null
}
