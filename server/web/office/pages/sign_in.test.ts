import { expect, it } from 'vitest'
import { accountProblem, passwordProblem, placeAfter } from './sign_in'

it('an account is a letter and letters or digits', () => {
  expect(accountProblem('  ')).toBe('empty')
  expect(['S0001', 's0001', ' W12 '].map(accountProblem)).toEqual([null, null, null])
  expect(['S', '1S', '王书记', 'S0001;', 'S'.repeat(17)].map(accountProblem)).toEqual(Array(5).fill('form'))
})

it('only a new password has to be long', () => {
  expect(passwordProblem('', false)).toBe('empty')
  expect(passwordProblem('123', false)).toBeNull()
  expect(passwordProblem('123456789', true)).toBe('short')
  expect(passwordProblem('村里反诈宣传要做好了', true)).toBeNull()
  expect(passwordProblem('村'.repeat(42), true)).toBeNull()
  expect(passwordProblem('村'.repeat(43), true)).toBe('long')
})

it('nobody is sent to another site', () => {
  expect(placeAfter('/lists?x=1')).toBe('/lists?x=1')
  for (const bad of ['//evil.example', '/\\evil.example', 'https://evil.example', '', undefined, ['/a']])
    expect(placeAfter(bad)).toBe('/')
})
