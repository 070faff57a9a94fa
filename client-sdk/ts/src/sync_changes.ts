/* sync_changes.ts - the answer of GET /v1/changes, newline-delimited JSON (section 9).
 *
 * Happy path: first the frame (head, end, number of rows), then each row by the table of its type.
 * Failure modes: an answer whose end is missing or whose count differs is cut (`proof`); a row of a
 * known type with an unknown, missing or misshaped member is `malformed`.  Nothing of it is used then.
 * Rows of unknown types are counted and skipped.
 */
import { latin1 } from './wire/bytes.js'
import { INT_MAX, isCode, isUuid, NAME_MAX_BYTES } from './wire/codec.js'
import { QmError } from './wire/err.js'
import { bool, int, jsonRead, type Members, object, optional, type Parsed, string, strings } from './wire/json.js'

export const CURSOR_MAX_BYTES = 1023

const LABEL = 1500
const CODE = 39
const BODY = 65536
const t = string(1, 20)
const id = string(22, 22)
const label = string(0, LABEL)
const word = string(1, 15)

const headRow = { t, log: string(1, NAME_MAX_BYTES - 1), size: int(0, INT_MAX), now: int(0, INT_MAX), full: bool }
const endRow = { t, cursor: string(1, CURSOR_MAX_BYTES), rows: int(0, INT_MAX) }

const householdRow = {
  t,
  household: id,
  grid: string(15, 15),
  place: word,
  status: string(1, CODE),
  group: label,
  lane: label,
  door: label,
  head: label,
  phone: label,
  state: object({ visited: bool, reached: bool, notice: word, pledge: word, door: word }),
}
const residentRow = {
  t,
  resident: id,
  household: id,
  name: label,
  born: string(0, 10),
  phone: label,
  status: string(1, CODE),
  groups: strings(0, 64),
  app: object({ state: word, real_name: bool, call_alert: bool, sms_alert: bool }),
}
/** One of the two: a household with all who live in it, or a resident alone. */
const goneRow = { t, household: optional(id), resident: optional(id) }
const textRow = {
  t,
  text: string(1, CODE + 1),
  kind: string(1, 7),
  basis: string(1, 11),
  title: string(0, BODY),
  body: string(0, BODY),
}
const targetRow = {
  t,
  metric: string(1, CODE),
  threshold: int(0, 1000000),
  due: string(10, 10),
  from: string(10, 10),
  prefix: string(0, 15),
}
const wantRow = { t, sha256: string(64, 64), event: string(36, 36) }
/** acknowledged: by this account.  due: a day, or '' */
const directiveRow = {
  t,
  directive: string(36, 36),
  at: int(0, INT_MAX),
  due: string(0, 10),
  title: string(0, BODY),
  body: string(0, BODY),
  acknowledged: bool,
}
const topicRow = { t, code: string(1, CODE + 1), zh: label }
/** In each answer while something is asked; codes of metrics. */
const evidenceRow = { t, metrics: strings(1, 64) }
/** A list that the office has emptied: 'text', 'target', 'topic', or one that this version does not know. */
const noneRow = { t, of: word }
const verdictRow = { t, event: string(36, 36), in: bool, code: string(0, CODE) }

type Row<T extends string, M extends Members> = Omit<Parsed<M>, 't'> & { t: T }
export type HouseholdRow = Row<'household', typeof householdRow>
export type ResidentRow = Row<'resident', typeof residentRow>
export type GoneRow = Row<'gone', typeof goneRow>
export type TextRow = Row<'text', typeof textRow>
export type TargetRow = Row<'target', typeof targetRow>
export type WantRow = Row<'want', typeof wantRow>
export type DecisionRow = Row<'verdict', typeof verdictRow>
export type DirectiveRow = Row<'directive', typeof directiveRow>
export type TopicRow = Row<'topic', typeof topicRow>
export type EvidenceRow = Row<'evidence', typeof evidenceRow>
export type NoneRow = Row<'none', typeof noneRow>
export type ChangeRow =
  | HouseholdRow | ResidentRow | GoneRow | TextRow | TargetRow | WantRow | DecisionRow | DirectiveRow | TopicRow | NoneRow
type AnyRow = ChangeRow | EvidenceRow

const rowTypes = new Map<string, Members>([
  ['household', householdRow],
  ['resident', residentRow],
  ['gone', goneRow],
  ['text', textRow],
  ['target', targetRow],
  ['want', wantRow],
  ['verdict', verdictRow],
  ['directive', directiveRow],
  ['topic', topicRow],
  ['evidence', evidenceRow],
  ['none', noneRow],
])

export interface Changes {
  log: string
  size: bigint
  nowMs: number
  full: boolean
  rows: ChangeRow[]
  /** metrics for which only records with a photo count */
  evidence: string[]
  /** rows of a type that this version does not know */
  unknown: number
  cursor: string
}

/** The type of a row without reading the rest, which for an unknown type has an unknown shape: `t` is
 * the first member. */
function typeOf(line: Uint8Array): string {
  return /^[ \t]*\{[ \t]*"t"[ \t]*:[ \t]*"([^"]*)"/.exec(latin1(line.subarray(0, 128)))?.[1] ?? ''
}

function linesOf(body: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  for (let at = 0; at < body.length; ) {
    const lf = body.indexOf(0x0a, at)
    if (lf < 0) throw new QmError('proof', 'the answer is cut')
    lines.push(body.subarray(at, lf))
    at = lf + 1
  }
  return lines
}

function endRead(line: Uint8Array, rows: number): string {
  try {
    const end = jsonRead(line, endRow)
    if (typeOf(line) === 'end' && end.rows === rows) return end.cursor
  } catch {
    // the same as no end
  }
  throw new QmError('proof', 'the answer is cut')
}

function rowRead(line: Uint8Array): AnyRow | undefined {
  const type = typeOf(line)
  if (type === 'head' || type === 'end') throw new QmError('malformed', 'head or end in the middle')
  const members = rowTypes.get(type)
  if (members === undefined) return undefined
  const row = jsonRead(line, members) as unknown as AnyRow
  const sound =
    (row.t !== 'resident' || row.groups.every(isCode)) &&
    (row.t !== 'evidence' || row.metrics.every(isCode)) &&
    (row.t !== 'gone' || (row.household === undefined) !== (row.resident === undefined)) &&
    (row.t !== 'want' || /^[0-9a-f]{64}$/.test(row.sha256)) &&
    (row.t !== 'verdict' || isUuid(row.event, 7))
  if (!sound) throw new QmError('malformed', `row ${row.t}`)
  return row
}

export function changesRead(body: Uint8Array): Changes {
  const lines = linesOf(body)
  const first = lines[0]
  const last = lines[lines.length - 1]
  if (lines.length < 2 || !first || !last || typeOf(first) !== 'head')
    throw new QmError('proof', 'the answer is cut')
  const cursor = endRead(last, lines.length - 2)
  const head = jsonRead(first, headRow)
  const rows: ChangeRow[] = []
  let evidence: string[] = []
  let unknown = 0
  for (const line of lines.slice(1, -1)) {
    const row = rowRead(line)
    if (row === undefined) unknown++
    else if (row.t === 'evidence') evidence = row.metrics
    else rows.push(row)
  }
  return { log: head.log, size: BigInt(head.size), nowMs: head.now, full: head.full, rows, evidence, unknown, cursor }
}
