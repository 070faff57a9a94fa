/* event.ts - floor 0: E, the loggable part of an event: what it is, and the closed schemas, one table
 * a kind (section 2 of the contract).
 *
 * An event in memory is what stands in E: the words and texts of the wire, optional members absent
 * unless they are there.  Happy path: E is taken apart into members once; the kind names the table;
 * each member finds its row; what the rows cannot say stands in the rules below.  Writing puts the
 * members in the order of the table, `p` last, and reads the result back.
 * Failure modes: `malformed` when reading (the contract's `reject schema`), `invalid` when writing.
 * As in the C code, `na` may be empty, and `done` may be any day of the years 0001 to 9999.
 */
import { latin1, utf8 } from './bytes.js'
import { QmError } from './err.js'
import * as form from './event_form.js'
import type { Field, Value } from './event_form.js'

export const E_MIN_BYTES = 2
export const E_MAX_BYTES = 2048

export const OUTCOMES = ['met', 'no_adult', 'absent', 'appointed', 'gone', 'refused', 'no_entry', 'moved', 'vacant', 'none'] as const
export const NOTICE_STATES = ['signed', 'left', 'refused'] as const
export const PLEDGE_STATES = ['signed', 'refused', 'later', 'withdrawn'] as const
export const APP_STATES = ['installed', 'refused', 'later', 'no_phone', 'feature_phone', 'unfit', 'shared', 'removed'] as const
export const PLACES = ['home', 'shop', 'enterprise', 'school', 'office', 'venue'] as const
export const HOUSEHOLD_WHYS = ['found', 'moved_in', 'split'] as const
export const RESIDENT_WHYS = ['found', 'moved_in', 'moved_out', 'away', 'back', 'died', 'wrong'] as const
export const VIAS = ['door', 'phone', 'video', 'paper', 'carried'] as const
export const NEARS = ['yes', 'no', 'unknown'] as const
export const COMPANIONS = ['police', 'village', 'township', 'helper', 'volunteer'] as const
export const ALERTS = ['call_alert', 'sms_alert'] as const

type Word<L extends readonly string[]> = L[number]

/** Members of every kind; `v` is 1. */
interface Common {
  id: string
  seq: number
  at: number
  grid: string
  p?: string
}
interface How {
  via?: Word<typeof VIAS>
  done?: string
}
export interface Visit extends Common, How {
  kind: 'visit'
  household: string
  outcome: Word<typeof OUTCOMES>
  topics: string[]
  near: Word<typeof NEARS>
  secs: number
  with?: Word<typeof COMPANIONS>[]
}
export interface Notice extends Common, How {
  kind: 'notice'
  household: string
  text: string
  evidence: string[]
  state?: Word<typeof NOTICE_STATES>
}
export interface Pledge extends Common, How {
  kind: 'pledge'
  household: string
  resident: string
  text: string
  evidence: string[]
  state?: Word<typeof PLEDGE_STATES>
}
export interface App extends Common, How {
  kind: 'app'
  household: string
  resident: string
  state: Word<typeof APP_STATES>
  real_name: boolean
  call_alert: boolean
  sms_alert: boolean
  evidence: string[]
  na?: Word<typeof ALERTS>[]
}
export interface Household extends Common {
  kind: 'household'
  household: string
  place: Word<typeof PLACES>
  why: Word<typeof HOUSEHOLD_WHYS>
  from?: string
}
export interface Resident extends Common {
  kind: 'resident'
  household: string
  resident: string
  why: Word<typeof RESIDENT_WHYS>
}
export interface Void extends Common {
  kind: 'void'
  target: string
  reason: string
}
export type QmEvent = Visit | Notice | Pledge | App | Household | Resident | Void
export type Kind = QmEvent['kind']
type Members = Record<string, unknown>

/* ---- the closed schemas, in the order in which members are written ---- */

const { optional, required } = form

const head = [
  required('v', form.version),
  required('id', form.uuid7),
  required('kind', form.code),
  required('seq', form.integer(1, Number.MAX_SAFE_INTEGER)),
  required('at', form.integer(1, Number.MAX_SAFE_INTEGER)),
  required('grid', form.grid),
]
const household = required('household', form.pseudonym)
const resident = required('resident', form.pseudonym)
const text = required('text', form.code)
const evidence = required('evidence', form.list(form.sha256, 0, 4))
const via = optional('via', form.word(VIAS))
const done = optional('done', form.day8)
const p = optional('p', form.commitment)

const schemas: Record<Kind, readonly Field[]> = {
  visit: [
    ...head,
    household,
    required('outcome', form.word(OUTCOMES)),
    required('topics', form.list(form.code, 0, 16)),
    required('near', form.word(NEARS)),
    required('secs', form.integer(0, 86400)),
    via,
    optional('with', form.list(form.word(COMPANIONS), 1, 5)),
    done,
    p,
  ],
  notice: [...head, household, text, evidence, optional('state', form.word(NOTICE_STATES)), via, done, p],
  pledge: [...head, household, resident, text, evidence, optional('state', form.word(PLEDGE_STATES)), via, done, p],
  app: [
    ...head,
    household,
    resident,
    required('state', form.word(APP_STATES)),
    required('real_name', form.boolean),
    required('call_alert', form.boolean),
    required('sms_alert', form.boolean),
    evidence,
    optional('na', form.list(form.word(ALERTS), 0, 2)),
    via,
    done,
    p,
  ],
  household: [
    ...head,
    household,
    required('place', form.word(PLACES)),
    required('why', form.word(HOUSEHOLD_WHYS)),
    optional('from', form.pseudonym),
    p,
  ],
  resident: [...head, household, resident, required('why', form.word(RESIDENT_WHYS)), p],
  void: [...head, required('target', form.uuid7), required('reason', form.code), p],
}

export const KINDS = Object.keys(schemas) as Kind[]

function schemaOf(kind: unknown): readonly Field[] | undefined {
  return KINDS.includes(kind as Kind) ? schemas[kind as Kind] : undefined
}

/* ---- rules that bind several members ---- */

/** Must P go with this event?  It never goes with a void, and may go with all others. */
export function privateRequired(ev: QmEvent): boolean {
  if (ev.kind === 'resident') return ev.why === 'found' || ev.why === 'moved_in'
  return ev.kind === 'pledge' || ev.kind === 'household'
}

function appRulesHold(ev: App): boolean {
  if (ev.state !== 'installed')
    return !ev.real_name && !ev.call_alert && !ev.sms_alert && ev.na === undefined
  return !ev.na?.some((alert) => ev[alert])
}

function rulesHold(ev: QmEvent): boolean {
  if (ev.p === undefined ? privateRequired(ev) : ev.kind === 'void') return false
  switch (ev.kind) {
    case 'pledge':
      return pledgeState(ev) !== 'signed' || ev.evidence.length > 0
    case 'app':
      return appRulesHold(ev)
    case 'household':
      return (ev.from !== undefined) === (ev.why === 'split') && ev.from !== ev.household
    default:
      return true
  }
}

/* ---- what a member means that is not there ---- */

export const viaOf = (ev: How): Word<typeof VIAS> => ev.via ?? 'door'
export const noticeState = (ev: Notice): Word<typeof NOTICE_STATES> => ev.state ?? 'signed'
export const pledgeState = (ev: Pledge): Word<typeof PLEDGE_STATES> => ev.state ?? 'signed'

/* ---- reading ---- */

function fail(why: string): never {
  throw new QmError('malformed', why)
}

const BYTES = /^[!-[\]-~]*$/

const MEMBER = /"([^"]*)":(?:"([^"]*)"|\[((?:"[^"]*"(?:,"[^"]*")*)?)\]|(true|false)|([0-9]+))([,}])/y

/** Takes E apart; E has only the bytes 0x21..0x7E and no backslash. */
function membersScan(e: string): Map<string, Value> {
  const members = new Map<string, Value>()
  if (e[0] !== '{') fail('not an object')
  let at = 1
  for (;;) {
    MEMBER.lastIndex = at
    const found = MEMBER.exec(e) ?? fail('not a member')
    const [whole, name, str, array, literal, digits, end] = found
    if (members.has(name!)) fail('duplicate member')
    members.set(name!, form.valueOf(str, array, literal, digits))
    at += whole.length
    if (end === '}') break
  }
  if (at !== e.length) fail('something behind the object')
  return members
}

export function eventRead(bytes: Uint8Array): QmEvent {
  if (bytes.length < E_MIN_BYTES || bytes.length > E_MAX_BYTES) fail('size of E')
  const text = latin1(bytes)
  if (!BYTES.test(text)) fail('bytes of E')
  const members = membersScan(text)
  const kind = members.get('kind')
  const schema = (kind?.type === 'string' ? schemaOf(kind.text) : undefined) ?? fail('kind')
  const ev: Members = {}
  for (const field of schema) {
    const value = members.get(field.name)
    if (value === undefined) {
      if (field.required) fail(`no ${field.name}`)
      continue
    }
    ev[field.name] = field.form.read(value)
    members.delete(field.name)
  }
  if (members.size > 0) fail('unknown member')
  delete ev['v']
  if (!rulesHold(ev as unknown as QmEvent)) fail('members that do not go together')
  return ev as unknown as QmEvent
}

/** What eventRead gives, of an E that was written here: `eventWrite` has checked it, and a list of thousands
 * would wait long for a second time.  `corrupt`: the store has changed it. */
export function eventStored(bytes: Uint8Array): QmEvent {
  try {
    // To delete a member would have each of thousands kept as a table of its own.
    const { v, ...ev } = JSON.parse(latin1(bytes)) as Members
    return ev as unknown as QmEvent
  } catch {
    throw new QmError('corrupt', 'stored event')
  }
}

/* ---- writing ---- */

export function eventWrite(ev: QmEvent): Uint8Array {
  const schema = schemaOf(ev.kind)
  const members: Members = { v: 1, ...ev }
  if (schema === undefined || Object.keys(members).some((name) => !schema.some((f) => f.name === name)))
    throw new QmError('invalid', 'kind, or a member that it does not have')
  const written = schema
    .filter((field) => members[field.name] !== undefined)
    .map((field) => JSON.stringify({ [field.name]: members[field.name] }).slice(1, -1))
  const e = utf8(`{${written.join(',')}}`)
  try {
    eventRead(e)
  } catch {
    throw new QmError('invalid', 'not a valid event')
  }
  return e
}
