/* bytes.ts - floor 0: strict text forms of bytes.
 *
 * Every reader accepts exactly one spelling of a value and throws `malformed` for every other.
 * base64: RFC 4648 section 4 with padding, trailing bits zero; base64url: section 5 without padding,
 * trailing bits zero; hex: lower case; UTF-8: RFC 3629, no byte order mark is taken away.
 */
import { QmError } from './err.js'

export function concat(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let differ = 0
  for (let i = 0; i < a.length; i++) differ |= a[i]! ^ b[i]!
  return differ === 0
}

/** Each byte as the character of that number: for text that is then held against an ASCII form. */
export function latin1(bytes: Uint8Array): string {
  let text = ''
  // Spread would take the bytes one by one: twenty times slower on a list of thousands.
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + 8192) as unknown as number[])
  return text
}

/* ---- UTF-8 ---- */

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Without a check: for text that was read from UTF-8, or is ASCII by its making. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text)

export const utf8Length = (text: string): number => encoder.encode(text).length

export function utf8Read(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new QmError('malformed', 'not UTF-8')
  }
}

/** A text that UTF-8 can carry: no half of a surrogate pair, no U+0000. */
export function isSoundText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0 || (c >= 0xdc00 && c <= 0xdfff)) return false
    if (c < 0xd800 || c > 0xdbff) continue
    const low = text.charCodeAt(++i)
    if (!(low >= 0xdc00 && low <= 0xdfff)) return false
  }
  return true
}

/* ---- base64 ---- */

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const ORIGINAL = LETTERS + '+/'
const URLSAFE = LETTERS + '-_'

function digitsOf(alphabet: string): Int8Array {
  const digits = new Int8Array(256).fill(-1)
  for (let i = 0; i < 64; i++) digits[alphabet.charCodeAt(i)] = i
  return digits
}
const ORIGINAL_DIGITS = digitsOf(ORIGINAL)
const URLSAFE_DIGITS = digitsOf(URLSAFE)

function write(bytes: Uint8Array, alphabet: string): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const v = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += alphabet[v >> 18]! + alphabet[(v >> 12) & 63]!
    if (left > 1) text += alphabet[(v >> 6) & 63]!
    if (left > 2) text += alphabet[v & 63]!
  }
  return text
}

/** Digits without padding; a rest of one digit, or bits that no byte takes, are refused. */
function read(text: string, digits: Int8Array): Uint8Array {
  const out = new Uint8Array(Math.floor((text.length * 3) / 4))
  let acc = 0
  let bits = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    const d = c < 256 ? digits[c]! : -1
    if (d < 0) throw new QmError('malformed', 'not base64')
    acc = ((acc << 6) | d) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      out[at++] = (acc >> bits) & 255
    }
  }
  if (bits === 6 || (acc & ((1 << bits) - 1)) !== 0) throw new QmError('malformed', 'not base64')
  return out
}

export function base64(bytes: Uint8Array): string {
  const text = write(bytes, ORIGINAL)
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}

export function base64Read(text: string): Uint8Array {
  if (text.length % 4 !== 0) throw new QmError('malformed', 'not base64')
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return read(text.slice(0, text.length - padding), ORIGINAL_DIGITS)
}

export const base64url = (bytes: Uint8Array): string => write(bytes, URLSAFE)

export const base64urlRead = (text: string): Uint8Array => read(text, URLSAFE_DIGITS)

/* ---- hex ---- */

export function hex(bytes: Uint8Array): string {
  let text = ''
  for (const b of bytes) text += (b < 16 ? '0' : '') + b.toString(16)
  return text
}

export function hexRead(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) throw new QmError('malformed', 'not hex')
  const out = new Uint8Array(text.length / 2)
  for (let i = 0; i < out.length; i++) out[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return out
}
