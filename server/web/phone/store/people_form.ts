// New households and new people as they are typed in, and the records that come of it.  Pure.
//
// The pseudonyms are made with the form: a draft that was stored is known by them.
import type { Household, RecordDraft, RecordView, Resident } from '@qiaomen/sdk'

/** What may have happened to somebody who is on the list: proposals, which change it when the office takes them. */
export const CHANGES = ['moved_out', 'away', 'back', 'died', 'wrong'] as const
export type PersonChange = (typeof CHANGES)[number]
export interface PersonForm {
  resident: string
  why: Extract<Resident['why'], 'found' | 'moved_in'>
  name: string
  /** as typed: a year, a day in eight digits, or '' */
  born: string
  phone: string
}
export interface HouseholdForm {
  household: string
  why: Household['why']
  place: Household['place']
  grid: string
  /** the household that it splits from, or '' */
  from: string
  head: string
  door: string
  people: PersonForm[]
}

export const personNew = (resident: string): PersonForm => ({ resident, why: 'found', name: '', born: '', phone: '' })
export const personTouched = (p: PersonForm): boolean => [p.name, p.born, p.phone].some((text) => text.trim() !== '')

/** door: of the household that it splits from. */
export function householdNew(p: { household: string; resident: string; grid: string; from: string; door: string }): HouseholdForm {
  const { household, grid, from, door } = p
  return { household, why: from === '' ? 'found' : 'split', place: 'home', grid, from, head: '', door, people: [personNew(p.resident)] }
}
/** What the other household's door preset is no loss. */
export const householdTouched = (f: HouseholdForm, doorPreset: string): boolean =>
  f.head.trim() !== '' || (f.door.trim() !== '' && f.door !== doorPreset) || f.people.some(personTouched)

const BORN_FIRST = '1900'
/** The day of birth, yyyy-mm-dd, of what was typed; '' of nothing, undefined if it is none.  Of a year alone it is
 * 1 July, so that who is 16 to 60 counts as one. */
function bornDay(typed: string): string | undefined {
  const digits = typed.normalize('NFKC').replace(/[-\s./年月日]/g, '')
  if (digits === '') return ''
  const [, year, month = '07', dom = '01'] = /^(\d{4})(?:(\d\d)(\d\d))?$/.exec(digits) ?? []
  if (year === undefined || year < BORN_FIRST) return undefined
  const day = `${year}-${month}-${dom}`
  const at = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day) ? day : undefined
}
/** Next year's child is a slip of the finger.  today: yyyy-mm-dd */
const bornWrong = (typed: string, today: string): boolean => (bornDay(typed)?.slice(0, 4) ?? '9999') > today.slice(0, 4)

export type PersonMissing = 'name' | 'born'
export function personMissing(p: PersonForm, today: string): PersonMissing[] {
  return [...(p.name.trim() === '' ? ['name' as const] : []), ...(bornWrong(p.born, today) ? ['born' as const] : [])]
}
export type HouseholdMissing = 'head' | 'door' | 'born'
export function householdMissing(f: HouseholdForm, today: string): HouseholdMissing[] {
  const open = (['head', 'door'] as const).filter((what) => f[what].trim() === '')
  return f.people.some((p) => bornWrong(p.born, today)) ? [...open, 'born'] : open
}

/** personMissing(p) is empty.  grid: that of the household, unless it is new, too. */
export function personRecord(p: PersonForm, household: string, grid?: string): RecordDraft {
  const phone = p.phone.trim()
  const born = bornDay(p.born)
  return {
    kind: 'resident',
    members: { household, resident: p.resident, ...(grid === undefined ? {} : { grid }), why: p.why },
    hidden: { name: p.name.trim(), ...(born && { born }), ...(phone && { phone }) },
  }
}

/** The household first, then who has a name.  householdMissing(f) is empty. */
export function householdRecords(f: HouseholdForm): RecordDraft[] {
  const { household, grid, place, why, from } = f
  const house: RecordDraft = {
    kind: 'household',
    members: { household, grid, place, why, ...(why === 'split' ? { from } : {}) },
    hidden: { name: f.head.trim(), door: f.door.trim() },
  }
  return [house, ...f.people.filter((p) => p.name.trim() !== '').map((p) => personRecord(p, household, grid))]
}

const isChange = (why: Resident['why']): why is PersonChange => CHANGES.some((c) => c === why)
/** What this phone reported of each person last, and did not take back. */
export function changesTold(records: readonly RecordView[]): Map<string, PersonChange> {
  const told = new Map<string, PersonChange>()
  const standing = records.filter((r) => !r.voided && r.state !== 'rejected').sort((a, b) => a.content.at - b.content.at)
  for (const { content: c } of standing) if (c.kind === 'resident' && isChange(c.why)) told.set(c.resident, c.why)
  return told
}
