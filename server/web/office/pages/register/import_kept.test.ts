// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { i18nMake } from '@shared/i18n'
import { useSession } from '../../session'
import FilePick from './FilePick.vue'
import RegisterPage from './RegisterPage.vue'

const TABLE = [['网格代码', '村民小组', '户主姓名', '状态'], ['140522110204001', '九组', '张某', '常住']]

beforeEach(() => {
  setActivePinia(createPinia())
  localStorage.setItem('qm.language', 'zh')
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('{"rows":[]}', { headers: { 'Content-Type': 'application/json' } })))
})
afterEach(() => vi.unstubAllGlobals())

async function page() {
  const session = useSession()
  session.role = { role: 'township', prefix: '140522110' }
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: RegisterPage }] })
  await router.push('/')
  const made = mount(RegisterPage, { global: { plugins: [router, i18nMake()] } })
  await flushPromises()
  const press = async (text: string) => {
    await made.findAll('button').find((b) => b.text().startsWith(text))!.trigger('click')
    await flushPromises()
  }
  return { made, press }
}

it('keeps a chosen file and its columns while another part of the page is looked at', async () => {
  const { made, press } = await page()
  made.getComponent(FilePick).vm.$emit('table', TABLE, '名册.xlsx')
  await flushPromises()
  await press('改一户')
  await press('导入')
  expect(made.text()).toContain('名册.xlsx')
  made.unmount()
})
