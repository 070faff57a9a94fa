import { expect, it } from 'vitest'
import { figureWords } from '../figure_words'
import { aliases, importedMetrics, pasted, textOf, valueOf } from './figures_sheet'

const villages = [{ code: '140522110204', name: '柴凹村' }, { code: '140522110205', name: '北村' }]

it('knows which figures of a rule come from elsewhere', () => {
  expect(importedMetrics({ metrics: [{ name: 'visited' }, { name: 'cases' }, { name: 'loss_cents' }] })).toEqual(['cases', 'loss_cents'])
  expect(importedMetrics(null)).toEqual([])
})

it('takes what is copied from a spreadsheet', () => {
  const got = pasted('村\t发案数\t损失(元)\t备注\n 柴凹村 \t2\t1,200.5\tx\n140522110205\t0\t\t\n别的村\t1\t1\t\n\t\t\t\n', villages, ['cases', 'loss_cents'])
  expect(got.cells).toEqual([
    { code: '140522110204', metric: 'cases', text: '2' }, { code: '140522110204', metric: 'loss_cents', text: '1,200.5' },
    { code: '140522110205', metric: 'cases', text: '0' }, { code: '140522110205', metric: 'loss_cents', text: '' },
  ])
  expect(got.strange).toEqual(['备注', '别的村'])
})

it('counts are whole, money is in cents, anything else is no number', () => {
  expect(valueOf('cases', ' 2 ')).toBe(2)
  expect(valueOf('loss_cents', '1,200.5')).toBe(120050)
  expect(valueOf('loss_cents', '3')).toBe(300)
  for (const bad of ['', '-1', '1.5', '二', '=1+1', '1e3']) expect(valueOf('cases', bad)).toBeNull()
  expect(textOf('loss_cents', 120050)).toBe('1200.50')
  expect(textOf('loss_cents', 300)).toBe('3')
})

it('knows each figure of annex 3 by a word and by the headings of a sheet, no heading for two of them', () => {
  expect(Object.keys(aliases).sort()).toEqual(Object.keys(figureWords.zh.metric).sort())
  const headings = Object.values(aliases).flat()
  expect(new Set(headings).size).toBe(headings.length)
  const names = Object.keys(aliases)
  const line = (cells: string[]) => cells.join('\t')
  const got = pasted([line(['村', ...names.map((n) => aliases[n]![0]!)]), line(['北村', ...names.map((_, i) => String(i))])].join('\n'), villages, names)
  expect(got.strange).toEqual([])
  expect(got.cells.map((c) => [c.metric, c.text])).toEqual(names.map((n, i) => [n, String(i)]))
})
