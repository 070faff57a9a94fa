// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from 'vitest'
import { copyText } from './copy_text'

const clipboard = (writeText?: (text: string) => Promise<void>) =>
  Object.defineProperty(navigator, 'clipboard', { configurable: true, value: writeText === undefined ? undefined : { writeText } })
let selected: string[] = []
const command = (works: boolean) => {
  selected = []
  document.execCommand = () => {
    selected.push((document.querySelector('textarea') as HTMLTextAreaElement).value)
    return works
  }
}
afterEach(() => document.body.replaceChildren())

it('uses the clipboard where there is one', async () => {
  const write = vi.fn(() => Promise.resolve())
  clipboard(write)
  command(false)
  expect(await copyText('进度')).toBe(true)
  expect([write.mock.calls, selected]).toEqual([[['进度']], []])
})

it.each([
  ['there is none', undefined],
  ['it is refused', () => Promise.reject(new Error('denied'))],
] as const)('copies the old way where %s, and leaves nothing on the page', async (_when, write) => {
  clipboard(write)
  command(true)
  expect(await copyText('进度')).toBe(true)
  expect([selected, document.querySelector('textarea')]).toEqual([['进度'], null])
})

it('says so when neither works', async () => {
  clipboard(undefined)
  command(false)
  expect(await copyText('进度')).toBe(false)
  document.execCommand = () => {
    throw new Error('gone')
  }
  expect(await copyText('进度')).toBe(false)
  expect(document.querySelector('textarea')).toBeNull()
})
