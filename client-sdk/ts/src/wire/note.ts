/* note.ts - floor 0: verifier keys, signed notes and checkpoints.
 *
 * C2SP signed-note v1.0.0 and tlog-checkpoint v1.0.0 with Ed25519 (signature type 0x01).  A note is
 * text that ends in LF, an empty line, and signature lines
 *     U+2014 SP <key name> SP base64(4-byte key id | 64-byte signature) LF
 * Reading is strict: no control characters but LF, valid UTF-8, nothing behind the last signature
 * line.  Failure modes: any byte outside the form (`malformed`), no line of the key (`unknown-key`),
 * a failing or a second one (`bad-signature`).
 */
import { base64, base64Read, concat, equal, hex, hexRead, isSoundText, utf8, utf8Length, utf8Read } from './bytes.js'
import { bigRead, INT64_MAX, NAME_MAX_BYTES } from './codec.js'
import { isValidKey, KEY_BYTES, SIGNATURE_BYTES, verify } from './ed25519.js'
import { QmError } from './err.js'
import { HASH_BYTES, sha256 } from './sha256.js'

export const NOTE_SIGNATURES_MAX = 8
const KEY_ID_BYTES = 4
const ED25519 = 1
const SIGNATURE_BASE64_MAX = 176 // of key id and 128 bytes
const MARK = '\u2014 '

/** Signs the message with the key that the caller means; a device's key may live in hardware. */
export type Sign = (message: Uint8Array) => Uint8Array | Promise<Uint8Array>

/* ---- verifier keys ---- */

export interface VerifierKey {
  name: string
  /** The first four bytes of SHA-256(name | 0x0A | 0x01 | key), as 8 hex digits. */
  id: string
  key: Uint8Array
}

/** No white space of Unicode, no plus sign, no control characters. */
function isName(text: string): boolean {
  return (
    text !== '' &&
    isSoundText(text) &&
    !/[\u0000-\u0020+\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/.test(text)
  )
}

export function vkeyMake(name: string, key: Uint8Array): VerifierKey {
  if (utf8Length(name) >= NAME_MAX_BYTES) throw new QmError('too-large', 'key name')
  if (!isName(name) || key.length !== KEY_BYTES) throw new QmError('malformed', 'key name')
  const id = hex(sha256(utf8(name), Uint8Array.of(0x0a, ED25519), key).subarray(0, KEY_ID_BYTES))
  return { name, id, key }
}

export function vkeyWrite(k: VerifierKey): string {
  return `${k.name}+${k.id}+${base64(concat(Uint8Array.of(ED25519), k.key))}`
}

/** "<name>+<8 hex>+<base64(0x01|key)>": checks form, key id and that the point is valid. */
export function vkeyRead(text: string): VerifierKey {
  const plus = text.indexOf('+')
  const name = text.slice(0, plus)
  const id = text.slice(plus + 1, plus + 9)
  if (plus < 0 || text[plus + 9] !== '+' || !/^[0-9a-f]{8}$/.test(id))
    throw new QmError('malformed', 'not a verifier key')
  const typed = base64Read(text.slice(plus + 10))
  if (typed.length !== 1 + KEY_BYTES || typed[0] !== ED25519 || utf8Length(name) >= NAME_MAX_BYTES)
    throw new QmError('malformed', 'not a verifier key')
  const made = vkeyMake(name, typed.slice(1))
  if (made.id !== id || !isValidKey(made.key)) throw new QmError('malformed', 'not a verifier key')
  return made
}

/* ---- reading notes ---- */

export interface NoteSignature {
  name: string
  id: string
  /** What stands behind the key id; anything but 64 bytes is no Ed25519 signature. */
  signature: Uint8Array
}

export interface Note {
  /** The signed text, with its last LF. */
  text: string
  signatures: NoteSignature[]
}

function signatureRead(line: string): NoteSignature {
  const space = line.indexOf(' ', MARK.length)
  const name = line.slice(MARK.length, space)
  const digits = line.slice(space + 1)
  if (!line.startsWith(MARK) || space < 0 || !isName(name) || digits.length > SIGNATURE_BASE64_MAX)
    throw new QmError('malformed', 'not a signature line')
  const bytes = base64Read(digits)
  if (bytes.length <= KEY_ID_BYTES) throw new QmError('malformed', 'not a signature line')
  return { name, id: hex(bytes.subarray(0, KEY_ID_BYTES)), signature: bytes.slice(KEY_ID_BYTES) }
}

export function noteRead(bytes: Uint8Array): Note {
  const whole = utf8Read(bytes)
  const split = whole.lastIndexOf('\n\n') + 1
  if (split < 1 || !whole.endsWith('\n') || /[\u0000-\u0009\u000b-\u001f]/.test(whole))
    throw new QmError('malformed', 'not a note')
  const lines = whole.slice(split + 1, -1).split('\n')
  if (split === whole.length - 1 || lines.length > NOTE_SIGNATURES_MAX)
    throw new QmError('malformed', 'not a note')
  return { text: whole.slice(0, split), signatures: lines.map(signatureRead) }
}

const NOTE_START = utf8('\n\n' + MARK)
const MARK_BYTES = utf8(MARK)

function startsAt(bytes: Uint8Array, at: number, what: Uint8Array): boolean {
  return at + what.length <= bytes.length && what.every((b, i) => bytes[at + i] === b)
}

/** Length of the note at the start of a longer text, with the LF of its last signature line. */
export function noteSpan(bytes: Uint8Array): number {
  let at = 0
  while (at < bytes.length && !startsAt(bytes, at, NOTE_START)) at++
  if (at === bytes.length) throw new QmError('malformed', 'no note')
  at += 2
  while (startsAt(bytes, at, MARK_BYTES)) {
    const lf = bytes.indexOf(0x0a, at)
    if (lf < 0) throw new QmError('malformed', 'cut note')
    at = lf + 1
  }
  return at
}

/** The note's one signature line of this key holds; lines of other keys are ignored. */
export function noteVerify(note: Note, key: VerifierKey): void {
  const own = note.signatures.filter((s) => s.id === key.id && s.name === key.name)
  if (own.length === 0) throw new QmError('unknown-key', 'no signature line of this key')
  const message = utf8(note.text)
  // The first is looked at before the count, so that a failing one costs the same whatever follows.
  const good = own[0]!.signature.length === SIGNATURE_BYTES && verify(key.key, message, own[0]!.signature)
  if (!good || own.length > 1) throw new QmError('bad-signature')
}

/* ---- writing notes ---- */

/** One signature line over the text. */
export async function signatureLine(text: string, key: VerifierKey, sign: Sign): Promise<string> {
  const signature = await sign(utf8(text))
  if (signature.length !== SIGNATURE_BYTES) throw new QmError('invalid', 'not a signature')
  return `${MARK}${key.name} ${base64(concat(hexRead(key.id), signature))}\n`
}

export async function noteSign(text: string, key: VerifierKey, sign: Sign): Promise<string> {
  if (!text.endsWith('\n') || !isSoundText(text) || /[\u0000-\u0009\u000b-\u001f]/.test(text))
    throw new QmError('invalid', 'not a text to sign')
  return `${text}\n${await signatureLine(text, key, sign)}`
}

/* ---- checkpoints ---- */

export interface Checkpoint {
  origin: string
  size: bigint
  root: Uint8Array
}

/** The three lines and nothing more. */
export function checkpointRead(text: string): Checkpoint {
  const lines = text.split('\n')
  const [origin, size, root, rest] = lines as [string, string, string, string]
  if (lines.length !== 4 || rest !== '' || utf8Length(origin) >= NAME_MAX_BYTES || !isName(origin))
    throw new QmError('malformed', 'not a checkpoint')
  return { origin, size: bigRead(size, INT64_MAX), root: hashRead(root) }
}

export function checkpointWrite(c: Checkpoint): string {
  return `${c.origin}\n${c.size}\n${base64(c.root)}\n`
}

/** A line of base64 that is one hash. */
export function hashRead(text: string): Uint8Array {
  const hash = base64Read(text)
  if (hash.length !== HASH_BYTES) throw new QmError('malformed', 'not a hash')
  return hash
}

export const sameCheckpoint = (a: Checkpoint, b: Checkpoint): boolean =>
  a.origin === b.origin && a.size === b.size && equal(a.root, b.root)
