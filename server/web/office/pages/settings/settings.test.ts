import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { compact, PRESETS, rowFault, rowsOf, targetsText, thresholdOf } from './settings'

const sample = (name: string) => readFileSync(join(import.meta.dirname, '../../../../../deploy/sample', name), 'utf8')

it('the presets are the rules that are shipped, to the byte', () => {
  expect(JSON.stringify(PRESETS.visits)).toBe(sample('rule.json').trim())
  expect(JSON.stringify(PRESETS.plan)).toBe(sample('rule-plan.json').trim())
})

it('targets come back as they were', () => {
  const value: unknown = JSON.parse(sample('targets.json'))
  expect(JSON.parse(targetsText(rowsOf(value)))).toEqual(value)
  const named = [{ ...(value as object[])[0], groups: ['student', 'parent'] }]
  expect(JSON.parse(targetsText(rowsOf(named)))).toEqual(named)
  expect(rowsOf(null)).toEqual([])
})

it('a share is at most all, to the hundredth', () => {
  expect(thresholdOf('40')).toBe(4000)
  expect(thresholdOf('99.9%')).toBe(9990)
  for (const bad of ['', '101', '-1', '1.234', 'x']) expect(thresholdOf(bad)).toBeNull()
})

it('says what is wrong with a row', () => {
  const row = { ...rowsOf(JSON.parse(sample('targets.json')))[0]! }
  expect(rowFault(row)).toBeNull()
  expect(rowFault({ ...row, percent: 'x' })).toBe('percent')
  expect(rowFault({ ...row, due: '' })).toBe('days')
  expect(rowFault({ ...row, due: '2020-01-01' })).toBe('order')
})

it('JSON is made compact, anything else is none', () => {
  expect(compact('[ 1, {"a": "b c"} ]')).toBe('[1,{"a":"b c"}]')
  expect(compact('{')).toBeNull()
})
