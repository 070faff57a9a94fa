/* client_list.ts - floor 3: the list of doors: the office's states with this phone's own records laid over
 * them, what is open at each door.
 */
import type { AppWord, DoorWord, HouseholdFilter, HouseholdView, NoticeWord, OpenTask, PledgeWord, ResidentView } from './client_api.js'
import type { HouseholdKnown, Register, ResidentKnown, WorkRow } from './outbox.js'
import { peopleOf, push } from './client_homes.js'
import { effective, type FoldRecord, householdFold, householdOver, residentFold } from './states.js'
import { yearsBefore } from './wire/codec.js'
import type { App } from './wire/event.js'

/** The account of everything that was recorded here. */
const OWN = ''

/** What this phone did, by household and by resident. */
export interface OwnWork {
  byHousehold: Map<string, FoldRecord[]>
  byResident: Map<string, FoldRecord[]>
  waiting: Map<string, number>
  held: Map<string, number>
  rejected: Map<string, number>
  lastAt: Map<string, number>
  /** households with a void of something that the office counts */
  correcting: Set<string>
}

function count(map: Map<string, number>, key: string | undefined): void {
  if (key !== undefined) map.set(key, (map.get(key) ?? 0) + 1)
}
function file(map: Map<string, FoldRecord[]>, key: string | undefined, record: FoldRecord): void {
  if (key !== undefined) push(map, key, record)
}

export const shownState = (row: WorkRow): WorkRow['state'] => {
  if (row.decided?.in === true && row.state === 'held') return 'confirmed'
  return row.decided?.in === false && row.state !== 'waiting' ? 'rejected' : row.state
}

const NOBODY: ReadonlySet<string> = new Set()
/** Targets of the voids that were not rejected themselves. */
export const voidedIn = (rows: readonly WorkRow[]): ReadonlySet<string> =>
  new Set(rows.flatMap((row) => (row.kind === 'void' && row.state !== 'rejected' ? [row.target ?? ''] : [])))

/** The same was recorded again since; of a visit that met somebody, only one that did so too. */
function isAgain(row: WorkRow, before: WorkRow): boolean {
  const same = row.seq > before.seq && row.kind === before.kind && row.household === before.household && row.resident === before.resident && row.target === before.target
  if (!same || row.event.kind !== 'visit' || before.event.kind !== 'visit') return same
  return row.event.outcome === 'met' || row.event.outcome === before.event.outcome
}
/** Of the rejected records those that need nobody any more: put away by hand, taken back, or filled in again. */
export function rejectsDone(rows: readonly WorkRow[]): ReadonlySet<string> {
  const rejected = rows.filter((row) => shownState(row) === 'rejected')
  if (rejected.length === 0) return NOBODY
  const voided = voidedIn(rows)
  const isDone = (row: WorkRow): boolean =>
    row.done === 1 || voided.has(row.id) || rows.some((later) => isAgain(later, row) && !voided.has(later.id))
  return new Set(rejected.filter(isDone).map((row) => row.id))
}

export function ownWork(rows: readonly WorkRow[]): OwnWork {
  const own: OwnWork = {
    byHousehold: new Map(), byResident: new Map(), waiting: new Map(), held: new Map(), rejected: new Map(), lastAt: new Map(), correcting: new Set(),
  }
  const byId = new Map(rows.map((row) => [row.id, row]))
  const ahead: FoldRecord[] = []
  const done = rejectsDone(rows)
  for (const row of rows) {
    const about = row.kind === 'void' ? byId.get(row.target ?? '') : row
    if (row.ahead) ahead.push({ event: row.event, recv: row.at, account: OWN, held: false })
    if (row.kind === 'void' && row.ahead && about && !about.ahead && about.household !== undefined) own.correcting.add(about.household)
    for (const subject of [about?.household, about?.resident]) {
      if (row.state === 'waiting') count(own.waiting, subject)
      if (shownState(row) === 'held') count(own.held, subject)
      if (shownState(row) === 'rejected' && !done.has(row.id)) count(own.rejected, subject)
    }
    if (row.household !== undefined) own.lastAt.set(row.household, Math.max(row.at, own.lastAt.get(row.household) ?? 0))
  }
  for (const record of effective(ahead)) {
    const { event } = record
    if ('household' in event) file(own.byHousehold, event.household, record)
    if ('resident' in event) file(own.byResident, event.resident, record)
  }
  return own
}

/** Whose app is asked for: from 16 until the day of their 61st birthday, as the office counts. */
interface Ages {
  bornAfter: string
  bornUntil: string
}
const agesOn = (day: number): Ages => ({ bornAfter: yearsBefore(day, 61), bornUntil: yearsBefore(day, 16) })

const isInAge = (r: ResidentKnown, { bornAfter, bornUntil }: Ages): boolean => r.status === 'counted' && r.born > bornAfter && r.born <= bornUntil

function residentView(r: ResidentKnown, own: OwnWork, ages: Ages): ResidentView {
  const { resident, household, name, phone, born, status, groups, local } = r
  const app: App | undefined = residentFold(own.byResident.get(resident) ?? [])
  const state = app ?? r.app
  return {
    resident, household, name, phone, born, status, groups, local,
    state: state.state as AppWord,
    real_name: state.real_name,
    call_alert: state.call_alert,
    sms_alert: state.sms_alert,
    inAge: isInAge(r, ages),
    waiting: own.waiting.get(resident) ?? 0,
  }
}

/** What the office's lists of what is left ask for: nobody is sent again to a door that wanted no visit. */
function openTasks(h: HouseholdView): OpenTask[] {
  if (h.place !== 'home') return []
  const wanted = h.door !== 'refused'
  if (h.status === 'away') return h.reached || !wanted ? [] : ['visit']
  if (h.status !== 'counted') return []
  const open: OpenTask[] = []
  if (!h.visited && wanted) open.push('visit')
  if (h.notice === 'none') open.push('notice')
  if (h.pledge === 'none' || h.pledge === 'later') open.push('pledge')
  if (h.residents.some((r) => r.inAge && ['none_yet', 'later', 'removed'].includes(r.state))) open.push('app')
  return open
}

function householdView(h: HouseholdKnown, residents: ResidentView[], own: OwnWork): HouseholdView {
  const { household, grid, place, status, group, lane, head, phone, local } = h
  const over = householdOver(h.state, householdFold(own.byHousehold.get(household) ?? []))
  const view: HouseholdView = {
    household, grid, place, status, group, lane, door_label: h.door, head, phone, local, residents,
    visited: over.visited,
    reached: over.reached,
    notice: over.notice as NoticeWord,
    pledge: over.pledge as PledgeWord,
    door: over.door as DoorWord,
    open: [],
    waiting: own.waiting.get(household) ?? 0,
    held: own.held.get(household) ?? 0,
    rejected: own.rejected.get(household) ?? 0,
    correcting: own.correcting.has(household),
    lastAt: own.lastAt.get(household) ?? 0,
  }
  view.open = openTasks(view)
  return view
}

/** In the order of `known`; own: of everything that was recorded here. */
export function doorList(known: Register, own: OwnWork, day: number): HouseholdView[] {
  const people = peopleOf(known.residents)
  const ages = agesOn(day)
  return known.households.map((h) => viewWith(h, people.get(h.household), own, ages))
}

function viewWith(h: HouseholdKnown, residents: readonly ResidentKnown[] = NONE, own: OwnWork, ages: Ages): HouseholdView {
  return householdView(h, residents.map((r) => residentView(r, own, ages)), own)
}

const NONE: readonly never[] = []
/** Of a door where nothing was recorded here. */
const NO_WORK = ownWork(NONE)

/** rows: the records about this household and who lives there. */
export function doorView(h: HouseholdKnown, residents: readonly ResidentKnown[] | undefined, rows: readonly WorkRow[] | undefined, day: number): HouseholdView {
  return viewWith(h, residents, rows === undefined || rows.length === 0 ? NO_WORK : ownWork(rows), agesOn(day))
}

export function fits(h: HouseholdView, filter: HouseholdFilter): boolean {
  if (filter.left === true && h.open.length === 0) return false
  if (filter.group !== undefined && h.group !== filter.group) return false
  const text = filter.text?.trim() ?? ''
  if (text === '') return true
  const words = [h.head, h.lane, h.door_label, h.phone, `${h.lane}${h.door_label}`, ...h.residents.map((r) => r.name)]
  return words.some((word) => word.includes(text))
}
