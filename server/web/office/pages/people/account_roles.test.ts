import { expect, test } from 'vitest'
import type { Account } from '@shared/api/office'
import { accountSheet, codeFree, levelsOf, mayGive, postsOf, withoutPost, withPosts, type Post } from './account_roles'

const VILLAGE = '140522110204'
const post = (role: Post['role'], prefix: string, until = ''): Post => ({ role, prefix, from: '', until })
const row = (account: string, role: Post['role'], prefix: string, until: string | null = null): Account => ({
  account, role, prefix, from: null, until, closed: false, signs_in: true, phones: 0, closed_at: null, closed_by: null, closed_why: null,
})
const rows = [row('S0001', 'secretary', VILLAGE), row('S0001', 'leader', `${VILLAGE}001`, '2026-12-31'), row('W0001', 'worker', `${VILLAGE}001`)]

test('a grid more leaves the others with their days, and nobody else is in the sheet', () => {
  const posts = withPosts(postsOf(rows, 'S0001'), [post('leader', `${VILLAGE}001`), post('leader', `${VILLAGE}002`)])
  expect(accountSheet('S0001', posts).trimEnd().split(/\r?\n/)).toEqual([
    'account,role,areas,from,until',
    `S0001,secretary,${VILLAGE},,`,
    `S0001,leader,${VILLAGE}001,,2026-12-31`,
    `S0001,leader,${VILLAGE}002,,`,
  ])
})

test('taking one away leaves the rest', () => {
  expect(withoutPost(postsOf(rows, 'S0001'), post('leader', `${VILLAGE}001`)).map((p) => p.role)).toEqual(['secretary'])
})

test('somebody new comes with name and phone, as text', () => {
  const sheet = accountSheet('W0002', [post('worker', `${VILLAGE}001`)], { name: ' 王,"三" ', phone: '138' })
  expect(sheet.split(/\r?\n/)[1]).toBe(`W0002,worker,${VILLAGE}001,,,"王,""三""",138`)
})

test('a township gives what is below it, villages nothing', () => {
  expect(mayGive('township')).not.toContain('township')
  expect(mayGive('admin')).toContain('auditor')
  expect(mayGive('secretary')).toEqual([])
  expect(levelsOf('leader')).toEqual(['grid'])
  expect(levelsOf('deputy')).toEqual(['village'])
})

test('the next code is one that nobody has', () => {
  expect(codeFree(rows, 'worker')).toBe('W0002')
  expect(codeFree(rows, 'deputy')).toBe('D0001')
})
