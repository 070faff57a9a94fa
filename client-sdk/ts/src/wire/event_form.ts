/* event_form.ts - floor 0, for event.ts only: how one member of E is read.
 *
 * The value's bytes have been seen to be 0x21..0x7E without a backslash, so a form only checks its own
 * shape.  Failure mode: `malformed`, which makes the whole E malformed.
 */
import { base64urlRead } from './bytes.js'
import { day8Read, intRead, isCode, isGrid, isPseudonym, isUuid } from './codec.js'
import { QmError } from './err.js'

/** A member's value as it stands in E. */
export type Value =
  | { type: 'string'; text: string }
  | { type: 'array'; items: string[] }
  | { type: 'boolean'; is: boolean }
  | { type: 'number'; digits: string }

export function valueOf(str?: string, array?: string, literal?: string, digits?: string): Value {
  if (str !== undefined) return { type: 'string', text: str }
  if (array !== undefined) return { type: 'array', items: array === '' ? [] : array.slice(1, -1).split('","') }
  if (literal !== undefined) return { type: 'boolean', is: literal === 'true' }
  return { type: 'number', digits: digits! }
}

export interface Form {
  read(value: Value): unknown
}
export interface Field {
  name: string
  form: Form
  required: boolean
}
export const required = (name: string, form: Form): Field => ({ name, form, required: true })
export const optional = (name: string, form: Form): Field => ({ name, form, required: false })

function fail(): never {
  throw new QmError('malformed', 'member of E')
}

/** A string for which the check holds. */
function text(check: (text: string) => boolean): Form {
  return { read: (v) => (v.type === 'string' && check(v.text) ? v.text : fail()) }
}

export const version: Form = { read: (v) => (v.type === 'number' && v.digits === '1' ? 1 : fail()) }
export const boolean: Form = { read: (v) => (v.type === 'boolean' ? v.is : fail()) }
export const uuid7 = text((t) => isUuid(t, 7))
export const pseudonym = text(isPseudonym)
export const grid = text(isGrid)
export const code = text(isCode)
export const sha256 = text((t) => /^[0-9a-f]{64}$/.test(t))
export const day8 = text((t) => Number.isInteger(day8Read(t)))
export const commitment = text((t) => t.length === 43 && base64urlRead(t).length === 32)
export const word = (words: readonly string[]): Form => text((t) => words.includes(t))

export function integer(lo: number, hi: number): Form {
  return {
    read(v) {
      const n = v.type === 'number' ? intRead(v.digits, hi) : fail()
      return n >= lo ? n : fail()
    },
  }
}

/** lo..hi strings of a form, none twice. */
export function list(form: Form, lo: number, hi: number): Form {
  return {
    read(v) {
      if (v.type !== 'array' || v.items.length < lo || v.items.length > hi) fail()
      for (const item of v.items) form.read({ type: 'string', text: item })
      return new Set(v.items).size === v.items.length ? v.items : fail()
    },
  }
}
