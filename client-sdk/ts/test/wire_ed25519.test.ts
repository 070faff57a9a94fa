/* Signatures on which implementations of Ed25519 are known to disagree, made here from the curve's
 * points: each must be judged as libsodium judges it. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { describe, expect, test } from 'vitest'
import { concat, hex, hexRead } from '../src/wire/bytes.js'
import { isValidKey, publicKey, signWithSeed, verify } from '../src/wire/ed25519.js'

const Point = ed25519.Point
type P = InstanceType<typeof Point>
const L = (1n << 252n) + 27742317777372353535851937790883648493n
const FIELD = (1n << 255n) - 19n

const little = (v: bigint): Uint8Array => hexRead(v.toString(16).padStart(64, '0')).reverse()
const number = (bytes: Uint8Array): bigint => BigInt(`0x${hex(bytes.slice().reverse())}`)
const message = new Uint8Array(100).fill(7)

/** A point of order 8, and the eight points of small order. */
const eighth = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')
const small: P[] = Array.from({ length: 8 }, (_, i) => eighth.multiplyUnsafe(BigInt(i)))
const secret = 0x1234567890abcdef1234567890abcdefn
const honest = Point.BASE.multiply(secret)

/** A signature with a key a*B + torsion, R = r*B + torsion, made for the equation with the cofactor. */
function forge(key: P, a: bigint, rPoint: P, r: bigint): { key: Uint8Array; signature: Uint8Array } {
  const A = key.toBytes()
  const R = rPoint.toBytes()
  const k = number(sha512(concat(R, A, message))) % L
  return { key: A, signature: concat(R, little((r + k * a) % L)) }
}
const judge = (f: { key: Uint8Array; signature: Uint8Array }): boolean => verify(f.key, message, f.signature)

describe('RFC 8032', () => {
  // Section 7.1, test 3, and a seed of our own.
  test('test vector', () => {
    const seed = hexRead('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7')
    const key = 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025'
    const signature =
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a'
    expect(hex(publicKey(seed))).toBe(key)
    expect(hex(signWithSeed(seed, hexRead('af82')))).toBe(signature)
    expect(verify(hexRead(key), hexRead('af82'), hexRead(signature))).toBe(true)
    expect(verify(hexRead(key), hexRead('af83'), hexRead(signature))).toBe(false)
  })
  test('every length but 32 and 64 is refused', () => {
    const f = forge(honest, secret, Point.BASE.multiply(99n), 99n)
    expect(judge(f)).toBe(true)
    for (const n of [0, 1, 63, 65, 128]) expect(verify(f.key, message, concat(f.signature, f.signature).slice(0, n))).toBe(false)
    for (const n of [0, 31, 33]) expect(verify(concat(f.key, f.key).slice(0, n), message, f.signature)).toBe(false)
  })
})

describe('S', () => {
  const f = forge(honest, secret, Point.BASE.multiply(5n), 5n)
  const s = number(f.signature.slice(32))
  test.each([1n, 2n, 7n])('S + %s*L is refused', (n) => {
    expect(verify(f.key, message, concat(f.signature.slice(0, 32), little(s + n * L)))).toBe(false)
  })
  test('S = L is refused, and S = 0 where only points of small order make it hold', () => {
    for (const point of small) expect(verify(point.toBytes(), message, concat(point.toBytes(), little(0n)))).toBe(false)
    expect(verify(f.key, message, concat(f.signature.slice(0, 32), little(L)))).toBe(false)
  })
})

describe('points of small order', () => {
  test.each(small.map((point, i) => [i, point] as const))('as key: %i', (_, point) => {
    expect(judge(forge(point, 0n, Point.BASE.multiply(3n), 3n))).toBe(false)
    expect(isValidKey(point.toBytes())).toBe(false)
  })
  test.each(small.map((point, i) => [i, point] as const))('as R: %i', (_, point) => {
    expect(judge(forge(honest, secret, point, 0n))).toBe(false)
  })
})

describe('a part of small order', () => {
  test.each([1n, 2n, 3n, 4n, 5n, 6n, 7n])('in R (%s): refused, there is no multiplication by the cofactor', (n) => {
    const f = forge(honest, secret, Point.BASE.multiply(8n).add(eighth.multiplyUnsafe(n)), 8n)
    expect(ed25519.verify(f.signature, message, f.key, { zip215: false })).toBe(true) // the library alone takes it
    expect(judge(f)).toBe(false)
  })
  test('in the key: no key for enrolment; a signature holds exactly if k takes the part away', () => {
    const mixed = honest.add(eighth)
    expect(isValidKey(mixed.toBytes())).toBe(false)
    expect(isValidKey(honest.toBytes())).toBe(true)
    let held = 0
    for (let r = 1n; r <= 64n; r++) {
      const f = forge(mixed, secret, Point.BASE.multiply(r), r)
      const k = number(sha512(concat(f.signature.slice(0, 32), f.key, message))) % L
      expect(judge(f)).toBe(k % 8n === 0n)
      if (k % 8n === 0n) held++
    }
    expect(held).toBeGreaterThan(0)
  })
})

describe('encodings that are not canonical', () => {
  const f = forge(honest, secret, Point.BASE.multiply(11n), 11n)
  /** y + p of each y that leaves room for it, with and without the sign bit. */
  const encodings = Array.from({ length: 19 }, (_, y) => BigInt(y) + FIELD).flatMap((y) => [y, y | (1n << 255n)])
  test.each(encodings.map((y) => [y.toString(16), y] as const))('%s', (_, y) => {
    const bytes = little(y)
    expect(verify(bytes, message, f.signature)).toBe(false)
    expect(isValidKey(bytes)).toBe(false)
    expect(verify(f.key, message, concat(bytes, f.signature.slice(32)))).toBe(false)
  })
  test('no point at all', () => {
    let none = 0
    for (let y = 2n; y < 20n; y++) {
      const bytes = little(y)
      if (isValidKey(bytes)) continue
      none++
      expect(verify(bytes, message, f.signature)).toBe(false)
    }
    expect(none).toBeGreaterThan(5)
  })
})
