/* private.ts - floor 0: P, the private part of an event, and what a line of a batch is worth.
 *
 * Happy path: the rules that a JSON reader does not see (bytes, which member is first) are looked at
 * on the text, the closed schema is json.ts's, day and salt are checked.
 * Failure modes: `malformed` when reading (the contract's `reject private`), `invalid` when writing.
 */
import { base64url, utf8, utf8Read } from './bytes.js'
import { dayRead, isPseudonym, pseudonymMake, type Random } from './codec.js'
import { QmError } from './err.js'
import { eventRead, type QmEvent } from './event.js'
import { jsonQuote, jsonRead, optional, string } from './json.js'
import { sha256 } from './sha256.js'

export const P_MIN_BYTES = 2
export const P_MAX_BYTES = 16384

const short = optional(string(0, 500))
/** In the order in which they are written. */
const members = {
  s: string(22, 22),
  name: short,
  phone: short,
  born: short,
  door: short,
  met: short,
  signer: short,
  relation: short,
  note: optional(string(0, 2000)),
}

/** `s` is the salt, `born` is yyyy-mm-dd. */
export interface Private {
  s: string
  name?: string
  phone?: string
  born?: string
  door?: string
  met?: string
  signer?: string
  relation?: string
  note?: string
}
export type PrivateDraft = Omit<Private, 's'>

function fail(why: string): never {
  throw new QmError('malformed', why)
}

/** `s` may be spelled with an escape, like every string; spaces may stand before it. */
const SALT_FIRST = /^[ {]*(?:"s"|"\\u0073")/

export function privateRead(bytes: Uint8Array): Private {
  if (bytes.length < P_MIN_BYTES || bytes.length > P_MAX_BYTES) fail('size of P')
  if (bytes.some((b) => b < 0x20) || !SALT_FIRST.test(utf8Read(bytes))) fail('bytes of P')
  const p = jsonRead(bytes, members)
  if (!isPseudonym(p.s)) fail('salt')
  if (p.born !== undefined) dayRead(p.born)
  return p
}

/** With a fresh salt; members that are undefined are left out. */
export function privateWrite(draft: PrivateDraft, random: Random): Uint8Array {
  const p: Private = { ...draft, s: pseudonymMake(random) }
  const names = (Object.keys(members) as (keyof Private)[]).filter((name) => p[name] !== undefined)
  const bytes = utf8(`{${names.map((name) => `"${name}":${jsonQuote(p[name]!)}`).join(',')}}`)
  try {
    privateRead(bytes)
  } catch {
    throw new QmError('invalid', 'not a valid private part')
  }
  return bytes
}

/** The member `p` of E. */
export const commitment = (p: Uint8Array): string => base64url(sha256(p))

export type LineFault = 'schema' | 'private'

/** Both strings of a line together, as the server judges them; a fault instead of an event. */
export function lineCheck(e: Uint8Array, p: Uint8Array | undefined): { event: QmEvent; private?: Private } | LineFault {
  let event: QmEvent
  try {
    event = eventRead(e)
  } catch {
    return 'schema'
  }
  if (event.p === undefined && p === undefined) return { event }
  if (event.p === undefined || p === undefined || commitment(p) !== event.p) return 'private'
  try {
    return { event, private: privateRead(p) }
  } catch {
    return 'private'
  }
}
