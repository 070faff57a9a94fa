// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest'
import type { Router } from 'vue-router'
import { boardHref, linksFollow, listHref } from './links'

function click(html: string, event: MouseEventInit = {}): { pushed: string[]; taken: boolean } {
  const push = vi.fn()
  const page = document.createElement('main')
  page.innerHTML = html
  page.addEventListener('click', linksFollow({ push } as unknown as Router))
  let taken = false
  page.addEventListener('click', (e) => {
    taken = e.defaultPrevented
    e.preventDefault() // nothing is loaded by a test
  })
  page.querySelector('b')!.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ...event }))
  return { pushed: push.mock.calls.map(([to]) => to as string), taken }
}

it('a plain click on a link of the office changes the page without loading it', () => {
  expect(click(`<a href="${boardHref('140522110')}"><b>1</b></a>`)).toEqual({ pushed: ['/board/140522110'], taken: true })
  expect(click(`<a href="${listHref({ name: 'households', part: 'done:visited' }, '140522110')}"><b>1</b></a>`).pushed).toEqual([
    '/households?within=140522110&part=done:visited',
  ])
  expect(listHref({ name: 'residents', part: 'done:app', bulletin: 'b' }, '140522110')).toBe('/office/residents?within=140522110&part=done:app&bulletin=b')
})

it.each([
  ['a new tab', '<a href="/office/board/140522110"><b>1</b></a>', { ctrlKey: true }],
  ['a new window', '<a href="/office/board/140522110"><b>1</b></a>', { shiftKey: true }],
  ['another button', '<a href="/office/board/140522110"><b>1</b></a>', { button: 1 }],
  ['a link that opens beside', '<a target="_blank" href="/office/board/140522110"><b>1</b></a>', {}],
  ['a file', '<a download href="/office/board/140522110"><b>1</b></a>', {}],
  ['the public page', '<a href="/b/140522/1"><b>1</b></a>', {}],
  ['another host', '<a href="https://example.org/office/"><b>1</b></a>', {}],
  ['a place of this page', '<a href="#main"><b>1</b></a>', {}],
  ['no link', '<p><b>1</b></p>', {}],
] as const)('%s is left to the browser', (_what, html, event) => {
  expect(click(html, event)).toEqual({ pushed: [], taken: false })
})

it('what somebody else took already is not taken again', () => {
  const push = vi.fn()
  const event = new MouseEvent('click', { cancelable: true })
  event.preventDefault()
  linksFollow({ push } as unknown as Router)(event)
  expect(push).not.toHaveBeenCalled()
})
