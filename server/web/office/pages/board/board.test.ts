import { expect, it } from 'vitest'
import type { Phone } from '@shared/api/figures'
import { levelOf, levelsBelow, silentOf, stepsOf } from './board'

const DAY = 86_400_000
const NOW = Date.parse('2026-11-21T12:00:00Z')
const phone = (account: string, more: Partial<Phone>): Phone => ({
  device: `d-${account}`, account, hard: false, enrolled: NOW - 30 * DAY, heard: NOW, revoked: false, revoked_at: null, seq: 9, missing: 0, own: false, ...more,
})

it('areas are told apart by their length', () => {
  expect(['140522', '140522110', '140522110204', '140522110204001'].map(levelOf)).toEqual(['county', 'township', 'village', 'grid'])
  expect(levelsBelow('140522110')).toEqual(['village', 'grid'])
  expect(levelsBelow('140522110204001')).toEqual([])
})

it('silent is who was not heard of for three days or owes records, the longest first', () => {
  const silent = silentOf(
    [
      phone('W1', {}),
      phone('W2', { heard: NOW - 3 * DAY, missing: 117 }),
      phone('W3', { heard: NOW - 2 * DAY }),
      phone('W4', { heard: null }),
      phone('W5', { heard: NOW - 9 * DAY, revoked: true }),
      phone('W6', { missing: 2 }),
      phone('W7', { heard: null, enrolled: NOW - DAY }),
    ],
    NOW,
  )
  expect(silent.map((s) => [s.account, s.days, s.missing])).toEqual([['W4', null, 0], ['W2', 3, 117], ['W6', 0, 2]])
})

it('steps are those of the nearest area that has any, each beginning where the one before ends', () => {
  const t = (prefix: string, threshold: number, due: string, metric: 'visited' | 'app' = 'visited') => ({ metric, prefix, threshold, from: '2026-10-08', due })
  const all = [t('140522', 9000, '2026-12-31'), t('140522110', 10000, '2026-12-31'), t('140522110', 5000, '2026-11-30'), t('140522110', 4000, '2026-12-31', 'app')]
  expect(stepsOf(all, 'visited', '140522110204')).toEqual([
    { from: '2026-10-08', due: '2026-11-30', threshold: 5000 },
    { from: '2026-11-30', due: '2026-12-31', threshold: 10000 },
  ])
  expect(stepsOf(all, 'visited', '140522111')).toEqual([{ from: '2026-10-08', due: '2026-12-31', threshold: 9000 }])
  expect(stepsOf(all, 'pledge', '140522110204')).toEqual([])
})
