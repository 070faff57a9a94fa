// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { i18nMake } from '@shared/i18n'
import SilentPhones from './SilentPhones.vue'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
let rows: object[] = []
const phone = (n: number) => ({ device: `d${n}`, account: `W000${n}`, heard: Date.now() - (10 + n) * DAY_MS, enrolled: 0, missing: 0, revoked: false })

beforeEach(() => {
  localStorage.setItem('qm.language', 'zh')
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  rows = [1, 2, 3, 4, 5].map(phone)
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify({ rows }), { headers: { 'Content-Type': 'application/json' } })))
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

it('shows a few on a small screen, and forgets who was heard of again while the page stays open', async () => {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/people', name: 'people', component: SilentPhones }] })
  const page = mount(SilentPhones, { props: { within: '140522110204', brief: true }, global: { plugins: [router, i18nMake()] } })
  await flushPromises()
  expect([page.findAll('li').length, page.get('a').text()]).toEqual([3, '+2'])
  rows = rows.slice(4)
  vi.advanceTimersByTime(MINUTE_MS)
  await flushPromises()
  expect(page.findAll('li').map((l) => l.get('b').text())).toEqual(['W0005'])
  page.unmount()
})
