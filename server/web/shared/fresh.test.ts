// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { reopenWhenStale } from './fresh'

const reopen = vi.fn()
let answers: () => Promise<unknown>

beforeEach(() => {
  sessionStorage.clear()
  reopen.mockClear()
  answers = () => Promise.resolve([])
})
afterEach(() => vi.restoreAllMocks())

async function missing(): Promise<void> {
  window.dispatchEvent(new Event('vite:preloadError'))
  await new Promise((r) => setTimeout(r))
}
reopenWhenStale(
  () => answers(),
  () => reopen(),
)

it('opens the page anew when a part is gone from a server that answers, once', async () => {
  await missing()
  await missing()
  expect(reopen).toHaveBeenCalledTimes(1)
})

it('leaves the page as it is while there is no network, or no server', async () => {
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
  await missing()
  vi.restoreAllMocks()
  answers = () => Promise.reject(new Error('away'))
  await missing()
  expect(reopen).not.toHaveBeenCalled()
  answers = () => Promise.resolve([])
  await missing()
  expect(reopen).toHaveBeenCalledTimes(1)
})
