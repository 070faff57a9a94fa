import { expect, it } from 'vitest'
import type { DutyDivision } from '@shared/api/office'
import { isOver, missingOf } from './duties'

const village = (more: Partial<DutyDivision>): DutyDivision => ({
  code: '140522110204', name: '演礼村', level: 'village', people: 2100, needed: 2, first: 1, deputy: 1, handler: 1, liaison: 1, lecturer: 2, trained: 2, ...more,
})

it('lists nobody where all are there', () => {
  expect(missingOf([village({}), village({ lecturer: 3, trained: 3 })])).toEqual([])
})

it('says who is missing, how many lecturers, and who was not trained', () => {
  expect(missingOf([village({ first: 0, liaison: 0, lecturer: 1, trained: 0 })])).toEqual([
    { code: '140522110204', name: '演礼村', duties: ['first', 'liaison'], lecturers: 1, untrained: 1 },
  ])
  expect(missingOf([village({ level: 'township', needed: 0, lecturer: 0, trained: 0 })])).toEqual([])
})

it('a day is over the day after', () => {
  expect([isOver('2026-05-12', '2026-05-12'), isOver('2026-05-12', '2026-05-13'), isOver(undefined, '2026-05-13')]).toEqual([false, true, false])
})
