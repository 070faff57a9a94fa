// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { areaNow, areaUse } from '@shared/api/http'
import { earlyDrop } from './early'
import { lastArea, lastForget, lastKeep } from './last_area'
import { routerMake } from './router'
import { useSession } from './session'

// What these pages show is tested with them; here it only matters that one comes to them.
vi.mock('./pages/SignInPage.vue', () => ({ default: {} }))
vi.mock('./pages/AccountPage.vue', () => ({ default: {} }))

const TOWNSHIP = { role: 'township' as const, prefix: '140522110' }
const SECRETARY = { role: 'secretary' as const, prefix: '140522110204' }
let status = 200
let account = 'A0001'
let roles: { role: string; prefix: string }[] = [TOWNSHIP]
let asked: string[] = []
let answer: (() => void) | null = null

/** The server's answers wait until the test lets them go. */
beforeEach(() => {
  setActivePinia(createPinia())
  ;[status, account, roles, asked, answer] = [200, 'A0001', [TOWNSHIP], [], null]
  vi.stubGlobal('scrollTo', () => undefined)
  vi.stubGlobal('fetch', (path: string) => {
    asked.push(path)
    return new Promise((resolve) => {
      answer = () => resolve(new Response(JSON.stringify({ county: '140522', account, csrf: 'c', roles }), { status }))
    })
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  areaUse(null)
  localStorage.clear()
  sessionStorage.clear()
  earlyDrop()
})

it('guesses the role of the last time until the server has said who it is', async () => {
  lastKeep(TOWNSHIP, true)
  const who = useSession()
  expect(who.guess()).toBe(true)
  expect(who).toMatchObject({ state: 'unknown', area: '140522110', account: '' })
  expect(areaNow()).toBe('township/140522110')
  const looked = who.look()
  answer?.()
  await looked
  expect(who).toMatchObject({ state: 'in', area: '140522110', account: 'A0001', person: 0 })
  expect(areaNow()).toBeUndefined()
  expect(who.guess()).toBe(false)
})

it('guesses nothing where nobody worked here, or in a role that there is not', () => {
  expect(useSession().guess()).toBe(false)
  lastKeep({ role: 'emperor', prefix: '140522' }, false)
  expect(useSession().guess()).toBe(false)
})

it('takes another role when the account has not the guessed one any more', async () => {
  lastKeep(TOWNSHIP, false)
  roles = [SECRETARY]
  const who = useSession()
  who.guess()
  const looked = who.look()
  answer?.()
  await looked
  expect(who).toMatchObject({ area: SECRETARY.prefix, role: SECRETARY })
})

it('asks once for all who want to know', async () => {
  const who = useSession()
  const both = [who.look(), who.look()]
  answer?.()
  await Promise.all(both)
  expect(asked).toEqual(['/v1/session'])
})

it('counts whoever signs in after another, not the first', async () => {
  const who = useSession()
  for (const [name, person] of [['A0001', 0], ['A0001', 0], ['A0002', 1]] as const) {
    account = name
    const signed = who.signIn({ county: '140522', account: name, password: 'p' })
    answer?.()
    await signed
    expect(who.person).toBe(person)
  }
})

it('a board that was opened on a guess leads to signing in when it was nobody', async () => {
  lastKeep(TOWNSHIP, false)
  status = 401
  const router = routerMake()
  await router.push('/board/140522110')
  expect(router.currentRoute.value.name).toBe('board')
  answer?.()
  await vi.waitFor(() => expect(router.currentRoute.value).toMatchObject({ name: 'sign-in', query: { to: '/board/140522110' } }))
  expect(lastArea()).toBeNull()
})

it('other pages, and a board without a guess, wait for the server', async () => {
  for (const path of ['/account', '/board/140522110']) {
    if (path === '/account') lastKeep(TOWNSHIP, false)
    else lastForget()
    setActivePinia(createPinia())
    const router = routerMake()
    const gone = router.push(path)
    await vi.waitFor(() => expect(answer).not.toBeNull())
    expect(router.currentRoute.value.name).toBeUndefined()
    answer?.()
    await gone
    expect(router.currentRoute.value.path).toBe(path)
    answer = null
  }
})
