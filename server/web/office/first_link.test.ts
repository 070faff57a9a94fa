// @vitest-environment happy-dom
import { beforeEach, expect, it } from 'vitest'
import { firstLink, firstOf, firstTake } from './first_link'

const CODE = '140522.' + 'a-_Z0'.padEnd(22, 'x')

beforeEach(() => {
  firstLink.value = null
})

it('the link carries code, county and account; an older one no account', () => {
  expect(firstOf(`#first=${CODE}&account=A0001`)).toEqual({ code: CODE, county: '140522', account: 'A0001' })
  expect(firstOf(`#first=${CODE}`)).toEqual({ code: CODE, county: '140522', account: '' })
})

it('anything else is no such link', () => {
  for (const hash of ['', '#', `#enrol=${CODE}`, `#first=${CODE}x`, '#first=140522.short', `#first=${CODE}&account=a b`, `#x#first=${CODE}`])
    expect(firstOf(hash), hash).toBeNull()
})

it('the code leaves the address before a page is shown, and the form is what is opened', () => {
  history.replaceState(null, '', `/office/board#first=${CODE}&account=A0001`)
  expect(firstTake()).toBe(true)
  expect(location.pathname + location.search + location.hash).toBe('/office/sign-in')
  expect(firstLink.value?.account).toBe('A0001')
  expect(firstTake()).toBe(false)
})
