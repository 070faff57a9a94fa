// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { i18nMake } from '@shared/i18n'
import { useSession } from '../../session'
import SilentPhones from './SilentPhones.vue'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
let rows: object[] = []
let asked: string[] = []
const phone = (n: number) => ({ device: `d${n}`, account: `W000${n}`, heard: Date.now() - (10 + n) * DAY_MS, enrolled: 0, missing: 0, revoked: false })

beforeEach(() => {
  localStorage.setItem('qm.language', 'zh')
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  rows = [1, 2, 3, 4, 5].map(phone)
  asked = []
  setActivePinia(createPinia())
  vi.stubGlobal('fetch', (url: string | URL) => {
    const path = new URL(String(url), 'http://here').pathname
    asked.push(path)
    const answer = path === '/v1/names' ? [{ account: 'W0005', name: '王**' }] : rows
    return Promise.resolve(new Response(JSON.stringify({ rows: answer }), { headers: { 'Content-Type': 'application/json' } }))
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

function seen() {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/people', name: 'people', component: SilentPhones }] })
  return mount(SilentPhones, { props: { within: '140522110204', brief: true }, global: { plugins: [router, i18nMake()] } })
}

it('shows a few on a small screen, and forgets who was heard of again while the page stays open', async () => {
  const page = seen()
  await flushPromises()
  expect([page.findAll('li').length, page.get('a').text()]).toEqual([3, '+2'])
  rows = rows.slice(4)
  vi.advanceTimersByTime(MINUTE_MS)
  await flushPromises()
  expect(page.findAll('li').map((l) => l.get('b').text())).toEqual(['W0005'])
  page.unmount()
})

it('says who they are beside their codes, asking once; whoever sees no names asks for none', async () => {
  const session = useSession()
  session.role = { role: 'secretary', prefix: '140522110204' }
  const page = seen()
  await flushPromises()
  expect(page.findAll('b').map((b) => b.text())).toEqual(['W0005 王**', 'W0004', 'W0003'])
  expect(asked.filter((p) => p === '/v1/names')).toHaveLength(1)
  session.role = { role: 'admin', prefix: '140522' }
  await flushPromises()
  expect(page.findAll('b').map((b) => b.text())).toEqual(['W0005', 'W0004', 'W0003'])
  expect(asked.filter((p) => p === '/v1/names')).toHaveLength(1)
  page.unmount()
})
