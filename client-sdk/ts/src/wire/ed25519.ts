/* ed25519.ts - floor 0: Ed25519 with exactly the rules of libsodium, which the server uses.
 *
 * Two readings of RFC 8032 that disagree about one signature would let a receipt hold here and not
 * there.  So verifying is written on the curve's points: the key is a canonical encoding and no point
 * of small order, S is below the group's order, R is no point of small order, and R equals
 * S*B - k*A byte for byte (no multiplication by the cofactor, which the library's own `verify` does).
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concat, equal } from './bytes.js'

export const KEY_BYTES = 32
export const SIGNATURE_BYTES = 64
export const SEED_BYTES = 32

const Point = ed25519.Point
type CurvePoint = InstanceType<typeof Point>

/** The order of the group: 2^252 + 27742317777372353535851937790883648493. */
const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n

function littleEndian(bytes: Uint8Array): bigint {
  let v = 0n
  for (let i = bytes.length - 1; i >= 0; i--) v = (v << 8n) | BigInt(bytes[i]!)
  return v
}

/** The point of a canonical encoding that is not of small order. */
function keyPoint(key: Uint8Array): CurvePoint | undefined {
  if (key.length !== KEY_BYTES) return undefined
  try {
    const point = Point.fromBytes(key, false)
    return point.isSmallOrder() ? undefined : point
  } catch {
    return undefined
  }
}

/** A key that enrolment takes: also in the main subgroup. */
export function isValidKey(key: Uint8Array): boolean {
  return keyPoint(key)?.isTorsionFree() ?? false
}

export function verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const a = keyPoint(key)
  if (a === undefined || signature.length !== SIGNATURE_BYTES) return false
  const r = signature.subarray(0, 32)
  const s = littleEndian(signature.subarray(32))
  if (s >= ORDER) return false
  const k = littleEndian(sha512(concat(r, key, message))) % ORDER
  const point = Point.BASE.multiplyUnsafe(s).add(a.negate().multiplyUnsafe(k))
  return !point.isSmallOrder() && equal(point.toBytes(), r)
}

export function publicKey(seed: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(seed)
}

export function signWithSeed(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return ed25519.sign(message, seed)
}
