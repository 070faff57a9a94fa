// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import '@qiaomen/sdk' // fetched by the form when it is first needed, which takes its time
import { i18nMake } from '@shared/i18n'
import DirectiveForm from './DirectiveForm.vue'

const areas = [
  { code: '140522110', name: '镇', level: 'township' },
  { code: '140522110204', name: '村', level: 'village' },
] as const
const asked: { path: string; body: Record<string, string> }[] = []
let answers: number[] = []

beforeEach(() => {
  localStorage.setItem('qm.language', 'zh')
  asked.length = 0
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    asked.push({ path: String(path), body: JSON.parse(String(init.body)) as Record<string, string> })
    const status = answers.shift() ?? 200
    const body = status === 200 ? '{"repeated":false}' : '{"type":"/problems/forbidden","title":"x","status":403}'
    return Promise.resolve(new Response(body, { status, headers: { 'Content-Type': status === 200 ? 'application/json' : 'application/problem+json' } }))
  })
})

it('publishes for the chosen area; a second try of the same text has the same number, the next text another', async () => {
  const page = mount(DirectiveForm, { props: { areas: [...areas], first: '140522110' }, global: { plugins: [createPinia(), i18nMake()] } })
  const write = async (title: string): Promise<void> => {
    await page.get('select').setValue('140522110204')
    await page.get('input[type=text]').setValue(title)
    await page.get('textarea').setValue('本周请先走三组。')
  }
  const press = async (n: number): Promise<void> => {
    await page.get('form').trigger('submit')
    await vi.waitFor(() => expect(asked.length).toBe(n), 5000)
    await flushPromises()
  }
  answers = [403, 200, 200]
  await write('入户安排')
  await press(1)
  expect(page.emitted('published')).toBeUndefined()
  await press(2)
  expect(page.emitted('published')).toHaveLength(1)
  await write('再一份')
  await press(3)
  expect(asked.map((a) => [a.body['scope'], a.body['title'], a.body['due']])).toEqual([
    ['140522110204', '入户安排', undefined], ['140522110204', '入户安排', undefined], ['140522110204', '再一份', undefined],
  ])
  expect(asked[0]!.body['directive']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
  expect(asked[1]!.body['directive']).toBe(asked[0]!.body['directive'])
  expect(asked[2]!.body['directive']).not.toBe(asked[0]!.body['directive'])
})
