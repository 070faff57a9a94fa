import { describe, expect, it } from 'vitest'
import { count, day, dayOf, hundredths, share, targetMet, time } from './format'

describe('shares', () => {
  it('are cut, never rounded up', () => {
    expect(share(99999, 100000)).toBe('99.99%')
    expect(share(422, 828)).toBe('50.96%')
    expect(share(0, 5)).toBe('0.00%')
    expect(share(7, 7)).toBe('100.00%')
    expect(share(1, 1000)).toBe('0.10%')
  })
  it('are none without a denominator', () => {
    expect(share(0, 0)).toBeNull()
    expect(hundredths(3, 0)).toBeNull()
    expect(targetMet(0, 0, 0)).toBe(false)
  })
  it('stay exact where doubles would not', () => {
    expect(hundredths(9007199254740990, 9007199254740991)).toBe(9999)
    expect(targetMet(9007199254740990, 9007199254740991, 10000)).toBe(false)
    expect(targetMet(1, 2, 5000)).toBe(true)
    expect(targetMet(4999, 10000, 5000)).toBe(false)
  })
})

describe('days', () => {
  it('are those of China', () => {
    const lateInLondon = Date.UTC(2026, 10, 20, 16, 0)
    expect(dayOf(lateInLondon)).toBe('2026-11-21')
    expect(dayOf(lateInLondon - 1)).toBe('2026-11-20')
    expect(time(lateInLondon)).toBe('2026-11-21 00:00')
  })
  it('are written as people say them', () => {
    expect(day('2026-03-01')).toBe('3月1日')
    expect(day('2026-03-01', 'en')).toBe('1 March')
  })
  it('count in groups of three', () => {
    expect(count(29600)).toBe('29,600')
  })
})
