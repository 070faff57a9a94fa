import { expect, it } from 'vitest'
import type { Bulletin, BulletinRow } from '@shared/api/week'
import { numberWas, rankWas } from './corrected'

const metric = (name: string, imported = false) => ({ name, imported, ranked: true, public: true }) as Bulletin['metrics'][number]
const row = (code: string, rank: number, cells: [number, number][], out = '') =>
  ({ code, name: code, rank, out, cells: cells.map(([num, den]) => ({ num, den })) }) as unknown as BulletinRow

const now = [metric('visited'), metric('cases', true), metric('pledge')]
const was = { metrics: [metric('cases', true), metric('visited')], rows: [row('a', 1, [[2, 1], [5, 9]]), row('b', 0, [[0, 1], [3, 9]], 'small')] } as unknown as NonNullable<Bulletin['corrected']>

it('says what stood there, and nothing where it still stands', () => {
  const a = row('a', 1, [[5, 9], [3, 1], [1, 9]])
  expect(rankWas(was, a)).toBeUndefined()
  expect([0, 1, 2].map((i) => numberWas(was, now, a, i))).toEqual([undefined, '2', null])
  expect(numberWas(was, now, row('a', 1, [[5, 8]]), 0)).toBe('5/9')
  expect(rankWas(was, row('a', 2, []))).toBe('1')
  expect(rankWas(was, row('b', 2, []))).toBe('—')
  expect(rankWas(was, row('b', 0, [], 'empty'))).toBeUndefined()
})

it('names a division that was not there, and marks nothing without a correction', () => {
  const c = row('c', 3, [[1, 2]])
  expect([rankWas(was, c), numberWas(was, now, c, 0)]).toEqual([null, null])
  expect([rankWas(undefined, c), numberWas(undefined, now, c, 0), numberWas(was, now, c, 7)]).toEqual([undefined, undefined, undefined])
})
