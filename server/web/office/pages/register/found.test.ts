import { expect, test } from 'vitest'
import type { Card, Household, PageAsk } from '@shared/api/lists'
import { Problem } from '@shared/api/problem'
import { MATCHES_MAX, matchesOf } from './found'

const row = (n: number) =>
  ({ household: `h${n}`, grid: '140522110204001', status: 'counted', head: '王**', phone: '', group: '三组', lane: '', door: `${n}号` }) as Household

function server(rows: Household[], atOnce = 500) {
  const asked: { ask: PageAsk; text: string }[] = []
  const codes: string[] = []
  return {
    asked,
    codes,
    find: async (ask: PageAsk, text: string) => {
      asked.push({ ask, text })
      const from = Number(ask.after ?? 0)
      const end = from + Math.min(ask.limit, atOnce)
      return { rows: rows.slice(from, end), next: end < rows.length ? String(end) : null }
    },
    card: async (id: string) => {
      codes.push(id)
      if (id.startsWith('none')) throw new Problem('not-found', 404, 'no such household')
      if (id.startsWith('down')) throw new Problem('unavailable', 503, 'down')
      return { household: { ...row(7), household: id } } as unknown as Card
    },
  }
}

test('what is typed is looked for in the area, without blanks around it, and short answers are put together', async () => {
  const s = server([row(1), row(2), row(3)], 1)
  const got = await matchesOf(s, ' 三组 wjg ', '140522110')
  expect(got).toMatchObject({ more: false, rows: [{ household: 'h1', address: { door: '1号' } }, { household: 'h2' }, { household: 'h3' }] })
  expect(s.asked.map((a) => [a.text, a.ask.within, a.ask.part, a.ask.after])).toEqual([
    ['三组 wjg', '140522110', 'all', null],
    ['三组 wjg', '140522110', 'all', '1'],
    ['三组 wjg', '140522110', 'all', '2'],
  ])
})

test('of too many some are shown and it is said; the household itself is none of them', async () => {
  const rows = Array.from({ length: MATCHES_MAX + 5 }, (_, i) => row(i))
  const got = await matchesOf(server(rows), '三组', '140522110')
  expect([got.rows.length, got.more]).toEqual([MATCHES_MAX, true])
  const few = await matchesOf(server([row(1), row(2)]), '三组', '140522110', 'h1')
  expect([few.rows.map((r) => r.household), few.more]).toEqual([['h2'], false])
  const exact = await matchesOf(server(rows.slice(0, MATCHES_MAX)), '三组', '140522110')
  expect([exact.rows.length, exact.more]).toEqual([MATCHES_MAX, false])
})

test('a code is read at its card; one that nobody has is no match, another failure is one', async () => {
  const s = server([])
  expect((await matchesOf(s, 'AbcdefghijklmnopqrsT_-', '140522110')).rows[0]?.household).toBe('AbcdefghijklmnopqrsT_-')
  expect(s.asked).toEqual([])
  expect(await matchesOf(s, 'none5678901234567890ab', '140522110')).toEqual({ rows: [], more: false })
  await expect(matchesOf(s, 'down5678901234567890ab', '140522110')).rejects.toThrow('down')
})
