// One request to our server: sent, given up in time, repeated where that is harmless, and answered
// with its body or with a Problem.
//
// Happy path: fetch → 2xx → the response.
// Repeated are only requests that change nothing when they arrive twice (GET, or `repeatable`), when
// there was no answer or the server asked for patience (429, 502, 503, 504): up to three more times,
// after a random part of 0.5, 1, 2 s (full jitter), or after Retry-After if that is at most 10 s.
// A longer Retry-After is the caller's business: nobody watches a spinner for minutes.
import { Problem, problemOf } from './problem'

export interface Ask {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  query?: Record<string, string | number | boolean | undefined>
  headers?: Record<string, string>
  json?: unknown
  body?: BodyInit
  /** A request with another method than GET that may arrive twice. */
  repeatable?: boolean
  timeoutMs?: number
  signal?: AbortSignal
  /** Asked as the account, in none of its roles. */
  anyRole?: boolean
  /** Statuses beside the 2xx whose body is the answer, such as a report of faults (422). */
  accept?: number[]
}

const ATTEMPTS = 4
const TIMEOUT_MS = 20_000
const PATIENCE_SECONDS = 10
const writeHeaders: Record<string, string> = {}
const areaHeaders: Record<string, string> = {}
let signedOut: (() => void) | null = null

/** Sent with every write, as long as a session lasts. */
export function csrfUse(token: string | null): void {
  if (token === null) delete writeHeaders['X-QM-CSRF']
  else writeHeaders['X-QM-CSRF'] = token
}

/** The role and area, of several that one account has, in which everything is asked from now on. */
export function areaUse(area: { role: string; prefix: string } | null): void {
  if (area === null) delete areaHeaders['X-QM-Area']
  else areaHeaders['X-QM-Area'] = `${area.role}/${area.prefix}`
}

/** The same, as it is said to the server. */
export function areaNow(): string | undefined {
  return areaHeaders['X-QM-Area']
}

/** The headers of every write, for a request that cannot go through send. */
export function writeHeadersNow(): Readonly<Record<string, string>> {
  return { ...areaHeaders, ...writeHeaders }
}

/** Called when the server says that nobody is signed in (401). */
export function onSignedOut(call: (() => void) | null): void {
  signedOut = call
}

function address(path: string, query: Ask['query']): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== undefined) search.set(name, String(value))
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}

function init(ask: Ask, signal: AbortSignal): RequestInit {
  const method = ask.method ?? 'GET'
  const headers: Record<string, string> = {
    Accept: 'application/json, application/problem+json, */*;q=0.1',
    'Accept-Language': document.documentElement.lang.startsWith('en') ? 'en' : 'zh-CN',
    ...(ask.anyRole === true ? {} : areaHeaders),
    ...(method === 'GET' ? {} : writeHeaders),
    ...(ask.json === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...ask.headers,
  }
  const body = ask.json === undefined ? ask.body : JSON.stringify(ask.json)
  return {
    method,
    headers,
    signal,
    credentials: 'same-origin',
    redirect: 'error',
    ...(body === undefined ? {} : { body }),
  }
}

/** One attempt. An abort by the caller passes through as it is. */
async function attempt(path: string, ask: Ask): Promise<Response> {
  const clock = new AbortController()
  let late = false
  const timer = setTimeout(() => {
    late = true
    clock.abort()
  }, ask.timeoutMs ?? TIMEOUT_MS)
  const stop = () => clock.abort()
  ask.signal?.addEventListener('abort', stop)
  try {
    if (ask.signal?.aborted) stop()
    return await fetch(address(path, ask.query), init(ask, clock.signal))
  } catch (e) {
    if (ask.signal?.aborted) throw e
    throw late ? new Problem('timeout', 0, 'no answer in time') : new Problem('offline', 0, 'no answer')
  } finally {
    clearTimeout(timer)
    ask.signal?.removeEventListener('abort', stop)
  }
}

function worthRepeating(p: Problem): boolean {
  if (p.retryAfterSeconds !== null && p.retryAfterSeconds > PATIENCE_SECONDS) return false
  return p.code === 'offline' || [429, 502, 503, 504].includes(p.status)
}

function pause(attemptNumber: number, p: Problem, signal?: AbortSignal): Promise<void> {
  const ms = p.retryAfterSeconds === null ? Math.random() * 500 * 2 ** attemptNumber : p.retryAfterSeconds * 1000
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason instanceof Error ? signal.reason : new DOMException('aborted', 'AbortError'))
    })
  })
}

/** The answer, if it is a success or a 304. @throws Problem */
export async function send(path: string, ask: Ask = {}): Promise<Response> {
  const repeatable = ask.repeatable ?? (ask.method ?? 'GET') === 'GET'
  for (let n = 0; ; n++) {
    let problem: Problem
    try {
      const response = await attempt(path, ask)
      if (response.ok || response.status === 304 || ask.accept?.includes(response.status)) return response
      problem = await problemOf(response)
    } catch (e) {
      if (!(e instanceof Problem)) throw e
      problem = e
    }
    if (problem.status === 401) signedOut?.()
    if (!repeatable || n + 1 >= ATTEMPTS || !worthRepeating(problem)) throw problem
    await pause(n, problem, ask.signal)
  }
}

/** The same, read as JSON. */
export async function sendJson<T>(path: string, ask: Ask = {}): Promise<T> {
  return bodyOf<T>(await send(path, ask))
}

/** The JSON of an answer that `send` gave. @throws Problem */
export async function bodyOf<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T
  } catch {
    throw new Problem('malformed-answer', response.status, 'not the JSON that was expected')
  }
}
