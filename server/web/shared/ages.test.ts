import { expect, test } from 'vitest'
import { age, maySign } from './ages'

test('a birthday counts from that day', () => {
  expect(age('2010-11-21', '2026-11-21')).toBe(16)
  expect(age('2010-11-22', '2026-11-21')).toBe(15)
  expect(age('2008-02-29', '2026-02-28')).toBe(17)
  expect(age('2008-02-29', '2026-03-01')).toBe(18)
  expect(age('', '2026-03-01')).toBeNull()
})

test('adults and people of unknown age may sign, those who have gone may not', () => {
  const may = (born: string, status = 'counted') => maySign({ born, status }, '2026-11-21')
  expect(['2008-11-22', '2008-11-21', '1930-01-01', ''].map((b) => may(b))).toEqual([false, true, true, true])
  expect(['away', 'dead', 'gone'].map((s) => may('1990-01-01', s))).toEqual([true, false, false])
})
