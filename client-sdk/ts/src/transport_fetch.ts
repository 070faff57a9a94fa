/* transport_fetch.ts - one HTTP exchange with `fetch`, which is passed in.
 *
 * Happy path: the request goes out, the answer is read up to its cap.  Failure modes: nothing
 * reached the server for all we know (`offline`), the connection broke while the answer was read
 * (`unknown-outcome`), an answer above the cap (`too-large`).  A redirect is an answer of something in
 * between and is not followed.
 */
import type { Ask } from './sync_ask.js'
import type { Said } from './sync_judge.js'
import type { Transport } from './sync_run.js'
import { concat } from './wire/bytes.js'

const TIMEOUT_MS = 30000

async function bodyRead(answer: Response, maxBytes: number): Promise<Uint8Array | undefined> {
  const reader = answer.body?.getReader()
  const parts: Uint8Array[] = []
  let length = 0
  for (;;) {
    const part = await reader?.read()
    if (part?.value === undefined) return concat(...parts)
    length += part.value.length
    if (length > maxBytes) {
      await reader?.cancel()
      return undefined
    }
    parts.push(part.value)
  }
}

/** Whole seconds; a date is not taken, because the clocks may differ. */
function retryAfter(answer: Response): number | undefined {
  const text = answer.headers.get('retry-after') ?? ''
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined
}

async function exchange(fetcher: typeof fetch, url: string, ask: Ask, signal: AbortSignal): Promise<Said> {
  let answer: Response
  try {
    answer = await fetcher(url, {
      method: ask.method,
      headers: ask.headers,
      body: ask.body === undefined ? null : new Uint8Array(ask.body),
      redirect: 'manual',
      credentials: 'omit',
      cache: 'no-store',
      signal,
    })
  } catch {
    return { failed: 'offline' }
  }
  try {
    const body = await bodyRead(answer, ask.answerMaxBytes)
    if (body === undefined) return { failed: 'too-large' }
    const contentType = answer.headers.get('content-type') ?? ''
    return { status: answer.status, contentType, body, retryAfterS: retryAfter(answer) }
  } catch {
    return { failed: 'unknown-outcome' }
  }
}

export function fetchTransport(fetcher: typeof fetch, timeoutMs = TIMEOUT_MS): Transport {
  return async (url, ask) => {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), timeoutMs)
    try {
      return await exchange(fetcher, url, ask, abort.signal)
    } finally {
      clearTimeout(timer)
    }
  }
}
