/* batch.ts - floor 0: the body of POST /v1/sync (section 3 of the contract).
 *
 *     <note> LF (E [TAB P] LF)*        exactly n lines
 *
 * Happy path of writing: the items' leaf hashes make the root, origin, size and root are signed, the
 * lines follow.  Reading does not judge events: it finds note, checkpoint, device and lines, and
 * compares the root; the signature is for noteVerify.
 * Failure modes: `malformed` and `root-mismatch` as the contract's table of faults says; `invalid`
 * and `too-large` for what cannot be sent.
 */
import { concat, equal, utf8 } from './bytes.js'
import { type BatchOrigin, batchOriginRead, deviceNameRead, isHost } from './codec.js'
import { SIGNATURE_BYTES } from './ed25519.js'
import { QmError } from './err.js'
import { E_MAX_BYTES, E_MIN_BYTES } from './event.js'
import { leafHash, merklePath, merkleRoot } from './merkle.js'
import { type Checkpoint, checkpointRead, checkpointWrite, type Note, noteRead, noteSign, noteSpan, type Sign, type VerifierKey } from './note.js'
import { P_MAX_BYTES, P_MIN_BYTES } from './private.js'
import { receiptWrite } from './receipt.js'

export const BATCH_MAX_BYTES = 1048576
export const BATCH_MAX_EVENTS = 256
export const BATCH_NOTE_MAX_BYTES = 600
const LF = Uint8Array.of(0x0a)
const TAB = Uint8Array.of(0x09)

export interface BatchItem {
  e: Uint8Array
  p?: Uint8Array | undefined
}
export interface BatchLine extends BatchItem {
  leaf: Uint8Array
}
export interface BatchHead {
  /** The whole note, verbatim. */
  noteBytes: Uint8Array
  note: Note
  checkpoint: Checkpoint
  origin: BatchOrigin
  /** Of the one signature line. */
  deviceName: string
  keyId: string
}

function fail(why: string): never {
  throw new QmError('malformed', why)
}

/* ---- reading ---- */

export function batchHeadRead(body: Uint8Array, host: string): BatchHead {
  const span = noteSpan(body.subarray(0, BATCH_NOTE_MAX_BYTES))
  if (body[span] !== 0x0a) fail('no empty line')
  const noteBytes = body.slice(0, span)
  const note = noteRead(noteBytes)
  const [signer, second] = note.signatures
  if (signer === undefined || second !== undefined || signer.signature.length !== SIGNATURE_BYTES)
    fail('not one signature line')
  const device = deviceNameRead(signer.name, host)
  const checkpoint = checkpointRead(note.text)
  if (checkpoint.size < 1n || checkpoint.size > BigInt(BATCH_MAX_EVENTS)) fail('number of events')
  const origin = batchOriginRead(checkpoint.origin, host)
  if (origin.device !== device) fail('batch of another device')
  return { noteBytes, note, checkpoint, origin, deviceName: signer.name, keyId: signer.id }
}

/** One line without its LF; E ends at the first TAB. */
function lineSplit(line: Uint8Array): BatchLine {
  const tab = line.indexOf(0x09)
  const e = tab < 0 ? line : line.subarray(0, tab)
  return { e, p: tab < 0 ? undefined : line.subarray(tab + 1), leaf: leafHash(e) }
}

/** Splits and hashes the lines behind the head. */
export function batchLinesRead(body: Uint8Array, head: BatchHead): BatchLine[] {
  if (body.length > BATCH_MAX_BYTES) throw new QmError('too-large', 'batch')
  const n = Number(head.checkpoint.size)
  const lines: BatchLine[] = []
  for (let at = head.noteBytes.length + 1; at < body.length; ) {
    const lf = body.indexOf(0x0a, at)
    if (lf < 0 || lines.length === n) fail('number of lines')
    lines.push(lineSplit(body.subarray(at, lf)))
    at = lf + 1
  }
  if (lines.length !== n) fail('number of lines')
  if (!equal(merkleRoot(lines.map((line) => line.leaf)), head.checkpoint.root))
    throw new QmError('root-mismatch')
  return lines
}

/* ---- writing ---- */

function isItem(item: BatchItem): boolean {
  const { e, p } = item
  if (e.length < E_MIN_BYTES || e.length > E_MAX_BYTES || e.some((b) => b < 0x21 || b > 0x7e)) return false
  return p === undefined || (p.length >= P_MIN_BYTES && p.length <= P_MAX_BYTES && !p.includes(0x0a))
}

export function itemsRoot(items: readonly BatchItem[]): Uint8Array {
  if (items.length < 1 || items.length > BATCH_MAX_EVENTS || !items.every(isItem))
    throw new QmError('invalid', 'events of a batch')
  return merkleRoot(items.map((item) => leafHash(item.e)))
}

/** The device's signed note over the items; its origin is "<key name>/b/<batch>". */
export async function batchNote(
  batch: string,
  key: VerifierKey,
  sign: Sign,
  items: readonly BatchItem[],
): Promise<string> {
  const host = key.name.slice(0, key.name.indexOf('/d/'))
  const origin = `${key.name}/b/${batch}`
  if (!isHost(host)) throw new QmError('invalid', 'device name')
  batchOriginRead(origin, host)
  return noteSign(checkpointWrite({ origin, size: BigInt(items.length), root: itemsRoot(items) }), key, sign)
}

/** How many bytes a line takes in a body. */
export const lineBytes = (item: BatchItem): number => item.e.length + (item.p === undefined ? 1 : item.p.length + 2)

export function batchBody(note: Uint8Array, items: readonly BatchItem[]): Uint8Array {
  const parts = items.flatMap((item) => (item.p === undefined ? [item.e, LF] : [item.e, TAB, item.p, LF]))
  const body = concat(note, LF, ...parts)
  if (body.length > BATCH_MAX_BYTES) throw new QmError('too-large', 'batch')
  return body
}

/** Proof of one event of a batch: a tlog-proof with extra = E and the batch's note. */
export function eventReceipt(note: Uint8Array, lines: readonly Uint8Array[], i: number): Uint8Array {
  const proof = merklePath(lines.map(leafHash), i)
  return receiptWrite(lines[i]!, BigInt(i), proof, note)
}

/** A whole batch in one go. */
export async function batchWrite(
  batch: string,
  key: VerifierKey,
  sign: Sign,
  items: readonly BatchItem[],
): Promise<Uint8Array> {
  return batchBody(utf8(await batchNote(batch, key, sign, items)), items)
}
