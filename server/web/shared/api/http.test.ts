// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pathFill, readIfAny } from './client'
import { csrfUse, onSignedOut, send, sendJson } from './http'
import { Problem, problemWords } from './problem'
import { passwordChange } from './session'
import { freeze } from './week'

type Reply = Response | Error | 'never'
let asked: { url: string; init: RequestInit }[] = []

/** Answers one after the other; the last one for ever. */
function server(...replies: Reply[]): void {
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    const reply = replies[Math.min(asked.length, replies.length - 1)]!
    asked.push({ url, init })
    if (reply instanceof Error) return Promise.reject(reply)
    if (reply !== 'never') return Promise.resolve(reply.clone())
    return new Promise((_resolve, reject) => {
      init.signal!.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
    })
  })
}

const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ type: `/problems/${code}`, title: code, status }), {
    status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
  })
const good = () => new Response('{"a":1}', { headers: { 'Content-Type': 'application/json' } })

async function failure(promise: Promise<unknown>): Promise<Problem> {
  const e: unknown = await promise.then(
    () => null,
    (caught: unknown) => caught,
  )
  if (!(e instanceof Problem)) throw new Error(`no problem but ${String(e)}`)
  return e
}

/** Lets timers pass while a request is under way. */
async function overTime<T>(promise: Promise<T>): Promise<T> {
  let open = true
  const done = promise.finally(() => (open = false))
  done.catch(() => undefined)
  while (open) await vi.advanceTimersByTimeAsync(1000)
  return done
}

beforeEach(() => {
  asked = []
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  csrfUse(null)
  onSignedOut(null)
})

describe('a request', () => {
  it('gives the JSON of a success and asks with its query', async () => {
    server(good())
    expect(await sendJson('/x', { query: { a: 1, b: undefined, c: '村 &' } })).toEqual({ a: 1 })
    expect(asked[0]!.url).toBe('/x?a=1&c=%E6%9D%91+%26')
    expect(asked[0]!.init.redirect).toBe('error')
  })

  it('carries the token with writes only', async () => {
    server(good())
    csrfUse('t0ken')
    await sendJson('/x')
    await sendJson('/x', { method: 'POST', json: {} })
    csrfUse(null)
    await sendJson('/x', { method: 'DELETE' })
    const tokens = asked.map((a) => (a.init.headers as Record<string, string>)['X-QM-CSRF'])
    expect(tokens).toEqual([undefined, 't0ken', undefined])
  })

  it('is repeated while the network or the server is away', async () => {
    server(new TypeError('gone'), problem(503, 'overload', { 'Retry-After': '2' }), problem(502, 'x'), good())
    expect(await overTime(sendJson('/x'))).toEqual({ a: 1 })
    expect(asked.length).toBe(4)
  })

  it('is given up after four attempts', async () => {
    server(new TypeError('gone'))
    expect((await failure(overTime(send('/x')))).code).toBe('offline')
    expect(asked.length).toBe(4)
  })

  it('is not repeated when it writes, unless that is harmless', async () => {
    server(problem(503, 'overload'))
    await failure(overTime(send('/x', { method: 'POST', json: {} })))
    expect(asked.length).toBe(1)
    await failure(overTime(send('/x', { method: 'POST', json: {}, repeatable: true })))
    expect(asked.length).toBe(5)
  })

  it('is repeated when it freezes: the server goes on, and the next one waits for it', async () => {
    server(problem(503, 'overload', { 'Retry-After': '5' }), good())
    expect(await overTime(freeze('140522110', '2026-W46'))).toEqual({ a: 1 })
    expect(asked.map((a) => a.init.method)).toEqual(['POST', 'POST'])
  })

  it('is not repeated for what will not change, nor for a long Retry-After', async () => {
    server(problem(404, 'not-found'))
    expect((await failure(send('/x'))).code).toBe('not-found')
    expect(asked.length).toBe(1)
    server(problem(429, 'quota-exceeded', { 'Retry-After': '600' }))
    const p = await failure(send('/x'))
    expect(asked.length).toBe(2)
    expect(problemWords(p)).toEqual({ key: 'problem.quota', values: { seconds: 600 } })
  })

  it('ends in time', async () => {
    server('never')
    const p = await failure(overTime(send('/x', { method: 'POST', timeoutMs: 5000 })))
    expect(p.code).toBe('timeout')
    expect(problemWords(p).key).toBe('problem.timeout')
  })

  it('ends when its caller does, with the abort and no problem', async () => {
    server('never')
    const caller = new AbortController()
    const sent = send('/x', { signal: caller.signal })
    caller.abort()
    await expect(sent).rejects.toHaveProperty('name', 'AbortError')
    expect(asked.length).toBe(1)
  })

  it('tells when nobody is signed in', async () => {
    server(problem(401, 'unknown-key'))
    const told = vi.fn()
    onSignedOut(told)
    await failure(send('/x'))
    expect(told).toHaveBeenCalledOnce()
  })

  it('does not take a page of a gateway for an answer', async () => {
    server(new Response('<html>', { status: 200, headers: { 'Content-Type': 'text/html' } }))
    expect((await failure(sendJson('/x'))).code).toBe('malformed-answer')
    server(new Response('<html>', { status: 403, headers: { 'Content-Type': 'text/html' } }))
    asked = []
    expect((await failure(sendJson('/x'))).status).toBe(403)
  })
})

it('parts of a path cannot leave their place', () => {
  expect(pathFill('/v1/log/{log}/object/{sha256}', { log: '../..', sha256: 'a/b?c' })).toBe(
    '/v1/log/..%2F../object/a%2Fb%3Fc',
  )
  expect(() => pathFill('/v1/{x}', {})).toThrow('no x')
})

describe('what there may be none of yet', () => {
  it('is null and no error; anything but JSON is still none of ours', async () => {
    server(new Response(null, { status: 204 }))
    expect(await readIfAny('/v1/settings/{kind}', { path: { kind: 'targets' } })).toBeNull()
    server(new Response('<html>', { status: 200 }))
    expect((await failure(readIfAny('/v1/settings/{kind}', { path: { kind: 'targets' } }))).code).toBe('malformed-answer')
  })
})

describe('another password', () => {
  it('a wrong one in use is no end of the session, an ended session is', async () => {
    const out = vi.fn()
    onSignedOut(out)
    server(problem(401, 'unknown-key'), new Response('{"csrf":"x"}'))
    expect(await passwordChange('wrong', 'a new one, long')).toBe(false)
    expect(out).not.toHaveBeenCalled()
    asked = []
    server(problem(401, 'unknown-key'))
    expect((await failure(passwordChange('right', 'a new one, long'))).status).toBe(401)
    expect(out).toHaveBeenCalled()
    asked = []
    server(good())
    expect(await passwordChange('right', 'a new one, long')).toBe(true)
    expect(asked.map((a) => [a.url, a.init.method])).toEqual([['/v1/session/password', 'PUT']])
    onSignedOut(null)
  })
})
