/* receipt.ts - floor 0: tlog-proof texts (C2SP tlog-proof, header c2sp.org/tlog-proof@v1).
 *
 *     c2sp.org/tlog-proof@v1 LF
 *     extra <base64> LF
 *     index <decimal> LF
 *     <base64 hash> LF            0..63 lines
 *     LF
 *     <checkpoint note>           nothing behind it
 *
 * Used three times: the server's answer to a batch (extra = log entry), a device's proof of one event
 * (extra = E, checkpoint = its own note), a bulletin's receipt.
 * Failure modes: `too-large`, any other form `malformed`; verifying adds `unknown-key`,
 * `bad-signature` and `proof`.
 */
import { base64, base64Read, concat, utf8 } from './bytes.js'
import { bigRead, INT64_MAX, isUuid } from './codec.js'
import { QmError } from './err.js'
import { Lines } from './lines.js'
import { inclusionVerify, leafHash, PROOF_MAX } from './merkle.js'
import { type Checkpoint, checkpointRead, hashRead, type Note, noteRead, noteVerify, type VerifierKey } from './note.js'

export const ENTRY_MAX_BYTES = 65535
export const RECEIPT_MAX_BYTES = 131072
const HEADER = 'c2sp.org/tlog-proof@v1'

export interface Receipt {
  extra: Uint8Array
  index: bigint
  proof: Uint8Array[]
  note: Note
  checkpoint: Checkpoint
}

function extraRead(text: string): Uint8Array {
  const extra = base64Read(text)
  if (extra.length === 0 || extra.length > ENTRY_MAX_BYTES) throw new QmError('malformed', 'extra')
  return extra
}

function proofRead(lines: Lines): Uint8Array[] {
  const proof: Uint8Array[] = []
  for (let line = lines.next(); line !== ''; line = lines.next()) {
    if (proof.length === PROOF_MAX) throw new QmError('malformed', 'proof too long')
    proof.push(hashRead(line))
  }
  return proof
}

export function receiptRead(bytes: Uint8Array): Receipt {
  if (bytes.length > RECEIPT_MAX_BYTES) throw new QmError('too-large', 'receipt')
  const lines = new Lines(bytes)
  if (lines.next() !== HEADER) throw new QmError('malformed', 'not a tlog-proof')
  const extra = extraRead(lines.nextAfter('extra '))
  const index = bigRead(lines.nextAfter('index '), INT64_MAX)
  const proof = proofRead(lines)
  const note = noteRead(lines.rest())
  return { extra, index, proof, note, checkpoint: checkpointRead(note.text) }
}

/** The origin is the key's name, or a batch of the device whose key it is. */
function originFits(origin: string, name: string): boolean {
  return (
    origin === name ||
    (origin.startsWith(`${name}/b/`) && isUuid(origin.slice(name.length + '/b/'.length), 7))
  )
}

/** The whole check of `qiaomen verify`; returns what holds. */
export function receiptVerify(bytes: Uint8Array, key: VerifierKey): Receipt {
  const r = receiptRead(bytes)
  noteVerify(r.note, key)
  if (!originFits(r.checkpoint.origin, key.name)) throw new QmError('proof', 'another origin')
  inclusionVerify(leafHash(r.extra), r.index, r.checkpoint.size, r.proof, r.checkpoint.root)
  return r
}

/** note: the signed checkpoint, verbatim. */
export function receiptWrite(
  extra: Uint8Array,
  index: bigint,
  proof: readonly Uint8Array[],
  note: Uint8Array,
): Uint8Array {
  if (extra.length === 0 || extra.length > ENTRY_MAX_BYTES || proof.length > PROOF_MAX)
    throw new QmError('invalid', 'not a receipt')
  if (index < 0n || index > INT64_MAX) throw new QmError('invalid', 'index')
  const hashes = proof.map((hash) => `${base64(hash)}\n`).join('')
  return concat(utf8(`${HEADER}\nextra ${base64(extra)}\nindex ${index}\n${hashes}\n`), note)
}
