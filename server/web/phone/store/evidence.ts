// Own figures where only what has a photo or a signature counts (section 8): how many of those that are done have one
// that is here or with the office, and which doors lack it.  Pure: no clock, store or screen.
//
// Of a record by another phone this one knows that it is there, not what went with it: such a door is among those
// without, and the page says so.
import type { HouseholdView, RecordView } from '@qiaomen/sdk'
import type { OwnFigure } from './doors'

type Metric = OwnFigure['metric']
export interface EvidenceFigure {
  having: number
  /** doors where the figure counts something without, in their order */
  lacking: HouseholdView[]
}

const APP: readonly string[] = ['app', 'app_real_name', 'app_call_alert', 'app_sms_alert', 'app_all']

/** Of the metrics that must have one: does this figure show it?  Those of the app are one figure here. */
export const isAsked = (metric: Metric, asked: readonly string[]): boolean =>
  asked.some((name) => name === metric || (metric === 'app' && APP.includes(name)))

interface Proofs {
  notice: Set<string>
  signed: Set<string>
  pledge: Set<string>
  /** residents, by the last record about their phone */
  app: Map<string, boolean>
}

/** missing: photos that the office asked for or did not take. */
function proofsOf(records: readonly RecordView[], missing: ReadonlySet<string>): Proofs {
  const proofs: Proofs = { notice: new Set(), signed: new Set(), pledge: new Set(), app: new Map() }
  const live = records.filter((r) => !r.voided && r.state !== 'rejected').sort((a, b) => a.content.at - b.content.at)
  for (const { content: c } of live) {
    const has = 'evidence' in c && c.evidence.length > 0 && !c.evidence.some((sha) => missing.has(sha))
    if (c.kind === 'app') proofs.app.set(c.resident, has)
    if (!has) continue
    if (c.kind === 'notice' && c.state !== 'refused') proofs.notice.add(c.household)
    if (c.kind === 'notice' && (c.state ?? 'signed') === 'signed') proofs.signed.add(c.household)
    if (c.kind === 'pledge' && (c.state ?? 'signed') === 'signed') proofs.pledge.add(c.household)
  }
  return proofs
}

const isHome = (h: HouseholdView): boolean => h.place === 'home' && h.status === 'counted'
const isReach = (h: HouseholdView): boolean => isHome(h) || (h.place === 'home' && h.status === 'away')
const byNotice = (h: HouseholdView): boolean => h.notice === 'signed' || h.notice === 'left'

/** Does it count, and if so with a photo or signature? */
function doorCounts(metric: Exclude<Metric, 'app'>, h: HouseholdView, p: Proofs): { counts: boolean; has: boolean } {
  const { household: id } = h
  const either = (byNotice(h) && p.notice.has(id)) || (h.pledge === 'signed' && p.pledge.has(id))
  switch (metric) {
    case 'visited':
      return { counts: isHome(h) && h.visited, has: either }
    case 'reached':
      return { counts: isReach(h) && h.reached, has: either }
    case 'notice_delivered':
      return { counts: isHome(h) && byNotice(h), has: p.notice.has(id) }
    case 'notice_signed':
      return { counts: isHome(h) && h.notice === 'signed', has: p.signed.has(id) }
    case 'pledge':
      return { counts: isHome(h) && h.pledge === 'signed', has: p.pledge.has(id) }
  }
}

function appFigure(list: readonly HouseholdView[], p: Proofs): EvidenceFigure {
  let having = 0
  const lacking: HouseholdView[] = []
  for (const h of list.filter(isHome)) {
    const installed = h.residents.filter((r) => r.inAge && r.status === 'counted' && r.state === 'installed')
    const with_ = installed.filter((r) => p.app.get(r.resident) === true).length
    having += with_
    if (with_ < installed.length) lacking.push(h)
  }
  return { having, lacking }
}

export function evidenceFigures(
  metrics: readonly Metric[],
  list: readonly HouseholdView[],
  records: readonly RecordView[],
  missing: ReadonlySet<string>,
): Partial<Record<Metric, EvidenceFigure>> {
  const proofs = proofsOf(records, missing)
  const of = (metric: Metric): EvidenceFigure => {
    if (metric === 'app') return appFigure(list, proofs)
    const counting = list.map((h) => ({ h, ...doorCounts(metric, h, proofs) })).filter((x) => x.counts)
    return { having: counting.filter((x) => x.has).length, lacking: counting.filter((x) => !x.has).map((x) => x.h) }
  }
  return Object.fromEntries(metrics.map((metric) => [metric, of(metric)]))
}
