// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { areaUse } from '@shared/api/http'
import { boardEarly, earlyAsk, earlyDrop, sessionEarly } from './early'
import { chosenKeep, lastForget, lastKeep } from './last_area'

const TOWNSHIP = { role: 'township', prefix: '140522110' }
let asked: string[] = []
let status = 200

beforeEach(() => {
  asked = []
  status = 200
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    const area = (init.headers as Record<string, string>)['X-QM-Area']
    asked.push(area === undefined ? path : `${path} as ${area}`)
    return Promise.resolve(new Response(JSON.stringify({ path, csrf: 'c' }), { status, headers: { ETag: 'W/"1"' } }))
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  areaUse(null)
  localStorage.clear()
  sessionStorage.clear()
  earlyDrop()
})

it('asks who is signed in and for the board of the address at once, and gives each answer once', async () => {
  earlyAsk('/office/board/140522110')
  expect(asked).toEqual(['/v1/coverage?within=140522110&level=township', '/v1/session'])
  expect(await sessionEarly()).toMatchObject({ csrf: 'c' })
  expect(sessionEarly()).toBeNull()
  expect(await boardEarly('140522110')).toMatchObject({ etag: 'W/"1"' })
  expect(boardEarly('140522110')).toBeNull()
})

it.each(['/office/', '/office/board', '/office/board/'])('%s is the board of the area of the last time', (path) => {
  lastKeep(TOWNSHIP, false)
  earlyAsk(path)
  expect(asked).toEqual(['/v1/coverage?within=140522110&level=township', '/v1/session'])
})

it('asks in the role of the last time where there are several, and in the one that this tab chose', () => {
  lastKeep(TOWNSHIP, true)
  earlyAsk('/office/')
  expect(asked).toEqual(['/v1/coverage?within=140522110&level=township as township/140522110', '/v1/session'])
  chosenKeep('secretary/140522110204')
  earlyAsk('/office/')
  expect(asked[2]).toBe('/v1/coverage?within=140522110204&level=village as secretary/140522110204')
})

it('figures of another area, or in another role than the page has by then, are not taken', () => {
  lastKeep(TOWNSHIP, true)
  earlyAsk('/office/')
  areaUse({ role: 'secretary', prefix: '140522110' })
  expect(boardEarly('140522110')).toBeNull()
  earlyAsk('/office/board/140522110')
  expect(boardEarly('140522110204')).toBeNull()
})

it('asks for no figures on another page, without an area, and for nothing where one signs in', () => {
  earlyAsk('/office/households')
  earlyAsk('/office/')
  expect(asked).toEqual(['/v1/session', '/v1/session'])
  earlyAsk('/office/sign-in')
  expect(asked).toHaveLength(2)
})

it('whoever signs out leaves no area and no answer', () => {
  lastKeep(TOWNSHIP, false)
  earlyAsk('/office/')
  lastForget()
  earlyDrop()
  expect(sessionEarly()).toBeNull()
  expect(boardEarly('140522110')).toBeNull()
  asked = []
  earlyAsk('/office/')
  expect(asked).toEqual(['/v1/session'])
})

it('an area that was tampered with is none', () => {
  localStorage.setItem('qm.last_area', 'township/140522110\nX: y only')
  earlyAsk('/office/')
  expect(asked).toEqual(['/v1/session'])
})

it('whoever takes a failed answer gets its error', async () => {
  status = 401
  earlyAsk('/office/board/140522110')
  await expect(sessionEarly()).rejects.toMatchObject({ status: 401 })
  await expect(boardEarly('140522110')).rejects.toMatchObject({ status: 401 })
})
