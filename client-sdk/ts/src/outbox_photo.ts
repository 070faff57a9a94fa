/* outbox_photo.ts - floor 1: photos that wait, are sent, and are dropped after their time.
 *
 * A photo is named by the SHA-256 of its bytes and sealed at rest; the same bytes twice are one.  One
 * that was sent is kept as long as P is, because the server may ask again (`want`).
 */
import { hex } from './wire/bytes.js'
import { QmError } from './wire/err.js'
import { sha256 } from './wire/sha256.js'
import type { StateChange, WaitingPhoto } from './ports.js'
import { stateChange } from './outbox_batch.js'
import type { PhotoRow, ReadTx, Room, WriteTx } from './outbox_db.js'

export const PHOTO_MAX_BYTES = 1048576

/** By the magic bytes; undefined for anything else. */
export function photoType(b: Uint8Array): string | undefined {
  const text = (from: number, to: number): string => String.fromCharCode(...b.subarray(from, to))
  if (text(0, 3) === '\xff\xd8\xff') return 'image/jpeg'
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png'
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'image/webp'
  return undefined
}

export interface PreparedPhoto {
  sha256: string
  type: string
  bytes: number
  sealed: Uint8Array
}

/** `too-large`, or `invalid` if it is no photo. */
export async function photoPrepare(room: Room, bytes: Uint8Array): Promise<PreparedPhoto> {
  if (bytes.length > PHOTO_MAX_BYTES) throw new QmError('too-large', 'photo')
  const type = photoType(bytes)
  if (type === undefined) throw new QmError('invalid', 'not JPEG, PNG or WebP')
  const name = hex(sha256(bytes))
  return { sha256: name, type, bytes: bytes.length, sealed: await room.seal.seal('photo', name, bytes) }
}

/** One that was refused or dropped earlier comes back to life. */
export async function photoPut(tx: WriteTx, photo: PreparedPhoto, nowMs: number): Promise<void> {
  const { sealed, ...about } = photo
  const old = await tx.objectStore('photo').get(photo.sha256)
  if (old?.state === 'confirmed' || old?.state === 'waiting') return
  await tx.objectStore('picture').put(sealed, photo.sha256)
  await tx.objectStore('photo').put({ ...about, state: 'waiting', code: '', addedMs: nowMs, queue: nowMs })
}

export async function photoOpen(room: Room, sha256: string): Promise<{ bytes: Uint8Array; type: string } | undefined> {
  const found = await room.db.read(['photo', 'picture'], async (tx) => ({
    about: await tx.objectStore('photo').get(sha256),
    sealed: await tx.objectStore('picture').get(sha256),
  }))
  if (!found.about || !found.sealed) return undefined
  return { bytes: await room.seal.open('photo', sha256, found.sealed), type: found.about.type }
}

export async function photoNext(room: Room): Promise<WaitingPhoto | undefined> {
  const row = await room.db.read(['photo'], (tx) => tx.objectStore('photo').index('queue').get(IDBKeyRange.lowerBound(0)))
  if (row === undefined) return undefined
  const found = await photoOpen(room, row.sha256)
  if (found === undefined) throw new QmError('corrupt', 'photo without its bytes')
  return { sha256: row.sha256, ...found }
}

export function photoDone(room: Room, sha256: string, fault: string | undefined, nowMs: number): Promise<void> {
  return room.db.write(['photo', 'want'], async (tx) => {
    const row = await tx.objectStore('photo').get(sha256)
    if (row === undefined) return
    const state = fault === undefined ? 'confirmed' : 'rejected'
    await tx.objectStore('photo').put({ ...row, state, code: fault ?? '', doneMs: nowMs, queue: undefined })
    if (fault === undefined) await tx.objectStore('want').delete(sha256)
  })
}

export function photoLater(room: Room, sha256: string, change: StateChange): Promise<void> {
  return room.db.write(['photo', 'value'], async (tx) => {
    await stateChange(tx, change)
    const store = tx.objectStore('photo')
    const row = await store.get(sha256)
    const last = await store.index('queue').openKeyCursor(null, 'prev')
    if (row?.queue !== undefined && last) await store.put({ ...row, queue: last.key + 1 })
  })
}

export interface PhotoCounts {
  waiting: number
  refused: number
}
/** Without reading them: while hundreds go out they are counted each second. */
export async function photoCounts(tx: ReadTx): Promise<PhotoCounts> {
  const states = tx.objectStore('photo').index('state')
  const [waiting, refused] = await Promise.all([states.count('waiting'), states.count('rejected')])
  return { waiting, refused }
}

export function photos(room: Room): Promise<PhotoRow[]> {
  return room.db.read(['photo'], (tx) => tx.objectStore('photo').getAll())
}
export async function photosWaiting(room: Room): Promise<Uint8Array[]> {
  const rows = await room.db.read(['photo'], (tx) => tx.objectStore('photo').index('queue').getAll())
  const found = await Promise.all(rows.map((row) => photoOpen(room, row.sha256)))
  return found.flatMap((photo) => (photo ? [photo.bytes] : []))
}
