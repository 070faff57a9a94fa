// What a village did before the start, from its own list to records that this browser signs ("via
// carried"): pure, and nothing is made before the whole list is in order.
//
// Happy path: carriedPlan finds each row's household among those of the register and says what is new
// of it; carriedDrafts makes the records, a household after the other.
// What the register knows already is left out: so the same list a second time makes nothing, and a list
// never overrules what was seen at the door since.
// Failure: faults by line; with one of them nothing is to be recorded.
import type { HouseholdView, RecordDraft, ResidentView } from '@qiaomen/sdk'
import { maySign } from '@shared/ages'
import type { CarriedKind } from './carried_columns'
import type { Match } from './columns'
import { doorKey } from './compare'
import type { Table } from './csv'
import { alertSays, cellSays, type Said } from './says'

/** As many as one reading takes: their records are one transaction of the browser's store. */
export const CARRIED_ROWS_MAX = 10_000

type Day = { day?: string | undefined }
export type Deed =
  | ({ kind: 'visit' } & Day)
  | ({ kind: 'notice'; left: boolean } & Day)
  | ({ kind: 'pledge'; resident: string; signer: string } & Day)
  | ({ kind: 'app'; resident: string; name: string; real_name: boolean; alerts: Record<Alert, 'yes' | 'no' | 'na'> } & Day)
type Alert = 'call_alert' | 'sms_alert'
const ALERTS: readonly Alert[] = ['call_alert', 'sms_alert']

export interface CarriedRow {
  line: number
  home: HouseholdView
  by: string
  /** What becomes a record. */
  deeds: Deed[]
  /** How much of the row the register has already. */
  known: number
}
export type CarriedFault =
  | 'cell' | 'day' | 'future' | 'early' | 'no_household' | 'unknown_household' | 'ambiguous_household' | 'other_head' | 'twice'
  | 'no_signer' | 'unknown_signer' | 'ambiguous_signer' | 'minor' | 'no_resident' | 'unknown_resident' | 'ambiguous_resident'
  | 'too_many'
export interface Fault {
  /** Line of the file, the header is 1. */
  line: number
  where: string
  fault: CarriedFault
  /** What is there instead, where that helps. */
  value: string
}
export interface CarriedPlan {
  rows: CarriedRow[]
  faults: Fault[]
}

/** Which sort of column is still missing: those that find the household, those that say what was done. */
export function carriedLacks(kind: CarriedKind, match: Match): ('who' | 'what')[] {
  const has = (...names: string[]) => names.some((n) => match[n] !== undefined)
  const who = kind === 'carried_households' ? has('household', 'door', 'head') : has('resident', 'name')
  const what = kind === 'carried_households' ? has('visited', 'notice', 'pledge') : has('installed')
  return [...(who ? [] : (['who'] as const)), ...(what ? [] : (['what'] as const))]
}

class Bad extends Error {
  constructor(readonly where: string, readonly fault: CarriedFault, readonly value = '') {
    super(fault)
  }
}

const person = (name: string) => name.normalize('NFKC').replace(/[\s·•.]/g, '')
const gather = <K, V>(map: Map<K, V[]>, key: K, value: V) => void (map.get(key)?.push(value) ?? map.set(key, [value]))

/** Finds what a row is about.  The names of the register are in full here: it is this device's own list. */
class Finder {
  private readonly byCode = new Map<string, HouseholdView>()
  private readonly byDoor = new Map<string, HouseholdView[]>()
  private readonly byHead = new Map<string, HouseholdView[]>()
  private readonly byName = new Map<string, [HouseholdView, ResidentView][]>()
  private readonly byResident = new Map<string, [HouseholdView, ResidentView]>()

  constructor(here: readonly HouseholdView[]) {
    for (const h of here) {
      this.byCode.set(h.household, h)
      gather(this.byDoor, doorKey(h.group, h.lane, h.door_label), h)
      gather(this.byHead, person(h.head), h)
      for (const r of h.residents) {
        this.byResident.set(r.resident, [h, r])
        gather(this.byName, person(r.name), [h, r])
      }
    }
  }

  private atDoor(cell: (name: string) => string): HouseholdView[] {
    return this.byDoor.get(doorKey(cell('group'), cell('lane'), cell('door'))) ?? []
  }

  household(cell: (name: string) => string): HouseholdView {
    const code = cell('household')
    if (code !== '') return this.byCode.get(code) ?? fail('household', 'unknown_household', code)
    const head = person(cell('head'))
    const door = cell('door') !== ''
    if (!door && head === '') fail('door', 'no_household')
    const found = door ? this.atDoor(cell) : (this.byHead.get(head) ?? [])
    const [only, second] = found.length > 1 && head !== '' ? found.filter((h) => person(h.head) === head) : found
    const where = door ? 'door' : 'head'
    if (only === undefined) fail(where, found.length > 0 ? 'ambiguous_household' : 'unknown_household', cell(where))
    if (second !== undefined) fail(where, 'ambiguous_household', cell(where))
    // A record at a neighbour's door would be untrue: better ask.
    if (head !== '' && person(only.head) !== head) fail('head', 'other_head', only.head)
    return only
  }

  resident(cell: (name: string) => string): [HouseholdView, ResidentView] {
    const code = cell('resident')
    if (code !== '') return this.byResident.get(code) ?? fail('resident', 'unknown_resident', code)
    const name = person(cell('name'))
    if (name === '') fail('name', 'no_resident')
    const homes = cell('household') === '' && cell('door') === '' ? null : new Set([this.household((n) => (n === 'head' ? '' : cell(n))).household])
    const found = (this.byName.get(name) ?? []).filter(([h]) => homes === null || homes.has(h.household))
    if (found.length === 0) fail('name', 'unknown_resident', cell('name'))
    if (found.length > 1) fail('name', 'ambiguous_resident', cell('name'))
    return found[0]!
  }
}

function fail(where: string, fault: CarriedFault, value = ''): never {
  throw new Bad(where, fault, value)
}

function said(cell: (name: string) => string, name: string, today: string): Exclude<Said, { fault: string }> {
  const s = cellSays(cell(name), today)
  return 'fault' in s ? fail(name, s.fault, cell(name)) : s
}

/** Who signed: the one who is named; else the head; else the only adult. */
function signerOf(home: HouseholdView, named: string, today: string): ResidentView {
  const may = home.residents.filter((r) => maySign(r, today))
  const called = (list: readonly ResidentView[], name: string) => list.filter((r) => person(r.name) === person(name))
  if (named !== '') {
    const all = called(home.residents, named)
    const [one, second] = called(may, named)
    if (one === undefined) return fail('signer', all.length > 0 ? 'minor' : 'unknown_signer', named)
    return second === undefined ? one : fail('signer', 'ambiguous_signer', named)
  }
  const [head, other] = called(may, home.head)
  if (head !== undefined && other === undefined) return head
  return may.length === 1 ? may[0]! : fail('signer', 'no_signer')
}

/** Whether the register needs it; what it has since stands above a list of before. */
const noticeIsNew = (home: HouseholdView, left: boolean) =>
  home.notice === 'none' || home.notice === 'refused' || (home.notice === 'left' && !left)
const pledgeIsNew = (home: HouseholdView) => home.pledge !== 'signed' && home.pledge !== 'withdrawn'

type Found = { home: HouseholdView; deeds: Deed[]; known: number; subject: string }

function householdRow(finder: Finder, cell: (name: string) => string, today: string): Found {
  const home = finder.household(cell)
  const deeds: Deed[] = []
  let known = 0
  const take = (isNew: boolean, deed: () => Deed) => (isNew ? void deeds.push(deed()) : void known++)
  const visit = said(cell, 'visited', today)
  const notice = said(cell, 'notice', today)
  const pledge = said(cell, 'pledge', today)
  if (visit.done) take(!home.visited, () => ({ kind: 'visit', day: visit.day }))
  if (notice.done) take(noticeIsNew(home, notice.left === true), () => ({ kind: 'notice', left: notice.left === true, day: notice.day }))
  if (pledge.done) {
    take(pledgeIsNew(home), () => {
      const { resident, name } = signerOf(home, cell('signer'), today)
      return { kind: 'pledge', resident, signer: name, day: pledge.day }
    })
  }
  return { home, deeds, known, subject: home.household }
}

function residentRow(finder: Finder, cell: (name: string) => string, today: string): Found {
  const [home, who] = finder.resident(cell)
  const installed = said(cell, 'installed', today)
  const real = said(cell, 'real_name', today)
  const alert = (name: Alert) => alertSays(cell(name)) ?? fail(name, 'cell', cell(name))
  const alerts = { call_alert: alert('call_alert'), sms_alert: alert('sms_alert') }
  const found = { home, deeds: [] as Deed[], known: 0, subject: who.resident }
  if (!installed.done) return found
  if (who.state !== 'none_yet') return { ...found, known: 1 }
  return {
    ...found,
    deeds: [{ kind: 'app', resident: who.resident, name: who.name, real_name: real.done, alerts, day: installed.day }],
  }
}

/** here: the village's households as this device knows them; today: yyyy-mm-dd. */
export function carriedPlan(kind: CarriedKind, table: Table, match: Match, here: readonly HouseholdView[], today: string): CarriedPlan {
  const plan: CarriedPlan = { rows: [], faults: [] }
  const finder = new Finder(here)
  const lines = new Map<string, number>()
  if (table.length - 1 > CARRIED_ROWS_MAX) return { rows: [], faults: [{ line: 0, where: '', fault: 'too_many', value: String(CARRIED_ROWS_MAX) }] }
  table.slice(1).forEach((row, i) => {
    if (row.every((c) => c === '')) return
    const line = i + 2
    const cell = (name: string) => (row[match[name] ?? -1] ?? '').trim()
    try {
      const { subject, ...found } = (kind === 'carried_households' ? householdRow : residentRow)(finder, cell, today)
      const before = lines.get(subject)
      if (before !== undefined) fail(kind === 'carried_households' ? 'door' : 'name', 'twice', String(before))
      lines.set(subject, line)
      plan.rows.push({ line, by: cell('by').slice(0, 40), ...found })
    } catch (e) {
      if (!(e instanceof Bad)) throw e
      plan.faults.push({ line, where: e.where, fault: e.fault, value: e.value })
    }
  })
  return plan
}

export type Counts = Record<Deed['kind'] | 'known', number>
export function carriedCounts(rows: readonly CarriedRow[]): Counts {
  const counts: Counts = { visit: 0, notice: 0, pledge: 0, app: 0, known: 0 }
  for (const row of rows) {
    counts.known += row.known
    for (const deed of row.deeds) counts[deed.kind]++
  }
  return counts
}

/** What stands for the papers: the versions of the texts, and photos of the signed list. */
export interface Papers {
  noticeText: string
  pledgeText: string
  /** SHA-256 of 1 to 4 photos; pledges need one */
  evidence: string[]
}

function draftOf(deed: Deed, row: CarriedRow, papers: Papers): RecordDraft {
  const { household, grid } = row.home
  const how = { household, grid, via: 'carried' as const, ...(deed.day === undefined ? {} : { done: deed.day.replaceAll('-', '') }) }
  // Each has a private part, so that the household's copy can be opened.
  const hidden = row.by === '' ? {} : { note: row.by }
  if (deed.kind === 'visit') return { kind: 'visit', members: { ...how, outcome: 'met' }, hidden }
  if (deed.kind === 'notice') return { kind: 'notice', members: { ...how, text: papers.noticeText, ...(deed.left ? { state: 'left' } : {}) }, hidden }
  if (deed.kind === 'pledge')
    return {
      kind: 'pledge',
      members: { ...how, resident: deed.resident, text: papers.pledgeText, evidence: papers.evidence },
      hidden: { signer: deed.signer, ...hidden },
    }
  const na = ALERTS.filter((a) => deed.alerts[a] === 'na')
  const on = (a: Alert) => deed.alerts[a] === 'yes'
  return {
    kind: 'app',
    members: {
      ...how, resident: deed.resident, state: 'installed', real_name: deed.real_name,
      call_alert: on('call_alert'), sms_alert: on('sms_alert'), ...(na.length > 0 ? { na } : {}),
    },
    hidden,
  }
}

/** All records of a plan without faults, in the order of the file. */
export function carriedDrafts(rows: readonly CarriedRow[], papers: Papers): RecordDraft[] {
  return rows.flatMap((row) => row.deeds.map((deed) => draftOf(deed, row, papers)))
}
