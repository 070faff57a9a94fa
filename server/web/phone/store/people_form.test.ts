import { expect, test } from 'vitest'
import type { RecordView, Resident } from '@qiaomen/sdk'
import { changesTold, householdMissing, householdNew, householdRecords, householdTouched, personMissing, personNew, personRecord, personTouched } from './people_form'

const RESIDENT = 'BBBBBBBBBBBBBBBBBBBBBA'
const TODAY = '2026-11-22'
const at = { household: 'AAAAAAAAAAAAAAAAAAAAAA', resident: RESIDENT, grid: '140522110204001' }

test('a draft is worth keeping as soon as something was typed, not for what was preset', () => {
  const split = householdNew({ ...at, from: 'CCCCCCCCCCCCCCCCCCCCCA', door: '东街12号' })
  expect(householdTouched(split, '东街12号')).toBe(false)
  expect(householdTouched({ ...split, door: '' }, '东街12号')).toBe(false)
  expect(householdTouched({ ...split, door: '东街12号东' }, '东街12号')).toBe(true)
  expect(householdTouched({ ...split, head: '王' }, '东街12号')).toBe(true)
  expect(householdTouched({ ...split, people: [...split.people, { ...personNew(RESIDENT), born: '1999-01-01' }] }, '东街12号')).toBe(true)
  expect(personTouched({ ...personNew(RESIDENT), name: '  ' })).toBe(false)
})

test('the household comes first, then who has a name, each under the pseudonym of its form', () => {
  const f = { ...householdNew({ ...at, from: '', door: '' }), head: ' 王一 ', door: '西街1号', why: 'moved_in' as const }
  expect(householdMissing({ ...f, head: ' ' }, TODAY)).toEqual(['head'])
  expect(householdMissing(f, TODAY)).toEqual([])
  f.people = [{ ...personNew(RESIDENT), name: ' 王一 ', born: '1980-02-03', phone: ' ' }, personNew('DDDDDDDDDDDDDDDDDDDDDA')]
  expect(householdRecords(f)).toEqual([
    { kind: 'household', members: { household: at.household, grid: at.grid, place: 'home', why: 'moved_in' }, hidden: { name: '王一', door: '西街1号' } },
    { kind: 'resident', members: { household: at.household, resident: RESIDENT, grid: at.grid, why: 'found' }, hidden: { name: '王一', born: '1980-02-03' } },
  ])
})

test('a split names the household that it comes from; one person goes without a grid of their own', () => {
  const from = 'CCCCCCCCCCCCCCCCCCCCCA'
  const [house] = householdRecords({ ...householdNew({ ...at, from, door: '1号' }), head: '王二' })
  expect(house!.members).toMatchObject({ why: 'split', from })
  const person = personRecord({ resident: RESIDENT, why: 'moved_in', name: '李四', born: '', phone: '13800000001' }, at.household)
  expect(person).toEqual({ kind: 'resident', members: { household: at.household, resident: RESIDENT, why: 'moved_in' }, hidden: { name: '李四', phone: '13800000001' } })
})

test('a year of birth is 1 July of it, a day stays that day, nothing stays open; what is no birth is asked for again', () => {
  const bornAs = (born: string) => personRecord({ ...personNew(RESIDENT), name: '王一', born }, at.household).hidden?.born
  const wrong = (born: string) => personMissing({ ...personNew(RESIDENT), name: '王一', born }, TODAY).includes('born')
  for (const [typed, day] of [['1980', '1980-07-01'], [' 1980年 ', '1980-07-01'], ['19800203', '1980-02-03'], ['1980-02-03', '1980-02-03'], ['20000229', '2000-02-29'], ['2026', '2026-07-01'], ['', undefined], ['  ', undefined]] as const) {
    expect(bornAs(typed), typed).toBe(day)
    expect(wrong(typed), typed).toBe(false)
  }
  for (const typed of ['80', '198', '198002', '19801301', '19810229', '19800231', '1080', '2027', '八零']) expect(wrong(typed), typed).toBe(true)
  expect(personMissing(personNew(RESIDENT), TODAY)).toEqual(['name'])
  const f = { ...householdNew({ ...at, from: '', door: '1号' }), head: '王一' }
  expect(householdMissing({ ...f, people: [{ ...personNew(RESIDENT), born: '80' }] }, TODAY)).toEqual(['born'])
})

test('what was reported of a person last is told, unless it was taken back or refused', () => {
  const said = (resident: string, why: Resident['why'], at: number, how: Partial<RecordView> = {}): RecordView =>
    ({ content: { kind: 'resident', resident, why, at }, state: 'waiting', voided: false, ...how }) as RecordView
  const told = (...records: RecordView[]) => [...changesTold(records)]
  expect(told(said('a', 'back', 2), said('a', 'away', 1), said('b', 'died', 1, { state: 'confirmed' }))).toEqual([['a', 'back'], ['b', 'died']])
  expect(told(said('a', 'away', 1), said('a', 'died', 2, { voided: true }), said('b', 'wrong', 3, { state: 'rejected' }))).toEqual([['a', 'away']])
  expect(told(said('a', 'found', 1), { content: { kind: 'visit' }, state: 'waiting', voided: false } as RecordView)).toEqual([])
})
