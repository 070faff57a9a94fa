import { expect, it } from 'vitest'
import { dayStartMs } from './doors'

it('begins a day when it begins in China', () => {
  const day = Date.parse('2026-11-22T00:00:00+08:00')
  expect([day, day + 1, day + 86_399_999].map(dayStartMs)).toEqual([day, day, day])
  expect(dayStartMs(day - 1)).toBe(day - 86_400_000)
})
