// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Signoff } from '@shared/api/week'
import { i18nMake } from '@shared/i18n'
import SignOff from './SignOff.vue'

const stage = { prefix: '140522110', basis: 'door', assurance: 'reported', threshold: 5000, from: '2026-10-01', due: '2999-12-31', gap: 171, met: false }
const figure = (more: object) => ({ state: 'ok', num: 312, evidenced: 0, den: 800, refused: 0, percent: 3900, percent_evidenced: 0, target: stage, next: null, ...more })
const figures = { visited: figure({}), notice_signed: figure({ target: { ...stage, met: true, gap: 0 } }), pledge: figure({ target: null }) }

beforeEach(() => {
  localStorage.setItem('qm.language', 'zh')
  const answer = { level: 'village', within: '140522110204', targets: 'ok', asof: { recv: Date.parse('2026-11-22T01:30:00Z') }, rows: [{ code: '140522110204', name: '演礼村', figures }] }
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify(answer), { headers: { 'Content-Type': 'application/json' } })))
})
afterEach(() => vi.unstubAllGlobals())

it('says what is still to be done as the board does, and of when the figures are', async () => {
  const signoff = { village: '140522110204', name: '演礼村', state: 'missing', to: null, roster: null, prepared_by: null, prepared_at: null, confirmed_by: null, confirmed_at: null } as unknown as Signoff
  const page = mount(SignOff, { props: { signoff, period: '2026-W46', account: 'D0001', role: 'deputy' }, global: { plugins: [createPinia(), i18nMake()] } })
  await flushPromises()
  const [visited, signed, pledge] = page.findAll('dl > div').map((d) => d.text())
  expect(visited).toContain('还差171户')
  expect(visited).not.toContain('488')
  expect(signed).toContain('已达到阶段目标')
  expect(pledge).toContain('没有设目标')
  expect(page.text()).toMatch(/现在的数字,截至.*9:30/)
})
