import { expect, test } from 'vitest'
import type { Account, Division } from '@shared/api/office'
import { firstSteps, startsOffice } from './first_steps'

const division = (code: string, level: Division['level']): Division => ({ code, level, name: code }) as Division
const account = (role: Account['role'], closed = false): Account => ({ account: 'X1', role, closed }) as Account
const empty = { divisions: [], accounts: [], targets: false, texts: false }

test('a township on its first day: nothing is done, grids come first', () => {
  const steps = firstSteps('township', empty)
  expect(steps.map((s) => [s.name, s.done])).toEqual([['grids', false], ['people', false], ['households', false], ['residents', false], ['targets', false]])
  expect(steps[0]!.to).toBe('/register?kind=grids')
})

test('what is there is done; a closed worker is none', () => {
  const known = { divisions: [division('140522110204001', 'grid')], accounts: [account('worker', true)], targets: true, texts: true }
  expect(firstSteps('township', known).map((s) => s.done)).toEqual([true, false, false, false, true])
  expect(firstSteps('township', { ...known, accounts: [account('worker')] })[1]!.done).toBe(true)
})

test('the county begins with divisions, offices and rules', () => {
  expect(firstSteps('admin', empty).map((s) => s.name)).toEqual(['divisions', 'offices', 'rules'])
  const known = { divisions: [division('140522110204', 'village')], accounts: [account('township')], targets: true, texts: false }
  expect(firstSteps('admin', known).map((s) => s.done)).toEqual([true, true, false])
})

test('whoever looks on has no steps', () => {
  expect(startsOffice('secretary')).toBe(false)
  expect(startsOffice('township')).toBe(true)
})
