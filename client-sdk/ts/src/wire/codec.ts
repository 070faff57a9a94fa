/* codec.ts - floor 0: strict text forms of numbers, names, ids and days (section 1 of the contract).
 *
 * Every reader accepts exactly one spelling and throws `malformed` for every other.  Numbers that the
 * contract limits to 2^53-1 are `number`; sizes and indexes of a log go up to 2^63-1 and are `bigint`.
 * Days are counted from 1970-01-01 and are Asia/Shanghai = UTC+8.
 */
import { base64url, base64urlRead, hex, hexRead } from './bytes.js'
import { QmError } from './err.js'

export const ID_BYTES = 16
export const HOST_MAX_BYTES = 120
/** A key name or origin has fewer bytes than this. */
export const NAME_MAX_BYTES = 256
export const INT_MAX = Number.MAX_SAFE_INTEGER
export const INT64_MAX = (1n << 63n) - 1n

/** So many random bytes; the platform's generator is passed in. */
export type Random = (bytes: number) => Uint8Array

/* ---- numbers ---- */

/** Digits, no leading zero, no sign, at most max. */
export function bigRead(text: string, max = INT64_MAX): bigint {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(text)) throw new QmError('malformed', 'not a number')
  const v = BigInt(text)
  if (v > max) throw new QmError('malformed', 'number too large')
  return v
}

export function intRead(text: string, max = INT_MAX): number {
  return Number(bigRead(text, BigInt(max)))
}

/* ---- words and names ---- */

export const isCode = (text: string): boolean => /^[a-z0-9][a-z0-9_-]{0,39}$/.test(text)
export const isAccount = (text: string): boolean => /^[A-Z][0-9A-Z]{1,15}$/.test(text)
export const isGrid = (text: string): boolean => /^[0-9]{15}$/.test(text)

export function isHost(text: string): boolean {
  return (
    /^[a-z0-9.:[\]-]+$/.test(text) &&
    text.length <= HOST_MAX_BYTES &&
    !text.startsWith('.') &&
    !text.endsWith('.')
  )
}

/* ---- ids ---- */

export const isPseudonym = (text: string): boolean => /^[A-Za-z0-9_-]{21}[AQgw]$/.test(text)

export const pseudonymRead = (text: string): Uint8Array => {
  if (!isPseudonym(text)) throw new QmError('malformed', 'not a pseudonym')
  return base64urlRead(text)
}

export function pseudonymMake(random: Random): string {
  return base64url(random(ID_BYTES))
}

const UUID = {
  4: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  7: /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
}

export const isUuid = (text: string, version: 4 | 7): boolean => UUID[version].test(text)

export function uuidWrite(id: Uint8Array): string {
  return hex(id).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export function uuidRead(text: string, version: 4 | 7): Uint8Array {
  if (!isUuid(text, version)) throw new QmError('malformed', 'not a UUID')
  return hexRead(text.replace(/-/g, ''))
}

function uuidMark(id: Uint8Array, version: number): string {
  id[6] = (id[6]! & 0x0f) | (version << 4)
  id[8] = (id[8]! & 0x3f) | 0x80
  return uuidWrite(id)
}

export const uuid4 = (random: Random): string => uuidMark(random(ID_BYTES).slice(), 4)

/** RFC 9562 section 5.7: 48 bits of time, the rest random. */
export function uuid7(random: Random, nowMs: number): string {
  const id = random(ID_BYTES).slice()
  for (let i = 0, t = nowMs; i < 6; i++) {
    id[5 - i] = t % 256
    t = Math.floor(t / 256)
  }
  return uuidMark(id, 7)
}

/* ---- names of section 1 ---- */

export const deviceName = (host: string, uuid: string): string => `${host}/d/${uuid}`

/** The UUID of "<host>/d/<UUIDv4>". */
export function deviceNameRead(name: string, host: string): string {
  const before = `${host}/d/`
  const uuid = name.slice(before.length)
  if (!name.startsWith(before) || !isUuid(uuid, 4)) throw new QmError('malformed', 'not a device name')
  return uuid
}

export interface BatchOrigin {
  device: string
  batch: string
}

export function batchOriginRead(origin: string, host: string): BatchOrigin {
  const cut = origin.length - 39 // "/b/" and a UUID
  const batch = origin.slice(cut + 3)
  if (cut < 0 || origin.slice(cut, cut + 3) !== '/b/' || !isUuid(batch, 7))
    throw new QmError('malformed', 'not a batch origin')
  return { device: deviceNameRead(origin.slice(0, cut), host), batch }
}

export interface LogName {
  county: string
  tree: number
}

/** "<host>/log/<county>[-<n>]"; the first tree has no number. */
export function logNameRead(name: string, host: string): LogName {
  const before = `${host}/log/`
  const found = /^([1-9][0-9]{5})(?:-([1-9][0-9]{0,6}))?$/.exec(name.slice(before.length))
  const tree = found?.[2] === undefined ? 1 : Number(found[2])
  if (!name.startsWith(before) || !found || (found[2] !== undefined && (tree < 2 || tree > 1000000)))
    throw new QmError('malformed', 'not the name of a log')
  return { county: found[1]!, tree }
}

/* ---- days ---- */

const DAY_MS = 86400000
const SHANGHAI_MS = 28800000

function dayOf(year: string, month: string, day: string): number {
  const y = Number(year)
  const date = new Date(0)
  date.setUTCFullYear(y, Number(month) - 1, Number(day))
  const same = date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day)
  if (y < 1 || !same) throw new QmError('malformed', 'no such day')
  return date.getTime() / DAY_MS
}

/** "yyyy-mm-dd", an existing day of the years 0001 to 9999. */
export function dayRead(text: string): number {
  const found = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text)
  if (!found) throw new QmError('malformed', 'not a day')
  return dayOf(found[1]!, found[2]!, found[3]!)
}

/** "yyyymmdd". */
export function day8Read(text: string): number {
  const found = /^([0-9]{4})([0-9]{2})([0-9]{2})$/.exec(text)
  if (!found) throw new QmError('malformed', 'not a day')
  return dayOf(found[1]!, found[2]!, found[3]!)
}

export function dayWrite(day: number): string {
  const date = new Date(day * DAY_MS)
  const pad = (n: number, width: number): string => String(n).padStart(width, '0')
  return `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1, 2)}-${pad(date.getUTCDate(), 2)}`
}

export const dayOfMs = (unixMs: number): number => Math.floor((unixMs + SHANGHAI_MS) / DAY_MS)

/** The day with the same name so many years before, as a text that days can be compared with, also where there was no
 * such day: who was born until then is so many full years old.  Who was born on 29 February is a year older on
 * 1 March in other years. */
export function yearsBefore(day: number, years: number): string {
  const text = dayWrite(day)
  return String(Number(text.slice(0, 4)) - years).padStart(4, '0') + text.slice(4)
}
