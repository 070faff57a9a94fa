/* Every value of tests/vectors/protocol-vectors.json: read, checked, and made again from its seeds
 * and parts to the same bytes. */
import { describe, expect, test } from 'vitest'
import * as qm from '../src/index.js'
import { HOST, NOW_S, vectors as v } from './lib/vectors.js'

const { utf8, hex, hexRead } = qm
const seedOf = (text: string): qm.Sign => (message) => qm.signWithSeed(hexRead(text), message)
const deviceKey = qm.vkeyRead(v.device.vkey)
const logKey = qm.vkeyRead(v.log.vkey)
const leaves = v.log_entries.map((entry) => qm.leafHash(utf8(entry)))

describe('keys', () => {
  test.each([
    ['device', v.device.name, v.device],
    ['log', v.log.origin, v.log],
  ] as const)('%s', (_, name, k) => {
    const key = qm.publicKey(hexRead(k.seed_hex))
    expect(hex(key)).toBe(k.public_key_hex)
    expect(qm.vkeyWrite(qm.vkeyMake(name, key))).toBe(k.vkey)
    expect(qm.vkeyRead(k.vkey)).toEqual(qm.vkeyMake(name, key))
  })
  test('names', () => {
    expect(qm.deviceName(HOST, qm.deviceNameRead(v.device.name, HOST))).toBe(v.device.name)
    expect(qm.logNameRead(v.log.origin, HOST)).toEqual({ county: '140522', tree: 1 })
  })
})

describe('events', () => {
  test.each(v.events.map((event, i) => [i, event] as const))('%i', (i, event) => {
    const e = utf8(event.E)
    const p = event.P === undefined ? undefined : utf8(event.P)
    expect(hex(qm.leafHash(e))).toBe(event.leaf_hash_hex)
    if (p) expect(hex(qm.sha256(p))).toBe(event.P_sha256_hex)
    const line = qm.lineCheck(e, p)
    if (i === 2) {
      expect(line).toBe('schema') // it has a member that no visit has
      return
    }
    if (typeof line === 'string') throw new Error(line)
    expect(qm.utf8Read(qm.eventWrite(line.event))).toBe(event.E)
    if (!p || !line.private) return
    const { s, ...draft } = line.private
    const again = qm.privateWrite(draft, () => qm.pseudonymRead(s))
    if (i !== 0) expect(qm.utf8Read(again)).toBe(event.P) // the first has `phone` behind `met`
    expect(qm.privateRead(again)).toEqual(line.private)
  })
  test('the first says what it says', () => {
    expect(qm.eventRead(utf8(v.events[0]!.E))).toEqual({
      id: '01992178-f800-7a3c-8b1d-2f6e5a4c3b2a',
      kind: 'visit',
      seq: 41,
      at: 1757203200000,
      grid: '140522110204001',
      household: 'ewN5FqXIVXT7T-Os6zNFFw',
      outcome: 'met',
      topics: ['order-brushing', 'fake-service'],
      near: 'yes',
      secs: 420,
      p: 'LgvXX36ThyeHJzRkMLL0fd7hmHTiUppN-oekpvDzNis',
    })
  })
})

describe('batch', () => {
  const body = utf8(v.batch.body)
  const head = qm.batchHeadRead(body, HOST)
  const lines = qm.batchLinesRead(body, head)
  test('is read', () => {
    expect([body.length, hex(qm.sha256(body))]).toEqual([v.batch.body_bytes, v.batch.body_sha256_hex])
    expect(qm.utf8Read(head.noteBytes)).toBe(v.batch.note)
    expect(head.note.text).toBe(v.batch.signed_text)
    expect(hex(head.checkpoint.root)).toBe(v.batch.root_hex)
    expect([head.deviceName, head.keyId, head.checkpoint.size]).toEqual([v.device.name, deviceKey.id, 5n])
    qm.noteVerify(head.note, deviceKey)
    expect(lines.map((line) => hex(line.leaf))).toEqual(v.events.map((event) => event.leaf_hash_hex))
  })
  test('is made again', async () => {
    const made = await qm.batchWrite(head.origin.batch, deviceKey, seedOf(v.device.seed_hex), lines)
    expect(qm.utf8Read(made)).toBe(v.batch.body)
  })
  test('gives the receipts of its events', () => {
    const es = lines.map((line) => line.e)
    for (const [k, i] of [0, 3].entries()) {
      const receipt = qm.eventReceipt(head.noteBytes, es, i)
      expect(qm.utf8Read(receipt)).toBe(v.event_receipts[k])
      expect(qm.receiptVerify(receipt, deviceKey).index).toBe(BigInt(i))
    }
  })
})

describe('notes of devices', () => {
  test('enrolment', async () => {
    const note = qm.noteRead(utf8(v.enrol_note))
    expect(note.text).toBe(`${HOST}/device/v1\n${v.device.name}\n${v.device.vkey}\n`)
    qm.noteVerify(note, deviceKey)
    expect(await qm.noteSign(note.text, deviceKey, seedOf(v.device.seed_hex))).toBe(v.enrol_note)
  })
  test('rotation, with two signatures', async () => {
    const note = qm.noteRead(utf8(v.rotate.note))
    const next = qm.vkeyRead(v.rotate.new_vkey)
    qm.noteVerify(note, deviceKey)
    qm.noteVerify(note, next)
    const first = await qm.noteSign(note.text, deviceKey, seedOf(v.device.seed_hex))
    const second = await qm.signatureLine(note.text, next, seedOf(v.rotate.new_seed_hex))
    expect(first + second).toBe(v.rotate.note)
  })
})

describe('log', () => {
  test('entries are read', () => {
    const entries = v.log_entries.map((entry) => qm.entryRead(utf8(entry)))
    const types = ['config', 'device', 'batch', 'blob', 'config', 'roster', 'bulletin']
    expect(entries.map((entry) => entry.type)).toEqual(types)
    expect(entries[1]!.headers).toEqual({ by: 'A0001', account: 'W0123', key: 'hard' })
    expect(entries[6]!.headers).toEqual({ by: 'A0002', prepared: 'A0001', scope: '140522110' })
    expect(qm.utf8Read(entries[2]!.payload)).toBe(v.batch.note)
    const verdicts = qm.verdictsRead(entries[2]!.verdictLines, 5)
    expect(verdicts.map((verdict) => verdict.kind)).toEqual(['accept', 'accept', 'reject', 'accept', 'accept'])
    expect(verdicts[2]).toEqual({ kind: 'reject', code: 'schema' })
  })
  test('leaf hashes and checkpoints', async () => {
    expect(leaves.map(hex)).toEqual(v.log_leaf_hashes_hex)
    for (let n = 1; n <= 7; n++) {
      const text = v.checkpoints[n]!
      const note = qm.noteRead(utf8(text))
      qm.noteVerify(note, logKey)
      const c = { origin: v.log.origin, size: BigInt(n), root: qm.merkleRoot(leaves.slice(0, n)) }
      expect(qm.sameCheckpoint(qm.checkpointRead(note.text), c)).toBe(true)
      expect(await qm.noteSign(qm.checkpointWrite(c), logKey, seedOf(v.log.seed_hex))).toBe(text)
    }
  })
  test('receipts hold and are made again', () => {
    for (const [text, index, size] of [
      [v.receipt, 2, 3],
      [v.bulletin.receipt, 6, 7],
    ] as const) {
      const r = qm.receiptVerify(utf8(text), logKey)
      expect([r.index, qm.utf8Read(r.extra)]).toEqual([BigInt(index), v.log_entries[index]])
      const proof = qm.merklePath(leaves.slice(0, size), index)
      expect(qm.utf8Read(qm.receiptWrite(r.extra, r.index, proof, utf8(v.checkpoints[size]!)))).toBe(text)
    }
  })
  test('consistency', () => {
    for (const [name, lines] of Object.entries(v.consistency)) {
      const old = Number(name[0])
      const proof = lines.map(qm.hashRead)
      qm.consistencyVerify(BigInt(old), qm.merkleRoot(leaves.slice(0, old)), 7n, qm.merkleRoot(leaves), proof)
    }
  })
  test('tile and hashed objects', () => {
    expect(leaves.map(hex).join('')).toBe(v.tile_level0_partial7_hex)
    const bulletin = qm.utf8Read(qm.entryRead(utf8(v.log_entries[6]!)).payload)
    for (const name of ['roster', 'rule', 'result', 'public'] as const)
      expect(bulletin).toContain(`\n${name} sha256:${hex(qm.sha256(utf8(v.bulletin[name])))}\n`)
  })
})

describe('signed requests', () => {
  const base = { authority: HOST, method: 'GET', path: '/v1/changes', query: 'since=73894' }
  const post = {
    ...base,
    method: 'POST',
    path: '/v1/example',
    query: '',
    body: { type: 'application/json', bytes: utf8(v.http_post.body) },
  }
  test.each([
    ['GET', base, v.http_get, undefined],
    ['POST', post, v.http_post, v.http_post['Content-Digest']],
  ] as const)('%s', async (_, request, want, digest) => {
    let signed = ''
    const sign = (message: Uint8Array): Uint8Array => {
      signed = qm.utf8Read(message)
      return qm.signWithSeed(hexRead(v.device.seed_hex), message)
    }
    const headers = await qm.reqsigSign(request, deviceKey, sign, NOW_S)
    expect(signed).toBe(want.base)
    expect(headers).toEqual({ input: want['Signature-Input'], signature: want.Signature, digest })
    for (const now of [NOW_S, NOW_S - 300, NOW_S + 300]) qm.reqsigVerify(request, headers, deviceKey, now)
    for (const now of [NOW_S - 301, NOW_S + 301])
      expect(qm.outcome(() => qm.reqsigVerify(request, headers, deviceKey, now))).toBe('stale-signature')
  })
})
