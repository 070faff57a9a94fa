import { describe, expect, test } from 'vitest'
import type { AccessLine } from '@shared/api/office'
import { accountRead, subjectOf, wantedFault, wantedQuery, wantedRead } from './access'

const line = (over: Partial<AccessLine>): AccessLine => ({
  at: 1, account: 'S0001', role: 'secretary', what: 'reveal', subject: 'A'.repeat(22), reason: '回访', household: 'A'.repeat(22), grid: '140522110204001', ...over,
})

describe('what is asked of the access log', () => {
  test('comes from the address, and what cannot be asked for is left out', () => {
    const wanted = wantedRead({ account: 's0001', what: 'reveal', from: '2026-03-05', until: 'tomorrow' })
    expect(wanted).toEqual({ account: 'S0001', what: 'reveal', from: '2026-03-05', until: '' })
    expect(wantedQuery(wanted)).toEqual({ account: 'S0001', what: 'reveal', from: '2026-03-05' })
    expect(wantedQuery(wantedRead({ account: ['S1', 'S2'], what: 'secrets' }))).toEqual({})
  })

  test('an account is read in either case; what none can be called is said', () => {
    expect(accountRead(' w0001 ')).toBe('W0001')
    expect(accountRead('')).toBe('')
    for (const bad of ['王书记', '0001', 'S', 'S0001 S0002']) expect(accountRead(bad)).toBeNull()
    expect(wantedFault({ account: '王书记', what: '', from: '', until: '' })).toBe('account_wrong')
  })

  test('days in the wrong order are said; one day alone is in order', () => {
    expect(wantedFault({ account: '', what: '', from: '2026-03-06', until: '2026-03-05' })).toBe('days_wrong')
    expect(wantedFault({ account: '', what: '', from: '2026-03-05', until: '2026-03-05' })).toBeNull()
    expect(wantedFault({ account: '', what: '', from: '2026-03-06', until: '' })).toBeNull()
  })
})

describe('what a note is about', () => {
  test('a door, a person of a door, or an area', () => {
    expect(subjectOf(line({})).kind).toBe('household')
    expect(subjectOf(line({ household: 'B'.repeat(22) })).kind).toBe('resident')
    expect(subjectOf(line({ what: 'find_residents', subject: '140522110204', household: null, grid: null }))).toEqual({ kind: 'area', code: '140522110204' })
  })
})
