// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { expect, test } from 'vitest'
import { nextTick } from 'vue'
import VirtualList from './VirtualList.vue'

test('of 500 rows only those near the screen are there; the place of all is kept', async () => {
  const items = Array.from({ length: 500 }, (_, i) => ({ id: `h${i}` }))
  const list = mount(VirtualList as never, {
    props: { items, rowRem: 5, keyOf: (item: { id: string }) => item.id } as never,
    slots: { default: '<template #default="{ item }"><b>{{ item.id }}</b></template>' },
    attachTo: document.body,
  })
  const rows = list.findAll('[role=listitem]')
  expect(rows.length).toBeLessThan(80)
  expect(rows[0]!.text()).toBe('h0')
  const box = list.element as unknown as HTMLElement
  expect(box.getAttribute('style')).toContain(`${500 * 5 * 16}px`)
  box.getBoundingClientRect = () => ({ top: -(200 * 80) }) as DOMRect
  window.dispatchEvent(new Event('scroll'))
  await nextTick()
  const texts = list.findAll('[role=listitem]').map((r) => r.text())
  expect(texts).toContain('h205')
  expect(texts).not.toContain('h0')
  list.unmount()
})
