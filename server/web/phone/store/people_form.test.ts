import { expect, test } from 'vitest'
import { householdMissing, householdNew, householdRecords, householdTouched, personNew, personRecord, personTouched } from './people_form'

const RESIDENT = 'BBBBBBBBBBBBBBBBBBBBBA'
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
  expect(householdMissing({ ...f, head: ' ' })).toEqual(['head'])
  expect(householdMissing(f)).toEqual([])
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
