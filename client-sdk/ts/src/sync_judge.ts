/* sync_judge.ts - what an answer is worth, and when to ask again.  Pure.
 *
 * Only a problem document with a type of the contract can make the client change anything; a login
 * page of some network, a proxy's error, a cut answer is a reason to wait and ask again.
 */
import type { Pace } from './ports.js'
import { INT_MAX } from './wire/codec.js'
import { type ErrCode, errHttp, errOfName } from './wire/err.js'
import { int, jsonRead, optional, string } from './wire/json.js'

export type AskKind = 'enrol' | 'rotate' | 'batch' | 'photo' | 'acknowledge' | 'changes'

/** What came back, or the reason why nothing did. */
export type Said =
  | { failed: 'offline' | 'unknown-outcome' | 'too-large' }
  | {
      status: number
      /** '' if there is none */
      contentType: string
      body: Uint8Array
      /** whole seconds; undefined: none */
      retryAfterS?: number | undefined
    }

export type Then =
  | 'read' // a 2xx: read the body
  | 'wait' // same bytes, later
  | 'stop' // keep everything, tell the worker
  | 'rebuild' // the events join a new batch
  | 'bytes' // these bytes are not taken, now or later
  | 'clock' // adjust the offset, sign anew

export interface Judged {
  err: ErrCode
  then: Then
  /** of the server, if it said so */
  nowMs?: number | undefined
}

const problem = {
  type: string(1, 100),
  title: optional(string(0, 2000)),
  detail: optional(string(0, 4000)),
  instance: optional(string(0, 2000)),
  status: optional(int(100, 599)),
  now: optional(int(0, INT_MAX)),
}
const PREFIX = '/problems/'

/** undefined if the body is no problem document of the contract. */
function problemRead(status: number, contentType: string, body: Uint8Array): Omit<Judged, 'then'> | undefined {
  if (!contentType.startsWith('application/problem+json')) return undefined
  try {
    const p = jsonRead(body, problem)
    const err = p.type.startsWith(PREFIX) ? errOfName(p.type.slice(PREFIX.length)) : undefined
    // A name taken for another status is no answer of the contract.
    if (err === undefined || err === 'ok' || errHttp(err) !== status) return undefined
    return { err, nowMs: p.now }
  } catch {
    return undefined
  }
}

function thenOf(kind: AskKind, err: ErrCode): Then {
  switch (err) {
    case 'unknown-key':
    case 'revoked':
    case 'forbidden':
    case 'key-taken':
      return 'stop'
    case 'stale-signature':
      return 'clock'
    case 'batch-conflict':
    case 'root-mismatch':
      return kind === 'batch' ? 'rebuild' : 'wait'
    case 'not-found':
      return kind === 'acknowledge' ? 'bytes' : 'wait'
    case 'malformed':
    case 'media-type':
    case 'too-large':
      return kind === 'batch' || kind === 'photo' || kind === 'acknowledge' ? 'bytes' : 'wait'
    default:
      // A bad signature of a good key, a digest that the way spoilt, and all that is not ours to
      // repair: the same again, later.
      return 'wait'
  }
}

export function judge(kind: AskKind, said: Said): Judged {
  if ('failed' in said) return { err: said.failed, then: 'wait' }
  if (said.status === 200 || (said.status === 201 && kind === 'photo')) return { err: 'ok', then: 'read' }
  const named = problemRead(said.status, said.contentType, said.body)
  if (named !== undefined) return { ...named, then: thenOf(kind, named.err) }
  // Not the server's own words: something in between.  Never act on it.
  const err = said.status === 429 ? 'quota-exceeded' : said.status === 503 ? 'overload' : 'offline'
  return { err, then: 'wait' }
}

/* ---- pace: full jitter in a window that doubles from 4 s to 15 min, at least 2 s ---- */

export const PACE_MIN_MS = 2000
export const PACE_MAX_MS = 900000
const RETRY_AFTER_MAX_S = 86400

/** The window that a failure draws from: delay = PACE_MIN_MS + draw, 0 <= draw < window. */
export function paceWindow(failures: number): number {
  const window = Math.min(2 * PACE_MIN_MS * 2 ** Math.min(failures, 20), PACE_MAX_MS)
  return window - PACE_MIN_MS
}

/** draw: 0 <= draw < 1.  A Retry-After wins. */
export function paceFailed(p: Pace, why: ErrCode, nowMs: number, draw: number, retryAfterS?: number): Pace {
  const delay =
    retryAfterS === undefined
      ? PACE_MIN_MS + Math.floor(draw * paceWindow(p.failures))
      : Math.min(retryAfterS, RETRY_AFTER_MAX_S) * 1000
  return { failures: p.failures + 1, nextMs: nowMs + delay, why }
}
export const calmPace = (): Pace => ({ failures: 0, nextMs: 0 })
