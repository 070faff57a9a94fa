/* sync_receipt.ts - does this receipt hold, and is it about what we sent?  Pure.
 *
 * Happy path: signature and inclusion, name, entry, note, verdicts, size, in that order.
 * Failure modes: a text that is no receipt at all is a lost answer (`unknown-outcome`); every doubt
 * about one is `proof`, and a log that shrank is `log-regressed`; the caller settles nothing then.
 */
import type { Seen } from './ports.js'
import { BATCH_MAX_EVENTS } from './wire/batch.js'
import { equal } from './wire/bytes.js'
import { logNameRead } from './wire/codec.js'
import { entryRead, type Verdict, verdictsRead } from './wire/entry.js'
import { QmError } from './wire/err.js'
import { type Checkpoint, checkpointRead, type Note, noteRead, type VerifierKey } from './wire/note.js'
import { type Receipt, receiptRead, receiptVerify } from './wire/receipt.js'

export interface Settling {
  index: bigint
  checkpoint: Checkpoint
  verdicts: Verdict[]
}

/** A later tree of the same county's log, as after a restore. */
export function isLaterTree(origin: string, known: string): boolean {
  const host = known.slice(0, Math.max(known.indexOf('/log/'), 0))
  try {
    const then = logNameRead(known, host)
    const now = logNameRead(origin, host)
    return now.county === then.county && now.tree > then.tree
  } catch {
    return false
  }
}

/** The same signed text by the same name; the signature may be another one, made before a rotation. */
function isSameNote(theirs: Note, ours: Note): boolean {
  return (
    theirs.text === ours.text &&
    theirs.signatures.length === 1 &&
    theirs.signatures[0]!.name === ours.signatures[0]?.name
  )
}

function doubt(why: string): never {
  throw new QmError('proof', why)
}

function sizeCheck(c: Checkpoint, seen: Seen | undefined): void {
  if (seen === undefined || seen.log !== c.origin) return
  if (c.size < seen.size) throw new QmError('log-regressed')
  if (c.size === seen.size && !equal(c.root, seen.root)) doubt('two roots of one size')
}

/** The verdicts of the entry, if it is about our note. */
function entryCheck(r: Receipt, noteBytes: Uint8Array): Verdict[] {
  const ours = noteRead(noteBytes)
  const entry = entryRead(r.extra)
  if (entry.type !== 'batch' || !isSameNote(noteRead(entry.payload), ours)) doubt('another batch')
  const size = checkpointRead(ours.text).size
  if (size > BigInt(BATCH_MAX_EVENTS)) doubt('number of events')
  return verdictsRead(entry.verdictLines, Number(size))
}

/** 'later-tree': it does not hold, but claims to be of a later tree of the same log.
 * note: of the batch that was sent. */
export function receiptCheck(
  text: Uint8Array,
  log: VerifierKey,
  seen: Seen | undefined,
  note: Uint8Array,
): Settling | 'later-tree' {
  let r: Receipt
  try {
    r = receiptRead(text)
  } catch {
    throw new QmError('unknown-outcome', 'not a receipt, or cut')
  }
  if (r.checkpoint.origin !== log.name) {
    if (isLaterTree(r.checkpoint.origin, log.name)) return 'later-tree'
    doubt('another log')
  }
  let verdicts: Verdict[]
  try {
    receiptVerify(text, log)
    verdicts = entryCheck(r, note)
  } catch {
    return doubt('it does not hold, or is about something else')
  }
  sizeCheck(r.checkpoint, seen)
  return { index: r.index, checkpoint: r.checkpoint, verdicts }
}
