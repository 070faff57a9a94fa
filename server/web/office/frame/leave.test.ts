// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { leaveGuard, unsaved, useUnsaved } from './leave'

const page = { render: () => h('p') }
let holds = true
const Holder = defineComponent({
  setup() {
    useUnsaved(() => holds)
    return () => h('p')
  },
})
const confirmBefore = window.confirm
afterEach(() => {
  holds = true
  window.confirm = confirmBefore
})

it('asks before another page, not within the page, and lets go of what is given up', async () => {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/a', component: page }, { path: '/b', component: page }] })
  leaveGuard(router, () => true, () => 'sure?')
  await router.push('/a')
  const holder = mount(Holder)
  const confirm = vi.fn(() => false)
  window.confirm = confirm
  await router.push('/a?household=1')
  expect(confirm).not.toHaveBeenCalled()
  await router.push('/b')
  expect([confirm.mock.calls, router.currentRoute.value.path]).toEqual([[['sure?']], '/a'])
  confirm.mockReturnValue(true)
  await router.push('/b')
  expect(router.currentRoute.value.path).toBe('/b')
  holder.unmount()
  expect(unsaved()).toBe(false)
})

it('keeps the tab open while something is unsaved', () => {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: page }] })
  leaveGuard(router, () => true, () => 'sure?')
  const holder = mount(Holder)
  const closes = () => window.dispatchEvent(new Event('beforeunload', { cancelable: true }))
  expect(closes()).toBe(false)
  holds = false
  expect(closes()).toBe(true)
  holder.unmount()
})

it('does not keep whoever is signed out', async () => {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/a', component: page }, { path: '/b', component: page }] })
  leaveGuard(router, () => false, () => 'sure?')
  await router.push('/a')
  const holder = mount(Holder)
  const confirm = vi.fn(() => false)
  window.confirm = confirm
  await router.push('/b')
  expect([confirm.mock.calls.length, router.currentRoute.value.path]).toEqual([0, '/b'])
  holder.unmount()
})
