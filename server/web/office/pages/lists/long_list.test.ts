// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, expect, it } from 'vitest'
import { i18nMake } from '@shared/i18n'
import LongList from './LongList.vue'
import { SORTED_MAX, sortedPages } from './pages'

beforeEach(() => localStorage.setItem('qm.language', 'zh'))

interface Row {
  name: string
}
const rows = (n: number): Row[] => Array.from({ length: n }, (_, i) => ({ name: `${n - i}` }))
function listOf(n: number) {
  const ask = sortedPages<Row>(() => Promise.resolve({ rows: rows(n), next: null }), (r) => r.name)
  const props = { caption: '住户', columns: [{ key: 'name', label: '姓名', wide: 1 }], ask: (after: string | null) => ask(after, 100), about: '' }
  return mount(LongList, { props, slots: { name: ({ row }: { row: unknown }) => (row as Row).name }, global: { plugins: [i18nMake()] } })
}

it('says plainly that so long a list has no other order, and offers the one it has', async () => {
  const list = listOf(SORTED_MAX + 1)
  await flushPromises()
  const said = list.get('[role=alert]')
  expect(said.text()).toContain(`超过${SORTED_MAX}行`)
  expect(list.findAll('[role=row]')).toHaveLength(1)
  await said.get('button').trigger('click')
  expect(list.emitted('server-order')).toHaveLength(1)
})

it('puts a list in order that is as long as one may be', async () => {
  const list = listOf(SORTED_MAX)
  await flushPromises()
  expect(list.find('[role=alert]').exists()).toBe(false)
  expect(list.findAll('[role=row]')[1]!.text()).toBe('1')
})
