/* secretstream.ts - floor 1: libsodium's crypto_secretstream_xchacha20poly1305, as much of it as the file
 * of the unsent queue needs: frames in order, each with associated data, the last one tagged.
 *
 * Happy path: HChaCha20 of key and the header's first half makes the stream's key, the second half its
 * nonce; each frame has its own counter, and its tag of authentication changes the nonce of the next.
 * Failure modes: `corrupt` for a frame that does not open.
 */
import { chacha20, hchacha } from '@noble/ciphers/chacha.js'
import { poly1305 } from '@noble/ciphers/_poly1305.js'
import { concat, equal } from './wire/bytes.js'
import { QmError } from './wire/err.js'

export const HEADER_BYTES = 24
export const FRAME_EXTRA_BYTES = 17
const BLOCK = 64
const MAC_BYTES = 16
export const TAG_MESSAGE = 0
export const TAG_FINAL = 3
const REKEY = 2

const SIGMA = Uint32Array.from([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574])

/** Words as the machine of the algorithm has them: little-endian, whatever the host. */
function words(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true))
}
function bytesOf(numbers: Uint32Array): Uint8Array {
  const out = new DataView(new ArrayBuffer(4 * numbers.length))
  numbers.forEach((n, i) => out.setUint32(4 * i, n, true))
  return new Uint8Array(out.buffer)
}
function length64(n: number): Uint8Array {
  const out = new DataView(new ArrayBuffer(8))
  out.setUint32(0, n >>> 0, true)
  out.setUint32(4, Math.floor(n / 2 ** 32), true)
  return new Uint8Array(out.buffer)
}
const zeros = (n: number): Uint8Array => new Uint8Array(n)

/** One direction of a stream; the same for writing and reading. */
export class SecretStream {
  private key: Uint8Array
  /** counter 4, inonce 8 */
  private readonly nonce: Uint8Array

  constructor(key: Uint8Array, header: Uint8Array) {
    const made = new Uint32Array(8)
    hchacha(SIGMA, words(key), words(header.subarray(0, 16)), made)
    this.key = bytesOf(made)
    this.nonce = concat(Uint8Array.of(1, 0, 0, 0), header.subarray(16, HEADER_BYTES))
  }

  private cipher(data: Uint8Array, block: number): Uint8Array {
    return chacha20(this.key, this.nonce, data, undefined, block)
  }

  /** block: the enciphered first block; sealed: the enciphered message.  The padding of the message is
   * the one that libsodium has, not the one that it meant. */
  private mac(block: Uint8Array, sealed: Uint8Array, extra: Uint8Array): Uint8Array {
    const text = concat(
      extra, zeros((16 - (extra.length % 16)) % 16), block, sealed, zeros(sealed.length % 16), length64(extra.length), length64(BLOCK + sealed.length),
    )
    return poly1305(text, this.cipher(zeros(BLOCK), 0).subarray(0, 32))
  }

  private advance(mac: Uint8Array, tag: number): void {
    for (let i = 0; i < 8; i++) this.nonce[4 + i]! ^= mac[i]!
    const count = new DataView(this.nonce.buffer, this.nonce.byteOffset, 4)
    count.setUint32(0, (count.getUint32(0, true) + 1) >>> 0, true)
    if ((tag & REKEY) !== 0 || count.getUint32(0, true) === 0) this.rekey()
  }

  private rekey(): void {
    const fresh = this.cipher(concat(this.key, this.nonce.subarray(4)), 0)
    this.key = fresh.slice(0, 32)
    this.nonce.set(fresh.subarray(32), 4)
    this.nonce.set([1, 0, 0, 0], 0)
  }

  push(message: Uint8Array, extra: Uint8Array, tag: number): Uint8Array {
    const block = zeros(BLOCK)
    block[0] = tag
    const first = this.cipher(block, 1)
    const sealed = this.cipher(message, 2)
    const mac = this.mac(first, sealed, extra)
    this.advance(mac, tag)
    return concat(first.subarray(0, 1), sealed, mac)
  }

  pull(frame: Uint8Array, extra: Uint8Array): { message: Uint8Array; tag: number } {
    if (frame.length < FRAME_EXTRA_BYTES) throw new QmError('corrupt', 'frame')
    const block = zeros(BLOCK)
    block[0] = frame[0]!
    const clear = this.cipher(block, 1)
    const tag = clear[0]!
    clear[0] = frame[0]!
    const sealed = frame.subarray(1, frame.length - MAC_BYTES)
    const mac = this.mac(clear, sealed, extra)
    if (!equal(mac, frame.subarray(frame.length - MAC_BYTES))) throw new QmError('corrupt', 'frame')
    const message = this.cipher(sealed, 2)
    this.advance(mac, tag)
    return { message, tag }
  }
}
