import { expect, test } from 'vitest'
import type { Account } from '@shared/api/office'
import { workersFor } from './workers'

const person = (account: string, role: string, prefix: string, closed = false) => ({ account, role, prefix, closed }) as Account
const GRID = '140522110204001'

test('those of the grid come first, then those of the village; each once; nobody who is closed or does no doors', () => {
  const all = [
    person('W0002', 'worker', '140522110205001'), person('W0001', 'worker', GRID), person('W0003', 'worker', '140522110204002'),
    person('S0001', 'secretary', '140522110204'), person('W0001', 'leader', '140522110204002'), person('A0001', 'township', '140522110'),
    person('W0009', 'worker', GRID, true),
  ]
  expect(workersFor(all, GRID, 'W0001')).toEqual({ grid: ['W0001'], village: ['S0001', 'W0003'], other: ['W0002'] })
})

test('who has the household already stays among them', () => {
  expect(workersFor([], GRID, 'W0007')).toEqual({ grid: [], village: [], other: ['W0007'] })
  expect(workersFor([], GRID, null)).toEqual({ grid: [], village: [], other: [] })
})
