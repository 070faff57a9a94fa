/* entry.ts - floor 0: log entries and verdict lines (sections 3 and 4 of the contract).
 *
 * Happy path: type line, `recv`, the headers of that type in their one order, verdict lines, an empty
 * line, the payload.  Failure mode: `malformed` for everything else.  The payload is not looked into.
 */
import { utf8Read } from './bytes.js'
import { bigRead, INT64_MAX, INT_MAX, intRead, isAccount } from './codec.js'
import { QmError } from './err.js'
import { Lines } from './lines.js'
import { ENTRY_MAX_BYTES } from './receipt.js'

export type EntryType =
  | 'batch'
  | 'device'
  | 'revoke'
  | 'blob'
  | 'decide'
  | 'erase'
  | 'config'
  | 'signoff'
  | 'roster'
  | 'bulletin'
type Header = 'by' | 'prepared' | 'account' | 'key' | 'scope' | 'replaces'

/** In the order of the contract. */
const headers: readonly Header[] = ['by', 'prepared', 'account', 'key', 'scope', 'replaces']

const rules: Record<EntryType, { must: readonly Header[]; may?: readonly Header[] }> = {
  batch: { must: [] },
  device: { must: ['by', 'account', 'key'] },
  revoke: { must: ['by'] },
  blob: { must: [] },
  decide: { must: ['by'] },
  erase: { must: ['by'] },
  config: { must: ['by'] },
  signoff: { must: ['by', 'scope'] },
  roster: { must: ['by', 'scope'] },
  bulletin: { must: ['by', 'prepared', 'scope'], may: ['replaces'] },
}

export interface Entry {
  type: EntryType
  recvMs: number
  headers: Partial<Record<Header, string>>
  /** Whole lines, without their LF; batch only. */
  verdictLines: string[]
  payload: Uint8Array
}

function fail(why: string): never {
  throw new QmError('malformed', why)
}

function isHeaderValue(header: Header, value: string): boolean {
  switch (header) {
    case 'key':
      return value === 'hard' || value === 'soft'
    case 'scope':
      return /^([0-9]{6}|[0-9]{9}|[0-9]{12})$/.test(value)
    case 'replaces':
      return bigRead(value, INT64_MAX) >= 0n
    default:
      return isAccount(value)
  }
}

function headersRead(lines: Lines, type: EntryType): Entry['headers'] {
  const { must, may } = rules[type]
  const out: Entry['headers'] = {}
  for (const header of headers) {
    if (!lines.startsWith(`${header} `)) {
      if (must.includes(header)) fail(`no header ${header}`)
      continue
    }
    if (!must.includes(header) && !may?.includes(header)) fail(`header ${header}`)
    const value = lines.nextAfter(`${header} `)
    if (!isHeaderValue(header, value)) fail(`header ${header}`)
    out[header] = value
  }
  return out
}

/** Verdict lines begin with a digit; their grammar is verdictsRead's. */
function verdictLinesRead(lines: Lines, type: EntryType): string[] {
  const out: string[] = []
  for (;;) {
    const c = lines.peek()
    if (c === undefined || c < 0x30 || c > 0x39) return out
    if (type !== 'batch') fail('verdicts')
    out.push(lines.next())
  }
}

function payloadCheck(payload: Uint8Array): void {
  if (payload[payload.length - 1] !== 0x0a || payload.some((b) => b < 0x20 && b !== 0x0a))
    fail('payload')
  utf8Read(payload)
}

export function entryRead(bytes: Uint8Array): Entry {
  if (bytes.length > ENTRY_MAX_BYTES) fail('entry too large')
  const lines = new Lines(bytes)
  const found = /^([a-z]+)\/v1$/.exec(lines.next())?.[1] ?? ''
  if (!Object.prototype.hasOwnProperty.call(rules, found)) fail('type of entry')
  const type = found as EntryType
  const recvMs = intRead(lines.nextAfter('recv '), INT_MAX)
  const head = headersRead(lines, type)
  const verdictLines = verdictLinesRead(lines, type)
  if (lines.next() !== '') fail('no empty line')
  const payload = lines.rest()
  payloadCheck(payload)
  return { type, recvMs, headers: head, verdictLines, payload }
}

/* ---- verdicts ---- */

const REJECTS = ['schema', 'private', 'county', 'conflict'] as const
const HOLDS = ['revoked', 'scope', 'moved'] as const
/** In the order of the contract. */
const FLAGS = ['future', 'late', 'unknown', 'seq'] as const

export type Flag = (typeof FLAGS)[number]
export type Verdict =
  | { kind: 'accept' }
  | { kind: 'reject'; code: (typeof REJECTS)[number] }
  | { kind: 'dup'; index: bigint }
  | { kind: 'hold'; code: (typeof HOLDS)[number] }
  | { kind: 'flag'; flags: Flag[] }

function oneOf<T extends string>(words: readonly T[], text: string): T {
  return words.find((word) => word === text) ?? fail('verdict')
}

/** Each flag at most once, in the order of the contract. */
function flagsRead(list: string): Flag[] {
  let last = -1
  return list.split(',').map((word) => {
    const at = FLAGS.indexOf(oneOf(FLAGS, word))
    if (at <= last) fail('verdict')
    last = at
    return FLAGS[at]!
  })
}

function verdictRead(word: string, argument: string): Verdict {
  switch (word) {
    case 'reject':
      return { kind: 'reject', code: oneOf(REJECTS, argument) }
    case 'dup':
      return { kind: 'dup', index: bigRead(argument, INT64_MAX) }
    case 'hold':
      return { kind: 'hold', code: oneOf(HOLDS, argument) }
    case 'flag':
      return { kind: 'flag', flags: flagsRead(argument) }
    default:
      return fail('verdict')
  }
}

/** Spreads the lines over n events; the ones without a line were accepted. */
export function verdictsRead(lines: readonly string[], n: number): Verdict[] {
  const out: Verdict[] = Array.from({ length: n }, () => ({ kind: 'accept' }))
  let last = -1n
  for (const line of lines) {
    const found = /^([0-9]+) ([a-z]+) (.*)$/s.exec(line) ?? fail('verdict')
    const i = bigRead(found[1]!, INT64_MAX)
    if (i <= last || i >= BigInt(n)) fail('verdict out of order')
    out[Number(i)] = verdictRead(found[2]!, found[3]!)
    last = i
  }
  return out
}
