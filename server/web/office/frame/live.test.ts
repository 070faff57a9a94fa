// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, h, ref } from 'vue'
import type { Tagged } from '@shared/api/figures'
import { Problem } from '@shared/api/problem'
import { connection } from './connection'
import { PAUSE_MS, pauseAfter, useLive } from './live'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function page(answer: (etag: string | null) => Promise<Tagged<number> | null>, key = ref('a')) {
  const asked: (string | null)[] = []
  let live!: ReturnType<typeof useLive<number>>
  const wrapper = mount(
    defineComponent({
      setup() {
        live = useLive<number>(
          () => key.value,
          (etag) => {
            asked.push(etag)
            return answer(etag)
          },
        )
        return () => h('p', String(live.value.value))
      },
    }),
  )
  return { asked, key, wrapper, live: () => live }
}

it('asks again with the etag, keeps the value when nothing is new, and stops with the page', async () => {
  let n = 1
  const p = page((etag) => Promise.resolve(etag === String(n) ? null : { value: n, etag: String(n) }))
  await flushPromises()
  expect(p.wrapper.text()).toBe('1')
  await vi.advanceTimersByTimeAsync(PAUSE_MS)
  expect([p.asked, p.wrapper.text()]).toEqual([[null, '1'], '1'])
  n = 2
  await vi.advanceTimersByTimeAsync(PAUSE_MS)
  expect([p.asked, p.wrapper.text()]).toEqual([[null, '1', '1'], '2'])
  p.wrapper.unmount()
  await vi.advanceTimersByTimeAsync(PAUSE_MS * 10)
  expect(p.asked.length).toBe(3)
})

it('keeps the last value when the server is away, says so, and pauses longer each time', async () => {
  let broken = false
  const p = page(() => (broken ? Promise.reject(new Problem('offline', 0, 'no answer')) : Promise.resolve({ value: 7, etag: null })))
  await flushPromises()
  broken = true
  await vi.advanceTimersByTimeAsync(PAUSE_MS)
  expect([p.wrapper.text(), connection.lost]).toEqual(['7', true])
  await vi.advanceTimersByTimeAsync(PAUSE_MS)
  expect(p.asked.length).toBe(2)
  broken = false
  await vi.advanceTimersByTimeAsync(PAUSE_MS)
  expect([p.asked.length, connection.lost, p.live().error.value]).toEqual([3, false, null])
  expect([0, 1, 2, 3, 9].map(pauseAfter)).toEqual([3000, 6000, 12_000, 24_000, 30_000])
  p.wrapper.unmount()
})

it('an answer for what was asked before is not shown for what is asked now', async () => {
  const late: ((t: Tagged<number>) => void)[] = []
  const p = page(() => new Promise((r) => late.push(r)))
  p.key.value = 'b'
  await flushPromises()
  late[1]!({ value: 2, etag: null })
  late[0]!({ value: 1, etag: null })
  await flushPromises()
  expect(p.wrapper.text()).toBe('2')
  p.wrapper.unmount()
})

it('a hidden page asks nothing, and asks at once when it is seen', async () => {
  const p = page(() => Promise.resolve({ value: 1, etag: null }))
  await flushPromises()
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
  document.dispatchEvent(new Event('visibilitychange'))
  await vi.advanceTimersByTimeAsync(PAUSE_MS * 10)
  expect(p.asked.length).toBe(1)
  hidden.mockReturnValue(false)
  document.dispatchEvent(new Event('visibilitychange'))
  await flushPromises()
  expect(p.asked.length).toBe(2)
  p.wrapper.unmount()
  hidden.mockRestore()
})
