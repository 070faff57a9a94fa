import { expect, it } from 'vitest'
import type { Phone } from '@shared/api/office'
import { gapOf, named, phonesSorted, phoneWords, portions, REASONS } from './people'

const DAY = 86_400_000
const phone = (account: string, more: Partial<Phone>): Phone => ({
  device: account, account, hard: false, enrolled: 0, heard: 100 * DAY, revoked: false, revoked_at: null, seq: 1, missing: 0, own: false, ...more,
})

it('says since when a phone is silent and what it owes', () => {
  expect(gapOf(phone('W1', { heard: 97 * DAY, missing: 117 }), 100 * DAY + 5)).toEqual({ days: 3, missing: 117, silent: true })
  expect(gapOf(phone('W1', {}), 100 * DAY)).toEqual({ days: 0, missing: 0, silent: false })
  expect(gapOf(phone('W1', { heard: null }), 100 * DAY)).toEqual({ days: null, missing: 0, silent: true })
  expect(gapOf(phone('W1', { heard: 101 * DAY }), 100 * DAY).days).toBe(0)
  expect(gapOf(phone('W1', { heard: 1, revoked: true }), 100 * DAY).silent).toBe(false)
})

it('those that owe most come first', () => {
  const all = [phone('A', {}), phone('B', { missing: 2 }), phone('C', { heard: 0 }), phone('D', { revoked: true })]
  expect(phonesSorted(all, 100 * DAY).map((p) => p.account)).toEqual(['C', 'B', 'A', 'D'])
})

it('decisions go in portions that one call takes, with reasons the server takes', () => {
  const ids = Array.from({ length: 130 }, (_x, i) => String(i))
  expect(portions(ids).map((p) => p.length)).toEqual([64, 64, 2])
  expect(portions([])).toEqual([])
  for (const r of REASONS) expect(r).toMatch(/^[a-z0-9][a-z0-9_-]{0,39}$/)
})

it('two phones of one person are told apart; a name is shown where there is one', () => {
  const t = (key: string, v: Record<string, string>) => (key === 'never' ? 'never' : `${v['enrolled']} ${v['heard']}`)
  const [one, two] = [phone('W1', { enrolled: 10 * DAY, heard: null }), phone('W1', { enrolled: 20 * DAY, heard: null })]
  expect(phoneWords(one, t)).toBe('1970-01-11 never')
  expect(phoneWords(two, t)).not.toBe(phoneWords(one, t))
  expect([named('W1', '网**'), named('W1', null), named('W1', undefined)]).toEqual(['W1 网**', 'W1', 'W1'])
})
