// New households and new people as they are typed in, and the records that come of it.  Pure.
//
// The pseudonyms are made with the form: a draft that was stored is known by them.
import type { Household, RecordDraft, Resident } from '@qiaomen/sdk'

export interface PersonForm {
  resident: string
  why: Extract<Resident['why'], 'found' | 'moved_in'>
  name: string
  /** yyyy-mm-dd or '' */
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

export type PeopleMissing = 'head' | 'door'
export function householdMissing(f: HouseholdForm): PeopleMissing[] {
  return (['head', 'door'] as const).filter((what) => f[what].trim() === '')
}

/** grid: that of the household, unless it is new, too. */
export function personRecord(p: PersonForm, household: string, grid?: string): RecordDraft {
  const phone = p.phone.trim()
  return {
    kind: 'resident',
    members: { household, resident: p.resident, ...(grid === undefined ? {} : { grid }), why: p.why },
    hidden: { name: p.name.trim(), ...(p.born && { born: p.born }), ...(phone && { phone }) },
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
