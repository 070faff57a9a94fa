/* merkle.ts - floor 0: the Merkle tree of RFC 6962 section 2.1 / RFC 9162 section 2.1.
 *
 * Leaf hash = SHA-256(0x00 | data), node = SHA-256(0x01 | left | right).  Verification refuses what
 * the RFC text alone leaves open: a hash is 32 bytes, a proof has exactly the length that it needs,
 * index < size, sizes are below 2^63, and consistency from size 0 does not exist.
 */
import { equal } from './bytes.js'
import { INT64_MAX } from './codec.js'
import { QmError } from './err.js'
import { HASH_BYTES, sha256 } from './sha256.js'

export const PROOF_MAX = 63

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

export const leafHash = (data: Uint8Array): Uint8Array => sha256(LEAF, data)
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(NODE, left, right)

/** The largest power of two below n, n > 1. */
function splitOf(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/** Root over leaf hashes; none give SHA-256 of nothing. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array(0))
  if (leaves.length === 1) return leaves[0]!
  const k = splitOf(leaves.length)
  return nodeHash(merkleRoot(leaves.slice(0, k)), merkleRoot(leaves.slice(k)))
}

/** PATH of RFC 9162 section 2.1.3.1: the inclusion proof of leaf i. */
export function merklePath(leaves: readonly Uint8Array[], i: number): Uint8Array[] {
  if (!Number.isInteger(i) || i < 0 || i >= leaves.length) throw new QmError('invalid', 'no such leaf')
  if (leaves.length === 1) return []
  const k = splitOf(leaves.length)
  const left = leaves.slice(0, k)
  const right = leaves.slice(k)
  if (i < k) return [...merklePath(left, i), merkleRoot(right)]
  return [...merklePath(right, i - k), merkleRoot(left)]
}

function fail(why: string): never {
  throw new QmError('proof', why)
}

function checkProof(proof: readonly Uint8Array[]): void {
  if (proof.length > PROOF_MAX || proof.some((hash) => hash.length !== HASH_BYTES)) fail('not a proof')
}

/** Drops the bits of levels at which the node has no sibling to the right. */
function skipLevels(fn: bigint, sn: bigint): [bigint, bigint] {
  while ((fn & 1n) === 0n && fn !== 0n) {
    fn >>= 1n
    sn >>= 1n
  }
  return [fn, sn]
}

/** RFC 9162 section 2.1.3.2; throws `proof` unless it holds. */
export function inclusionVerify(
  leaf: Uint8Array,
  index: bigint,
  size: bigint,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): void {
  checkProof(proof)
  if (index < 0n || index >= size || size > INT64_MAX) fail('no such leaf')
  let fn = index
  let sn = size - 1n
  let r = leaf
  for (const p of proof) {
    if (sn === 0n) fail('proof too long')
    if ((fn & 1n) === 1n || fn === sn) {
      r = nodeHash(p, r)
      ;[fn, sn] = skipLevels(fn, sn)
    } else {
      r = nodeHash(r, p)
    }
    fn >>= 1n
    sn >>= 1n
  }
  if (sn !== 0n) fail('proof too short')
  if (!equal(r, root)) fail('another root')
}

/** RFC 9162 section 2.1.4.2; throws `proof` unless the old tree is a prefix of the new one. */
export function consistencyVerify(
  oldSize: bigint,
  oldRoot: Uint8Array,
  newSize: bigint,
  newRoot: Uint8Array,
  proof: readonly Uint8Array[],
): void {
  checkProof(proof)
  if (oldSize <= 0n || oldSize > newSize || newSize > INT64_MAX) fail('no such sizes')
  if (oldSize === newSize) {
    if (proof.length !== 0 || !equal(oldRoot, newRoot)) fail('another root')
    return
  }
  let fn = oldSize - 1n
  let sn = newSize - 1n
  while ((fn & 1n) === 1n) {
    fn >>= 1n
    sn >>= 1n
  }
  // Unless the old size is a power of two, the proof brings the first node.
  const hashes = fn === 0n ? [oldRoot, ...proof] : [...proof]
  const first = hashes.shift() ?? fail('proof too short')
  let fr = first
  let sr = first
  for (const c of hashes) {
    if (sn === 0n) fail('proof too long')
    if ((fn & 1n) === 1n || fn === sn) {
      fr = nodeHash(c, fr)
      sr = nodeHash(c, sr)
      ;[fn, sn] = skipLevels(fn, sn)
    } else {
      sr = nodeHash(sr, c)
    }
    fn >>= 1n
    sn >>= 1n
  }
  if (sn !== 0n) fail('proof too short')
  if (!equal(fr, oldRoot) || !equal(sr, newRoot)) fail('another root')
}
