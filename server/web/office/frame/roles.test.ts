import { expect, it } from 'vitest'
import { doorsOf, roleFirst } from './roles'

it('the menu has only the doors that open for a role', () => {
  expect(doorsOf('secretary').map((d) => d.name)).toEqual(['board', 'households', 'residents', 'week', 'directives', 'people', 'register', 'paper', 'settings'])
  expect(doorsOf('leader').map((d) => d.name)).toContain('week')
  expect(doorsOf('worker').map((d) => d.name)).toEqual(['board', 'households', 'residents', 'settings'])
  expect(doorsOf('auditor').map((d) => d.name)).toContain('access')
})

it('whoever has several roles starts as the widest', () => {
  const roles = [
    { role: 'worker', prefix: '140522110204001' },
    { role: 'secretary', prefix: '140522110204' },
    { role: 'deputy', prefix: '140522110204' },
  ] as const
  expect(roleFirst(roles)).toEqual(roles[1])
  expect(roleFirst([])).toBeNull()
})
