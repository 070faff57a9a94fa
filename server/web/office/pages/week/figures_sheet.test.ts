import { expect, it } from 'vitest'
import { importedMetrics, pasted, textOf, valueOf } from './figures_sheet'

const villages = [{ code: '140522110204', name: '柴凹村' }, { code: '140522110205', name: '北村' }]

it('knows which figures of a rule come from elsewhere', () => {
  expect(importedMetrics({ metrics: [{ name: 'visited' }, { name: 'cases' }, { name: 'loss' }] })).toEqual(['cases', 'loss'])
  expect(importedMetrics(null)).toEqual([])
})

it('takes what is copied from a spreadsheet', () => {
  const got = pasted('村\t发案数\t损失(元)\t备注\n 柴凹村 \t2\t1,200.5\tx\n140522110205\t0\t\t\n别的村\t1\t1\t\n\t\t\t\n', villages, ['cases', 'loss'])
  expect(got.cells).toEqual([
    { code: '140522110204', metric: 'cases', text: '2' }, { code: '140522110204', metric: 'loss', text: '1,200.5' },
    { code: '140522110205', metric: 'cases', text: '0' }, { code: '140522110205', metric: 'loss', text: '' },
  ])
  expect(got.strange).toEqual(['备注', '别的村'])
})

it('counts are whole, money is in cents, anything else is no number', () => {
  expect(valueOf('cases', ' 2 ')).toBe(2)
  expect(valueOf('loss', '1,200.5')).toBe(120050)
  expect(valueOf('loss', '3')).toBe(300)
  for (const bad of ['', '-1', '1.5', '二', '=1+1', '1e3']) expect(valueOf('cases', bad)).toBeNull()
  expect(textOf('loss', 120050)).toBe('1200.50')
  expect(textOf('loss', 300)).toBe('3')
})
