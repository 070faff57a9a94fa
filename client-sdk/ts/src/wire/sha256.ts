/* sha256.ts - floor 0: SHA-256, synchronous, so that it also works where a page has no WebCrypto. */
import { sha256 as noble } from '@noble/hashes/sha2.js'

export const HASH_BYTES = 32

export function sha256(...parts: Uint8Array[]): Uint8Array {
  if (parts.length === 1) return noble(parts[0]!)
  const h = noble.create()
  for (const part of parts) h.update(part)
  return h.digest()
}
