import type { Setting } from '@shared/api/office'
import { expect, it } from 'vitest'
import { rowsOf, type TargetRow } from './settings'
import { partsOf, pushedAside, setterOf } from './target_parts'

const target = (prefix: string, metric = 'visited', threshold = 5000) => ({ metric, prefix, basis: 'door', threshold, from: '2026-01-01', due: '2026-12-31', assurance: 'reported' })
const row = (...args: Parameters<typeof target>): TargetRow => rowsOf([target(...args)])[0]!
const version = (index: number, by: string, ...value: unknown[]): Setting => ({ index, set: index, by, sha256: '', value: value as Record<string, never>[] })

it('an area sets its own targets and those within it; from above it sees those that hold there', () => {
  const rows = ['140522', '140522110', '140522110204', '140522111'].map((p) => row(p))
  const prefixes = (area: string) => {
    const { own, above } = partsOf(rows, area)
    return [own.map((r) => r.prefix), above.map((r) => r.prefix)]
  }
  expect(prefixes('140522110')).toEqual([['140522110', '140522110204'], ['140522']])
  expect(prefixes('140522')).toEqual([['140522', '140522110', '140522110204', '140522111'], []])
  expect(prefixes('140522110204')).toEqual([['140522110204'], ['140522', '140522110']])
})

it('a target of the area itself pushes the county\'s of that metric aside, a village\'s does not', () => {
  const county = row('140522')
  expect(pushedAside(county, [row('140522110')], '140522110')).toBe(true)
  expect(pushedAside(county, [row('140522110', 'app')], '140522110')).toBe(false)
  expect(pushedAside(county, [row('140522110204')], '140522110')).toBe(false)
})

it('who set a target is who put it in force as it stands, not who set something else later', () => {
  const versions = [
    version(9, 'T0001', target('140522'), target('140522110')),
    version(7, 'C0002', target('140522')),
    version(5, 'C0001', target('140522', 'visited', 4000)),
    version(3, 'C0003', target('140522')),
  ]
  expect(setterOf(row('140522'), versions, true)?.by).toBe('C0002')
  expect(setterOf(row('140522110'), versions, true)?.by).toBe('T0001')
  expect(setterOf(row('140522111'), versions, true)).toBeNull()
})

it('what stands in all versions that are known was set before them, or with the first', () => {
  const versions = [version(9, 'T0001', target('140522')), version(7, 'C0001', target('140522'))]
  expect(setterOf(row('140522'), versions, false)).toBeNull()
  expect(setterOf(row('140522'), versions, true)?.by).toBe('C0001')
})
