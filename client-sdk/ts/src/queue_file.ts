/* queue_file.ts - floor 1: the unsent queue as a file that only a passphrase opens; the format is that of
 * the C command (client-sdk/README.md, "The file of outbox export"), each reads the other's.
 *
 *   magic | passes u32 | memory in KiB u32 | salt 16 | header 24 | (length u32 | frame)*
 * Happy path: Argon2id makes the key, each batch and photo is a frame, the last one says so.
 * Failure modes: `invalid` for a passphrase under 8 bytes, `corrupt` for a wrong one and for a file that
 * is cut, damaged or something else, `no-memory` where the phone cannot afford the cost.
 */
import { argon2idAsync } from '@noble/hashes/argon2.js'
import { concat, utf8 } from './wire/bytes.js'
import type { Random } from './wire/codec.js'
import { QmError } from './wire/err.js'
import { FRAME_EXTRA_BYTES, HEADER_BYTES, SecretStream, TAG_FINAL, TAG_MESSAGE } from './secretstream.js'

const MAGIC = utf8('qiaomen-outbox-v1\n')
const SALT_BYTES = 16
const HEAD_BYTES = MAGIC.length + 8 + SALT_BYTES
const FRAME_MAX_BYTES = 2 * 1048576
export const PASS_MIN_BYTES = 8
/** A quarter of what the C command takes: in a browser it is ten times slower. */
const PASSES = 2
const MEMORY_KIB = 65536
const PASSES_MAX = 16
const MEMORY_KIB_MAX = 1048576

export interface Queue {
  /** ready signed batches: bodies of POST /v1/sync */
  batches: Uint8Array[]
  photos: Uint8Array[]
}

function u32(n: number): Uint8Array {
  return Uint8Array.of(n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255)
}
function u32Read(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0)
}

async function keyOf(passphrase: string, salt: Uint8Array, t: number, m: number, progress: (done: number) => void): Promise<Uint8Array> {
  try {
    return await argon2idAsync(utf8(passphrase), salt, { t, m, p: 1, dkLen: 32, maxmem: 2 ** 32 - 1, asyncTick: 20, onProgress: progress })
  } catch (e) {
    throw e instanceof RangeError ? new QmError('no-memory', e.message) : e
  }
}

const BATCH = 0x42
const PHOTO = 0x50
const END = 0x45

export async function queueWrite(
  queue: Queue,
  passphrase: string,
  random: Random,
  progress: (done: number) => void = () => undefined,
): Promise<Uint8Array> {
  if (utf8(passphrase).length < PASS_MIN_BYTES) throw new QmError('invalid', 'passphrase')
  const salt = random(SALT_BYTES).slice()
  const header = random(HEADER_BYTES).slice()
  const stream = new SecretStream(await keyOf(passphrase, salt, PASSES, MEMORY_KIB, progress), header)
  const frame = (type: number, bytes: Uint8Array): Uint8Array => {
    const plain = concat(Uint8Array.of(type), bytes)
    const length = u32(plain.length + FRAME_EXTRA_BYTES)
    return concat(length, stream.push(plain, length, type === END ? TAG_FINAL : TAG_MESSAGE))
  }
  return concat(
    MAGIC, u32(PASSES), u32(MEMORY_KIB), salt, header,
    ...queue.batches.map((body) => frame(BATCH, body)),
    ...queue.photos.map((bytes) => frame(PHOTO, bytes)),
    frame(END, new Uint8Array(0)),
  )
}

function corrupt(why: string): never {
  throw new QmError('corrupt', why)
}

/** Frames up to the one that says it is the last, behind which the file ends. */
function framesRead(file: Uint8Array, stream: SecretStream): Queue {
  const queue: Queue = { batches: [], photos: [] }
  for (let at = HEAD_BYTES + HEADER_BYTES; ; ) {
    if (at + 4 > file.length) corrupt('the file is cut')
    const length = u32Read(file, at)
    if (length > FRAME_MAX_BYTES + FRAME_EXTRA_BYTES || at + 4 + length > file.length) corrupt('the file is cut')
    const { message, tag } = stream.pull(file.subarray(at + 4, at + 4 + length), file.subarray(at, at + 4))
    at += 4 + length
    const isLast = tag === TAG_FINAL
    const [type] = message
    if (type === END && isLast && message.length === 1 && at === file.length) return queue
    if (isLast || (type !== BATCH && type !== PHOTO)) corrupt('frame of another kind')
    queue[type === BATCH ? 'batches' : 'photos'].push(message.slice(1))
  }
}

export async function queueRead(file: Uint8Array, passphrase: string, progress: (done: number) => void = () => undefined): Promise<Queue> {
  if (file.length < HEAD_BYTES + HEADER_BYTES || MAGIC.some((b, i) => file[i] !== b)) corrupt('no such file')
  const passes = u32Read(file, MAGIC.length)
  const memory = u32Read(file, MAGIC.length + 4)
  if (passes < 1 || passes > PASSES_MAX || memory < 8 || memory > MEMORY_KIB_MAX) corrupt('cost')
  const salt = file.slice(MAGIC.length + 8, HEAD_BYTES)
  const key = await keyOf(passphrase, salt, passes, memory, progress)
  return framesRead(file, new SecretStream(key, file.slice(HEAD_BYTES, HEAD_BYTES + HEADER_BYTES)))
}
