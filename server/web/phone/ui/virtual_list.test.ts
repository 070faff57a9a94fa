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

const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve))

test('a screen of rows stands at once, those ahead of it come behind the first frame; a shorter list is never shown empty', async () => {
  const items = Array.from({ length: 500 }, (_, i) => ({ id: `h${i}` }))
  const list = mount(VirtualList as never, {
    props: { items, rowRem: 5, keyOf: (item: { id: string }) => item.id } as never,
    slots: { default: '<template #default="{ item }"><b>{{ item.id }}</b></template>' },
    attachTo: document.body,
  })
  const rows = (): string[] => list.findAll('[role=listitem]').map((r) => r.text())
  const screen = rows().length
  await frame()
  expect(rows().length).toBe(screen)
  await expect.poll(() => rows().length).toBe(screen + 16)
  const box = list.element as unknown as HTMLElement
  box.getBoundingClientRect = () => ({ top: -(200 * 80) }) as DOMRect
  window.dispatchEvent(new Event('scroll'))
  await list.setProps({ items: items.slice(0, 3) } as never)
  expect(rows().length).toBeGreaterThan(0)
  box.getBoundingClientRect = () => ({ top: 0 }) as DOMRect
  await expect.poll(rows).toEqual(['h0', 'h1', 'h2'])
  list.unmount()
})

test('behind another page the window is not its own: it follows nothing until it is shown again', async () => {
  const items = Array.from({ length: 500 }, (_, i) => ({ id: `h${i}` }))
  const list = mount(VirtualList as never, {
    props: { items, rowRem: 5, keyOf: (item: { id: string }) => item.id } as never,
    slots: { default: '<template #default="{ item }"><b>{{ item.id }}</b></template>' },
    attachTo: document.body,
  })
  const box = list.element as unknown as HTMLElement
  const rows = (): string[] => list.findAll('[role=listitem]').map((r) => r.text())
  box.getBoundingClientRect = () => ({ top: -(200 * 80) }) as DOMRect
  window.dispatchEvent(new Event('scroll'))
  await nextTick()
  expect(rows()).toContain('h205')
  await list.setProps({ aside: true } as never)
  box.getBoundingClientRect = () => ({ top: 0 }) as DOMRect
  window.dispatchEvent(new Event('scroll'))
  await list.setProps({ items: [...items] } as never)
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect(rows()).toContain('h205')
  await list.setProps({ aside: false } as never)
  await expect.poll(rows).toContain('h0')
  list.unmount()
})

test('rows that only say something else come by and by, in the end all of them; others are shown at once', async () => {
  const items = (word: string): { id: string; word: string }[] => Array.from({ length: 500 }, (_, i) => ({ id: `h${i}`, word }))
  const list = mount(VirtualList as never, {
    props: { items: items('before'), rowRem: 5, keyOf: (item: { id: string }) => item.id } as never,
    slots: { default: '<template #default="{ item }"><b>{{ item.id }} {{ item.word }}</b></template>' },
    attachTo: document.body,
  })
  const rows = (): string[] => list.findAll('[role=listitem]').map((r) => r.text())
  const saying = (word: string): number => rows().filter((text) => text.endsWith(word)).length
  await list.setProps({ items: items('after') } as never)
  expect(saying('after')).toBeGreaterThan(0)
  expect(saying('before')).toBeGreaterThan(saying('after'))
  expect(rows()[0]).toBe('h0 after')
  await expect.poll(() => saying('before')).toBe(0)
  // One that is gone moves all others up.
  await list.setProps({ items: items('last').slice(1) } as never)
  expect(saying('last')).toBe(rows().length)
  expect(rows()[0]).toBe('h1 last')
  list.unmount()
})
