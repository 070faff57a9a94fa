/* states.ts - floor 1: from events to the states of households and residents (section 5 of the contract,
 * without what pictures prove).  Pure; never of the order of processing.
 *
 * Happy path: `effective` takes out what is voided, held or decided out; the folds read the rest.  The
 * phone lays what it recorded and the office does not have yet over the office's own states.
 */
import { type App, noticeState, pledgeState, type QmEvent, viaOf, type Visit } from './wire/event.js'

/** A recorded event; for one that is only here: recv = its at. */
export interface FoldRecord {
  event: QmEvent
  recv: number
  account: string
  held: boolean
  /** the last decision: in, out */
  decided?: boolean | undefined
}

export function effective(records: readonly FoldRecord[]): FoldRecord[] {
  const voids = new Set(records.flatMap(({ event, account }) => (event.kind === 'void' ? [`${account} ${event.target}`] : [])))
  return records.filter(({ event, account, held, decided }) => {
    if (event.kind === 'void' || voids.has(`${account} ${event.id}`)) return false
    return held ? decided === true : decided !== false
  })
}

/** Is a later than b?  Ids are UUIDs of one spelling, so that their texts order as their bytes do. */
function isLater(a: FoldRecord, b: FoldRecord): boolean {
  const first = Math.min(a.event.at, a.recv) - Math.min(b.event.at, b.recv) || a.event.at - b.event.at
  return first === 0 ? a.event.id > b.event.id : first > 0
}

function latest(records: readonly FoldRecord[]): QmEvent | undefined {
  return records.reduce<FoldRecord | undefined>((best, r) => (best === undefined || isLater(r, best) ? r : best), undefined)?.event
}

export interface HouseholdFold {
  visited: boolean
  reached: boolean
  notice_delivered: boolean
  notice_signed: boolean
  notice_refused: boolean
  pledge: boolean
  /** of the latest pledge of any state, and of the latest that decides */
  pledge_word?: ReturnType<typeof pledgeState> | undefined
  pledge_decided?: 'signed' | 'withdrawn' | undefined
  door?: Visit['outcome'] | undefined
}

/** records: the effective ones that name this household. */
export function householdFold(records: readonly FoldRecord[]): HouseholdFold {
  const of = <K extends QmEvent['kind']>(kind: K, also: (ev: Extract<QmEvent, { kind: K }>) => boolean = () => true): FoldRecord[] =>
    records.filter(({ event }) => event.kind === kind && also(event as Extract<QmEvent, { kind: K }>))
  const met = of('visit', (ev) => ev.outcome === 'met')
  const door = latest(of('visit'))
  const last = latest(of('pledge'))
  const deciding = latest(of('pledge', (ev) => ['signed', 'withdrawn'].includes(pledgeState(ev))))
  const decided = deciding?.kind === 'pledge' ? (pledgeState(deciding) as 'signed' | 'withdrawn') : undefined
  return {
    visited: met.some(({ event }) => event.kind === 'visit' && ['door', 'paper', 'carried'].includes(viaOf(event))),
    reached: met.length > 0,
    notice_delivered: of('notice', (ev) => noticeState(ev) !== 'refused').length > 0,
    notice_signed: of('notice', (ev) => noticeState(ev) === 'signed').length > 0,
    notice_refused: of('notice', (ev) => noticeState(ev) === 'refused').length > 0,
    pledge: decided === 'signed',
    pledge_word: last?.kind === 'pledge' ? pledgeState(last) : undefined,
    pledge_decided: decided,
    door: door?.kind === 'visit' ? door.outcome : undefined,
  }
}

/** The latest effective `app` event alone decides.  records: those that name this resident. */
export function residentFold(records: readonly FoldRecord[]): App | undefined {
  const found = latest(records.filter(({ event }) => event.kind === 'app'))
  return found?.kind === 'app' ? found : undefined
}

export const appAll = (ev: App): boolean =>
  ev.state === 'installed' && ev.real_name &&
  (ev.call_alert || (ev.na ?? []).includes('call_alert')) && (ev.sms_alert || (ev.na ?? []).includes('sms_alert'))

/* ---- laid over the office's states ---- */

interface DoorState {
  visited: boolean
  reached: boolean
  notice: string
  pledge: string
  door: string
}
const NOTICE_ORDER = ['none', 'refused', 'left', 'signed']

function noticeOver(base: string, f: HouseholdFold): string {
  const own = f.notice_signed ? 'signed' : f.notice_delivered ? 'left' : f.notice_refused ? 'refused' : 'none'
  return NOTICE_ORDER.indexOf(own) > NOTICE_ORDER.indexOf(base) ? own : base
}
function pledgeOver(base: string, f: HouseholdFold): string {
  if (f.pledge) return 'signed'
  if (f.pledge_word === undefined) return base
  // A refusal takes nothing back; a withdrawal does.
  return base === 'signed' && f.pledge_decided === undefined ? base : f.pledge_word
}

export function householdOver(base: DoorState, f: HouseholdFold): DoorState {
  return {
    visited: base.visited || f.visited,
    reached: base.reached || f.reached,
    notice: noticeOver(base.notice, f),
    pledge: pledgeOver(base.pledge, f),
    door: f.door ?? base.door,
  }
}
