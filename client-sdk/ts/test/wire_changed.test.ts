/* Every value of the vectors with a bit flipped, a byte dropped or doubled, a line dropped, doubled or
 * exchanged with the next: it must fail to verify, or hash to something else.  One bit a byte, every
 * bit with QM_LONG.  A signature that was checked once is remembered here, because most changes leave
 * key, text and signature as they are and the check takes milliseconds. */
import { describe, expect, test, vi } from 'vitest'
import * as qm from '../src/index.js'
import { HOST, NOW_S, vectors as v } from './lib/vectors.js'

vi.mock('../src/wire/ed25519.js', async (original) => {
  const real = await original<typeof import('../src/wire/ed25519.js')>()
  const known = new Map<string, boolean>()
  return {
    ...real,
    verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
      const name = [key, message, signature].map((b) => Buffer.from(b).toString('latin1')).join('|')
      if (!known.has(name)) known.set(name, real.verify(key, message, signature))
      return known.get(name)!
    },
  }
})

const { utf8, hexRead } = qm
type Holds = (bytes: Uint8Array) => unknown
const allBits = process.env['QM_LONG'] !== undefined

function* bytesChanged(original: Uint8Array): Generator<Uint8Array> {
  for (let i = 0; i < original.length; i++) {
    for (let bit = 0; bit < 8; bit++) {
      if (!allBits && bit !== i % 8) continue
      const flipped = original.slice()
      flipped[i] = flipped[i]! ^ (1 << bit)
      yield flipped
    }
    yield qm.concat(original.subarray(0, i), original.subarray(i + 1))
    yield qm.concat(original.subarray(0, i + 1), original.subarray(i))
  }
}

function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const lf = bytes.indexOf(10, at)
    const end = lf < 0 ? bytes.length : lf + 1
    lines.push(bytes.subarray(at, end))
    at = end
  }
  return lines
}

function* linesChanged(original: Uint8Array): Generator<Uint8Array> {
  const lines = linesOf(original)
  for (let i = 0; i < lines.length; i++) {
    const before = lines.slice(0, i)
    const line = lines[i]!
    const after = lines.slice(i + 1)
    yield qm.concat(...before, ...after)
    yield qm.concat(...before, line, line, ...after)
    if (after[0]) yield qm.concat(...before, after[0], line, ...after.slice(1))
    yield qm.concat(...before, utf8('\n'), line, ...after)
  }
}

/** holds: throws or gives false unless these bytes pass for the original. */
function passes(holds: Holds, bytes: Uint8Array): boolean {
  let good: unknown
  return qm.outcome(() => (good = holds(bytes))) === 'ok' && good !== false
}

function nothingChangedPasses(original: Uint8Array, holds: Holds): void {
  expect(passes(holds, original)).toBe(true)
  let tried = 0
  const passed: string[] = []
  for (const changes of [bytesChanged(original), linesChanged(original)])
    for (const bytes of changes) {
      if (qm.equal(bytes, original)) continue
      tried++
      if (passes(holds, bytes)) passed.push(qm.latin1(bytes))
    }
  expect(passed).toEqual([])
  expect(tried).toBeGreaterThan((allBits ? 9 : 2) * original.length)
}

const cases: [string, Uint8Array, Holds][] = []
const value = (name: string, original: string | Uint8Array, holds: Holds): void => {
  cases.push([name, typeof original === 'string' ? utf8(original) : original, holds])
}

/* ---- keys and notes ---- */

const deviceKey = qm.vkeyRead(v.device.vkey)
const nextKey = qm.vkeyRead(v.rotate.new_vkey)
const logKey = qm.vkeyRead(v.log.vkey)

const checkpointHolds =
  (key: qm.VerifierKey): Holds =>
  (bytes) => {
    const note = qm.noteRead(bytes)
    qm.noteVerify(note, key)
    qm.checkpointRead(note.text)
  }
/** As many signature lines as keys, all of them good. */
const deviceNoteHolds =
  (...keys: qm.VerifierKey[]): Holds =>
  (bytes) => {
    const note = qm.noteRead(bytes)
    keys.forEach((key) => qm.noteVerify(note, key))
    return note.signatures.length === keys.length && keys.every((key, i) => note.signatures[i]!.id === key.id)
  }

for (const vkey of [v.device.vkey, v.log.vkey, v.rotate.new_vkey])
  value(`key ${vkey.slice(-8)}`, vkey, (bytes) => qm.vkeyRead(qm.utf8Read(bytes)))
value('batch note', v.batch.note, checkpointHolds(deviceKey))
value('enrolment note', v.enrol_note, deviceNoteHolds(deviceKey))
value('rotation note', v.rotate.note, deviceNoteHolds(deviceKey, nextKey))
for (const [n, text] of Object.entries(v.checkpoints)) value(`checkpoint ${n}`, text, checkpointHolds(logKey))

/* ---- receipts and the batch ---- */

const receiptHolds =
  (key: qm.VerifierKey): Holds =>
  (bytes) =>
    qm.receiptVerify(bytes, key)
v.event_receipts.forEach((text, i) => value(`receipt of event ${i}`, text, receiptHolds(deviceKey)))
value('receipt', v.receipt, receiptHolds(logKey))
value('receipt of the bulletin', v.bulletin.receipt, receiptHolds(logKey))

/** All of it as the server checks it; line 2 is the one that has no schema. */
value('batch', v.batch.body, (bytes) => {
  const head = qm.batchHeadRead(bytes, HOST)
  qm.noteVerify(head.note, deviceKey)
  const found = qm.batchLinesRead(bytes, head).map((line) => qm.lineCheck(line.e, line.p))
  return found.every((line, i) => (i === 2 ? line !== 'private' : typeof line !== 'string'))
})

/* ---- hashed values ---- */

v.log_entries.forEach((text, i) =>
  value(`log entry ${i}`, text, (bytes) => {
    qm.entryRead(bytes)
    return qm.hex(qm.leafHash(bytes)) === v.log_leaf_hashes_hex[i]
  }),
)
v.events.forEach((event, i) => {
  if (event.P !== undefined)
    value(`private part ${i}`, event.P, (bytes) => typeof qm.lineCheck(utf8(event.E), bytes) !== 'string')
})

const tile = hexRead(v.tile_level0_partial7_hex)
const hashesOf = (bytes: Uint8Array): Uint8Array[] => {
  if (bytes.length % 32 !== 0) throw new qm.QmError('malformed')
  return Array.from({ length: bytes.length / 32 }, (_, i) => bytes.slice(32 * i, 32 * i + 32))
}
const rootOf = (n: number): Uint8Array => qm.merkleRoot(hashesOf(tile).slice(0, n))
value('tile', tile, (bytes) => qm.equal(qm.merkleRoot(hashesOf(bytes)), rootOf(7)))
for (const [name, lines] of Object.entries(v.consistency)) {
  const old = Number(name[0])
  value(`consistency ${name}`, qm.concat(...lines.map(qm.hashRead)), (bytes) =>
    qm.consistencyVerify(BigInt(old), rootOf(old), 7n, rootOf(7), hashesOf(bytes)),
  )
}

describe('nothing that was changed passes', () => {
  test.each(cases)('%s', { timeout: 600_000 }, (_, original, holds) => nothingChangedPasses(original, holds))
})

/* ---- signed requests: each part in its turn ---- */

interface Parts {
  input: string
  signature: string
  digest?: string
  method: string
  authority: string
  path: string
  query?: string
  type?: string
  body?: string
}
const get: Parts = {
  input: v.http_get['Signature-Input'],
  signature: v.http_get.Signature,
  method: 'GET',
  authority: HOST,
  path: '/v1/changes',
  query: 'since=73894',
}
const post: Parts = {
  input: v.http_post['Signature-Input'],
  signature: v.http_post.Signature,
  digest: v.http_post['Content-Digest'],
  method: 'POST',
  authority: HOST,
  path: '/v1/example',
  type: 'application/json',
  body: v.http_post.body,
}

function requestHolds(p: Parts): void {
  const body = p.type === undefined ? undefined : { type: p.type, bytes: utf8(p.body ?? '') }
  qm.reqsigVerify({ ...p, query: p.query ?? '', body }, p, deviceKey, NOW_S)
}

describe.each([
  ['GET', get],
  ['POST', post],
] as const)('nothing that was changed passes: %s', (_, parts) => {
  test.each(Object.keys(parts) as (keyof Parts)[])('%s', { timeout: 600_000 }, (part) => {
    nothingChangedPasses(utf8(parts[part]!), (bytes) => requestHolds({ ...parts, [part]: qm.utf8Read(bytes) }))
  })
})
