/* Codecs, tree, JSON, events: limits on both sides, and properties over values made from a seed. */
import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import * as qm from '../src/index.js'
import { bool, int, jsonRead, object, optional, string, strings } from '../src/wire/json.js'
import { GRID, HOUSEHOLD, seeded } from './lib/town.js'
import { cases, vectors as v } from './lib/vectors.js'

const { utf8 } = qm
const bad = (call: () => unknown): void => expect(qm.outcome(call)).toBe('malformed')

describe('text forms of bytes', () => {
  const random = seeded('bytes')
  const samples = Array.from({ length: 200 }, (_, n) => random(n))
  test('base64, base64url and hex are those of the platform', () => {
    for (const bytes of samples) {
      const b = Buffer.from(bytes)
      expect([qm.base64(bytes), qm.base64url(bytes), qm.hex(bytes)]).toEqual([b.toString('base64'), b.toString('base64url'), b.toString('hex')])
      expect(qm.base64Read(qm.base64(bytes))).toEqual(bytes)
      expect(qm.base64urlRead(qm.base64url(bytes))).toEqual(bytes)
      expect(qm.hexRead(qm.hex(bytes))).toEqual(bytes)
    }
  })
  test('of all texts of up to three characters and their paddings only one spelling each is read', () => {
    const letters = 'AQgw/+-_=\u00df\u00ef b'
    const texts = [...letters].flatMap((a) => [...letters].flatMap((b) => [...letters].map((c) => a + b + c)))
    for (const t of texts.flatMap((three) => [three.slice(0, 2), three, `A${three}`, `AA${three.slice(0, 2)}`, `${three}====`.slice(0, 4)])) {
      for (const [read, write] of [[qm.base64Read, qm.base64], [qm.base64urlRead, qm.base64url]] as const) {
        let bytes: Uint8Array | undefined
        if (qm.outcome(() => (bytes = read(t))) === 'ok') expect(write(bytes!)).toBe(t)
      }
    }
  })
  test.each(['A', 'AA=', 'AA', 'AAA', 'AAAA=', 'AAAAA===', 'AB==', 'AAB=', '====', ' AA=='])('not base64: "%s"', (t) => bad(() => qm.base64Read(t)))
  test.each(['A', 'AB', 'AAB', 'AA==', 'AA+A', 'AAAAA'])('not base64url: "%s"', (t) => bad(() => qm.base64urlRead(t)))
  test.each(['a', 'AB', 'g0', '0x'])('not hex: "%s"', (t) => bad(() => qm.hexRead(t)))
  test.each(['80', 'c0af', 'c1bf', 'e09fbf', 'eda080', 'f08fbfbf', 'f4908080', 'f5808080', 'e28082e2', 'ff', 'c3'])('not UTF-8: %s', (t) => bad(() => qm.utf8Read(qm.hexRead(t))))
  test('UTF-8 keeps everything else, a byte order mark too', () => {
    for (const t of ['\ufeffx', '\u0000', '张三 \u{1f600}', '\ud7ff\ue000\uffff\u{10ffff}']) expect(qm.utf8Read(utf8(t))).toBe(t)
    expect(['a', '张\u{1f600}', '\ud800', '\udc00\ud800', 'a\ud83d', '\u0000'].map(qm.isSoundText)).toEqual([true, true, false, false, false, false])
  })
})

describe('numbers', () => {
  test.each([['0', 0n], ['9007199254740993', 9007199254740993n], ['9223372036854775807', 9223372036854775807n]] as const)('%s', (t, n) => expect(qm.bigRead(t)).toBe(n))
  test.each(['', '-1', '+1', '01', '00', '1.0', '1e3', ' 1', '9223372036854775808', '18446744073709551616', '1'.repeat(20), '１'])('no number: "%s"', (t) => bad(() => qm.bigRead(t)))
  test('2^53-1 is the largest of the small ones', () => {
    expect(qm.intRead('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER)
    bad(() => qm.intRead('9007199254740992'))
    expect(qm.intRead('86400', 86400)).toBe(86400)
    bad(() => qm.intRead('86401', 86400))
  })
})

describe('names, ids and days', () => {
  test('hosts, accounts, codes', () => {
    expect(['a', 'qm.example.gov.cn', '127.0.0.1:8080', '[::1]:80', 'a'.repeat(120)].every(qm.isHost)).toBe(true)
    expect(['', '.a', 'a.', 'A', 'a/b', 'a b', 'a_b', 'a'.repeat(121), 'a\n'].some(qm.isHost)).toBe(false)
    expect(['A1', 'W0123', `A${'0'.repeat(15)}`].every(qm.isAccount)).toBe(true)
    expect(['A', 'a1', '1A', `A${'0'.repeat(16)}`, 'A-', 'A1\n'].some(qm.isAccount)).toBe(false)
    expect(['a', '0-_', 'a'.repeat(40)].every(qm.isCode)).toBe(true)
    expect(['', '-a', '_a', 'A', 'a'.repeat(41), 'a.', 'a\n'].some(qm.isCode)).toBe(false)
  })
  test('UUIDs carry time, version and variant, whatever the random bytes', () => {
    const ms = 0x0199217902ab
    for (const fill of [0, 0xff, 0x5a]) {
      const random = (n: number): Uint8Array => new Uint8Array(n).fill(fill)
      const id = qm.uuid7(random, ms)
      expect(qm.isUuid(id, 7) && qm.isUuid(qm.uuid4(random), 4)).toBe(true)
      expect(id.slice(0, 13)).toBe('01992179-02ab')
      expect(qm.uuidWrite(qm.uuidRead(id, 7))).toBe(id)
      bad(() => qm.uuidRead(id, 4))
      bad(() => qm.uuidRead(id.toUpperCase(), 7))
    }
    const times = [1, 2, 1000, 2 ** 40, 2 ** 47].map((t) => qm.uuid7(seeded('t'), t))
    expect([...times].sort()).toEqual(times)
  })
  test('days', () => {
    expect([qm.dayRead('1970-01-01'), qm.day8Read('20000229'), qm.dayRead('0001-01-01'), qm.dayRead('9999-12-31')]).toEqual([0, 11016, -719162, 2932896])
    for (const day of [-719162, -1, 0, 59, 11016, 20000, 2932896]) expect(qm.dayRead(qm.dayWrite(day))).toBe(day)
    for (const t of ['2023-02-29', '1900-02-29', '2024-13-01', '2024-00-10', '2024-04-31', '0000-01-01', '2024-1-01', '2024-01-00', '20240101', '2024-01-011'])
      bad(() => qm.dayRead(t))
    for (const t of ['20230229', '00000101', '2024011', '2024-01-']) bad(() => qm.day8Read(t))
    expect([qm.dayOfMs(0), qm.dayOfMs(57599999), qm.dayOfMs(57600000), qm.dayOfMs(-28800001)]).toEqual([0, 0, 1, -1])
  })
  test('full years count from the birthday on, 29 February from 1 March', () => {
    const isOld = (years: number, born: string, on: string): boolean => born <= qm.yearsBefore(qm.dayRead(on), years)
    expect([isOld(16, '2000-06-15', '2016-06-14'), isOld(16, '2000-06-15', '2016-06-15')]).toEqual([false, true])
    expect([isOld(15, '2000-02-29', '2015-02-28'), isOld(15, '2000-02-29', '2015-03-01')]).toEqual([false, true])
    expect([isOld(16, '2000-02-29', '2016-02-28'), isOld(16, '2000-02-29', '2016-02-29')]).toEqual([false, true])
    expect([isOld(16, '2000-03-01', '2016-02-29'), isOld(16, '2000-03-01', '2016-03-01')]).toEqual([false, true])
  })
})

/** RFC 6962 section 2.1.2, word for word. */
function consistency(m: number, leaves: Uint8Array[], whole = true): Uint8Array[] {
  if (m === leaves.length) return whole ? [] : [qm.merkleRoot(leaves)]
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  const left = leaves.slice(0, k)
  const right = leaves.slice(k)
  if (m <= k) return [...consistency(m, left, whole), qm.merkleRoot(right)]
  return [...consistency(m - k, right, false), qm.merkleRoot(left)]
}

describe('tree', () => {
  const leaves = Array.from({ length: 40 }, (_, i) => qm.leafHash(Uint8Array.of(i)))
  const proofs = (call: () => unknown): void => expect(qm.outcome(call)).toBe('proof')
  test('every path holds at its place only', () => {
    for (let n = 1; n <= leaves.length; n++) {
      const tree = leaves.slice(0, n)
      const root = qm.merkleRoot(tree)
      for (let i = 0; i < n; i++) {
        const path = qm.merklePath(tree, i)
        qm.inclusionVerify(tree[i]!, BigInt(i), BigInt(n), path, root)
        for (const [index, size] of [[i + 1, n], [i - 1, n], [n, n], [i, 0], [i, 2 ** 40]] as const)
          proofs(() => qm.inclusionVerify(tree[i]!, BigInt(index), BigInt(size), path, root))
        proofs(() => qm.inclusionVerify(tree[i]!, BigInt(i), BigInt(n), [...path, root], root))
        if (path.length > 0) proofs(() => qm.inclusionVerify(tree[i]!, BigInt(i), BigInt(n), path.slice(1), root))
      }
    }
    expect(qm.outcome(() => qm.merklePath(leaves, 40))).toBe('invalid')
  })
  test('every pair of sizes is consistent, and no other', () => {
    for (let n = 1; n <= 33; n++)
      for (let m = 1; m <= n; m++) {
        const [old, now] = [qm.merkleRoot(leaves.slice(0, m)), qm.merkleRoot(leaves.slice(0, n))]
        const proof = consistency(m, leaves.slice(0, n))
        const check = (a: number, b: number, p = proof): void => qm.consistencyVerify(BigInt(a), old, BigInt(b), now, p)
        check(m, n)
        proofs(() => check(m, n, [...proof, old]))
        proofs(() => check(0, n))
        proofs(() => check(n + 1, n))
        if (proof.length > 0) proofs(() => check(m, n, proof.slice(1)))
        if (m < n) proofs(() => qm.consistencyVerify(BigInt(m), now, BigInt(n), now, proof))
      }
  })
  test('sizes up to 2^63-1 are counted exactly', () => {
    const max = qm.INT64_MAX
    const path = Array.from({ length: 63 }, (_, i) => qm.sha256(Uint8Array.of(i)))
    // The last leaf of a tree of 2^63-1 has 62 hashes to its left, on every level but the lowest.
    const used = path.slice(0, 62)
    const root = used.reduce((r, hash) => qm.nodeHash(hash, r), leaves[0]!)
    qm.inclusionVerify(leaves[0]!, max - 1n, max, used, root)
    for (const [index, size] of [[max - 2n, max], [max - 1n, max + 1n], [max, max], [-1n, max], [2n ** 53n, 2n ** 53n + 2n]] as const)
      proofs(() => qm.inclusionVerify(leaves[0]!, index, size, used, root))
    proofs(() => qm.inclusionVerify(leaves[0]!, 0n, max, [...path, path[0]!], root))
  })
})

describe('JSON', () => {
  const shape = {
    i: int(0, qm.INT_MAX),
    b: optional(bool),
    s: optional(string(0, 6)),
    l: optional(strings(0, 2)),
    o: optional(object({ x: bool })),
  }
  const read = (t: string): unknown => jsonRead(utf8(t), shape)
  test.each([
    ['{"i":0}', { i: 0 }],
    [' {\t"i"\r\n: 9007199254740991 } ', { i: 9007199254740991 }],
    ['{"i":-0}', { i: 0 }],
    ['{"i":1,"b":true,"s":"\\u0041\\n\\ud83d\\ude00","l":["a",""],"o":{"x":false}}', { i: 1, b: true, s: 'A\n\u{1f600}', l: ['a', ''], o: { x: false } }],
    ['{"\\u0069":1,"l":[]}', { i: 1, l: [] }],
  ])('%s', (t, want) => expect(read(t)).toEqual(want))
  test.each([
    '', '{}', '[]', 'null', '{"i":1', '{"i":1}}', '{"i":1}x', '{"i":1,}', '{,"i":1}', '{"i":01}', '{"i":1.0}', '{"i":1e1}', '{"i":+1}', '{"i":-1}',
    '{"i":9007199254740992}', '{"i":99999999999999999999}', '{"i":"1"}', '{"i":null}', '{i:1}', "{'i':1}", '{"i":1,"i":1}', '{"i":1,"\\u0069":1}',
    '{"i":1,"x":1}', '{"i":1,"__proto__":1}', '{"i":1,"toString":1}', '{"i":1,"b":1}', '{"i":1,"b":tru}', '{"i":1,"b":truefalse}', '{"i":1,"s":"\\ud800"}',
    '{"i":1,"s":"\\udc00\\ud800"}', '{"i":1,"s":"\\u0000"}', '{"i":1,"s":"\u0001"}', '{"i":1,"s":"\\x41"}', '{"i":1,"s":"\\u12"}', '{"i":1,"s":"1234567"}',
    '{"i":1,"s":"张张张"}', '{"i":1,"l":["a","b","c"]}', '{"i":1,"l":[1]}', '{"i":1,"l":["a",]}', '{"i":1,"l":"a"}', '{"i":1,"o":{}}', '{"i":1,"o":{"x":true,"y":1}}',
    '{"i":1,"o":[]}', '\ufeff{"i":1}', '{"i":1}\u0000', '{"i" 1}', '{"i":1 "b":true}', '/**/{"i":1}', '{"i":1}//', '{"i":\u00a01}',
  ])('refused: %s', (t) => bad(() => read(t)))
  test('refused: bytes that are no UTF-8', () => bad(() => jsonRead(qm.hexRead('7b2269223a312c2273223a22c0af227d'), shape)))
})

describe('events', () => {
  const good = cases.filter((c) => c.what === 'E' && c.expect === 'ok' && c.text !== undefined)
  test('what was read is written in the order of the table, and read as the same', () => {
    for (const c of good) {
      const ev = qm.eventRead(utf8(c.text!))
      const written = qm.eventWrite(ev)
      expect(qm.eventRead(written)).toEqual(ev)
      expect(qm.eventStored(written)).toEqual(ev)
      const byValue = (t: string): unknown => JSON.parse(t)
      expect(byValue(qm.utf8Read(written))).toEqual(byValue(c.text!))
    }
    expect(good.length).toBeGreaterThan(60)
  })
  test('a stored one that is no JSON any more is corrupt', () => {
    const e = utf8(good[0]!.text!)
    expect(qm.outcome(() => qm.eventStored(e.subarray(0, e.length - 1)))).toBe('corrupt')
  })
  const visit: qm.Visit = { id: v.events[0]!.E.slice(13, 49), kind: 'visit', seq: 1, at: 1, grid: GRID, household: HOUSEHOLD, outcome: 'met', topics: [], near: 'no', secs: 0 }
  test.each([
    { seq: 0 }, { seq: 2 ** 53 }, { seq: 1.5 }, { at: NaN }, { grid: '1' }, { topics: ['a', 'a'] }, { topics: ['a","b'] }, { secs: 86401 },
    { outcome: 'm\u00e9t' }, { extra: 1 }, { with: [] }, { done: '20250230' }, { p: 'x' }, { kind: 'toString' }, { household: undefined },
  ])('not written: %o', (change) => {
    expect(qm.outcome(() => qm.eventWrite({ ...visit, ...change } as unknown as qm.QmEvent))).toBe('invalid')
  })
  test('what a member means that is not there', () => {
    expect([qm.viaOf(visit), qm.viaOf({ ...visit, via: 'paper' })]).toEqual(['door', 'paper'])
    expect(qm.privateRequired(visit)).toBe(false)
  })
  test('private parts: every member, escapes, and what cannot be written', () => {
    const random = seeded('p')
    const draft = { name: '王"五\\', phone: '1', born: '1970-01-01', door: 'x', met: '\u{1f600}', signer: 's', relation: 'self', note: 'n'.repeat(2000) }
    const bytes = qm.privateWrite(draft, random)
    const { s, ...back } = qm.privateRead(bytes)
    expect(back).toEqual(draft)
    expect(s).toHaveLength(22)
    expect(qm.privateWrite(draft, random)).not.toEqual(bytes) // another salt
    for (const wrong of [{ born: '1970-02-30' }, { name: 'x'.repeat(501) }, { note: 'x'.repeat(2001) }, { name: '\ud800' }, { name: 'a\u0000' }])
      expect(qm.outcome(() => qm.privateWrite(wrong, random))).toBe('invalid')
  })
})

describe('records', () => {
  const random = seeded('r')
  const draft: qm.EventDraft = { kind: 'void', grid: GRID, target: v.events[0]!.E.slice(13, 49), reason: 'wrong-door' }
  test('seq goes on, time never goes back, and P is committed to', () => {
    const first = qm.compose(draft, undefined, { seq: 0, at: 0 }, random, 1000)
    expect([first.seq, first.at, first.p]).toEqual([1, 1000, undefined])
    const second = qm.compose(draft, undefined, first, random, 500)
    expect([second.seq, second.at]).toEqual([2, 1001])
    const household: qm.EventDraft = { kind: 'household', grid: GRID, household: HOUSEHOLD, place: 'home', why: 'found' }
    const found = qm.compose(household, { name: '王五' }, second, random, 2000)
    expect(typeof qm.lineCheck(found.e, found.p)).toBe('object')
    expect(qm.eventRead(found.e)).toMatchObject({ ...household, id: found.id, seq: 3, at: 2000 })
    expect(qm.receiptLink('a.cn', found.id, found.p!)).toBe(`https://a.cn/r/#${found.id}.${qm.privateRead(found.p!).s}`)
    for (const own of ['127.0.0.1:8080', 'localhost', '[::1]:80'])
      expect(qm.receiptLink(own, found.id, found.p!)).toMatch(/^http:\/\//)
    for (const other of ['127.0.0.1.evil.cn', 'localhost.cn', '128.0.0.1'])
      expect(qm.receiptLink(other, found.id, found.p!)).toMatch(/^https:\/\//)
    expect(qm.outcome(() => qm.compose(household, undefined, second, random, 2000))).toBe('invalid') // P is required
    expect(qm.outcome(() => qm.compose(draft, { name: 'x' }, second, random, 2000))).toBe('invalid') // and has no place here
  })
})

describe('notes and batches', () => {
  const key = qm.vkeyRead(v.device.vkey)
  const sign: qm.Sign = (m) => qm.signWithSeed(qm.hexRead(v.device.seed_hex), m)
  test('what is no text to sign, and a signature of another length', async () => {
    for (const t of ['', 'a', 'a\r\n', 'a\u0000\n', '\ud800\n']) await expect(qm.noteSign(t, key, sign)).rejects.toMatchObject({ code: 'invalid' })
    await expect(qm.noteSign('a\n', key, () => new Uint8Array(63))).rejects.toMatchObject({ code: 'invalid' })
  })
  test('key names', () => {
    for (const name of ['', 'a b', 'a+b', 'a\u00a0', '\u3000', 'a\n', '\u2028']) expect(qm.outcome(() => qm.vkeyMake(name, key.key))).toBe('malformed')
    expect(qm.outcome(() => qm.vkeyMake('a'.repeat(256), key.key))).toBe('too-large')
    expect(qm.vkeyRead(qm.vkeyWrite(qm.vkeyMake('a'.repeat(255), key.key))).name).toHaveLength(255)
  })
  test('items that no batch takes', () => {
    const e = utf8(v.events[1]!.E)
    expect(qm.outcome(() => qm.itemsRoot([{ e }]))).toBe('ok')
    const none: qm.BatchItem[][] = [
      [], Array.from({ length: 257 }, () => ({ e })), [{ e: utf8('{') }], [{ e: utf8('a b') }], [{ e: new Uint8Array(2049).fill(65) }],
      [{ e, p: utf8('{') }], [{ e, p: utf8('{\n}') }], [{ e, p: new Uint8Array(16385).fill(65) }],
    ]
    for (const items of none) expect(qm.outcome(() => qm.itemsRoot(items))).toBe('invalid')
  })
})
