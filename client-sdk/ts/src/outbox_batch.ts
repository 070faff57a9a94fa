/* outbox_batch.ts - floor 1: from waiting records to batches, and what their answers do.
 *
 * Happy path: the core signs over the records that it read; formBatch fixes origin, order and note in one
 * transaction, if the records are still the same to the byte; a verified receipt settles the batch and
 * its records in one transaction; 14 days later P goes, E and receipt stay.
 * Failure modes: a second tab finds the batch formed, settled or refused and changes nothing.
 */
import { equal } from './wire/bytes.js'
import { QmError } from './wire/err.js'
import { leafHash, merkleRoot } from './wire/merkle.js'
import { checkpointRead, noteRead } from './wire/note.js'
import { batchHeadRead, batchLinesRead } from './wire/batch.js'
import { type NewBatch, newState, type OpenBatch, type Outcome, type Settlement, type StateChange, type SyncState, verdictState, type WaitingRecord } from './ports.js'
import type { BatchRow, EventRow, ReadTx, Room, Store, WriteTx } from './outbox_db.js'
import { workChanged } from './outbox_work.js'

export const KEEP_MS = 14 * 86400000

type AnyTx = ReadTx | WriteTx

/* ---- state ---- */

export async function stateGet(tx: AnyTx): Promise<SyncState> {
  return { ...newState(), ...((await tx.objectStore('value').get('state')) as SyncState | undefined) }
}
export async function stateChange(tx: WriteTx, change: StateChange): Promise<void> {
  const now = await stateGet(tx)
  await tx.objectStore('value').put({ ...now, ...change({ ...now }) }, 'state')
}

/* ---- forming ---- */

async function linesOf(tx: AnyTx, n: number): Promise<EventRow[]> {
  const rows = await tx.objectStore('event').index('batch').getAll(n)
  return rows.sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
}

async function opened(room: Room, row: EventRow): Promise<{ e: Uint8Array; p?: Uint8Array | undefined }> {
  return { e: row.e, p: row.p && (await room.seal.open('p', row.id, row.p)) }
}

export async function waiting(room: Room, max: number): Promise<WaitingRecord[]> {
  const rows = await room.db.read(['event'], (tx) => tx.objectStore('event').index('queue').getAll(undefined, max))
  return Promise.all(rows.map(async (row) => ({ id: row.id, alone: row.alone, ...(await opened(room, row)) })))
}

export async function batchForm(room: Room, batch: NewBatch): Promise<boolean> {
  const { root } = checkpointRead(noteRead(batch.note).text)
  return room.db.write(['value', 'event', 'batch'], async (tx) => {
    const events = tx.objectStore('event')
    const rows = await Promise.all(batch.events.map((id) => events.get(id)))
    const still = rows.filter((row): row is EventRow => row?.queue !== undefined)
    // An undo in another tab may have taken one away, or given it another number.
    if (still.length < rows.length || !equal(merkleRoot(still.map((row) => leafHash(row.e))), root)) return false
    const { origin, note, keyId } = batch
    const fresh = { origin, note, keyId, events: rows.length, foreign: false, open: 0, code: '' }
    const n = await tx.objectStore('batch').add(fresh as unknown as BatchRow)
    for (const [line, row] of still.entries()) await events.put({ ...row, queue: undefined, batch: n, line })
    await workChanged(tx)
    return true
  })
}

async function openOf(room: Room, row: BatchRow, rows: EventRow[]): Promise<OpenBatch> {
  const { n, origin, note, keyId } = row
  if (row.foreign) {
    if (row.body === undefined) throw new QmError('corrupt', 'batch without its body')
    return { n, origin, note, keyId, lines: [], foreignBody: await room.seal.open('batch', origin, row.body) }
  }
  if (rows.length !== row.events) throw new QmError('corrupt', 'batch without its events')
  return { n, origin, note, keyId, lines: await Promise.all(rows.map((line) => opened(room, line))) }
}

/** Own ones first, in their order; those of others behind. */
export async function batchesOpen(room: Room, max?: number): Promise<OpenBatch[]> {
  const found = await room.db.read(['event', 'batch'], async (tx) => {
    const batches = await tx.objectStore('batch').index('open').getAll(undefined, max)
    return Promise.all(batches.map(async (row) => ({ row, rows: row.foreign ? [] : await linesOf(tx, row.n) })))
  })
  return Promise.all(found.map(({ row, rows }) => openOf(room, row, rows)))
}

export function batchResign(room: Room, n: number, note: Uint8Array, keyId: string): Promise<void> {
  return room.db.write(['batch'], async (tx) => {
    const row = await tx.objectStore('batch').get(n)
    if (row?.open !== undefined) await tx.objectStore('batch').put({ ...row, note, keyId })
  })
}

/** A ready batch of another device; 0 if it is here already. */
export async function foreignRead(room: Room, host: string, body: Uint8Array): Promise<Omit<BatchRow, 'n'>> {
  const head = batchHeadRead(body, host)
  const lines = batchLinesRead(body, head)
  const { origin } = head.checkpoint
  const sealed = await room.seal.seal('batch', origin, body)
  return { origin, note: head.noteBytes, keyId: head.keyId, events: lines.length, foreign: true, body: sealed, open: 1, code: '' }
}
export async function foreignPut(tx: WriteTx, row: Omit<BatchRow, 'n'>): Promise<number> {
  const batches = tx.objectStore('batch')
  if ((await batches.index('origin').getKey(row.origin)) !== undefined) return 0
  await batches.add(row as BatchRow)
  return row.events
}

/** Those of other devices.  device: this one's name, whose own batches, hundreds in time, are not read. */
export async function batchesForeign(tx: ReadTx, device: string | undefined): Promise<BatchRow[]> {
  const origins = tx.objectStore('batch').index('origin')
  const own = `${device ?? ''}/`
  const [before, behind] = [IDBKeyRange.upperBound(own), IDBKeyRange.lowerBound(`${own}\uffff`)]
  const rows = device === undefined ? [await origins.getAll()] : await Promise.all([origins.getAll(before), origins.getAll(behind)])
  return rows.flat().filter((row) => row.foreign)
}

/* ---- answers ---- */

export function batchSettle(room: Room, n: number, s: Settlement, change: StateChange): Promise<Outcome[] | undefined> {
  return room.db.write(['value', 'event', 'batch', 'receipt'], async (tx) => {
    const batch = await tx.objectStore('batch').get(n)
    if (batch?.open === undefined) return undefined
    const rows = await linesOf(tx, n)
    if (!batch.foreign && rows.length !== s.verdicts.length) throw new QmError('corrupt', 'batch without its events')
    await tx.objectStore('receipt').put({ batch: n, log: s.log, index: s.index, treeSize: s.treeSize, text: s.receipt })
    await tx.objectStore('batch').put({ ...batch, open: undefined, settled: { log: s.log, atMs: s.nowMs }, keptSince: s.nowMs })
    const outcomes: Outcome[] = []
    for (const [line, row] of rows.entries()) {
      const { state, code, index: entry } = verdictState(s.verdicts[line]!, s.index)
      const ahead = state === 'confirmed' || state === 'flagged' ? 1 : undefined
      await tx.objectStore('event').put({ ...row, state, code, entry, ahead })
      outcomes.push({ id: row.id, seq: row.seq, state, code, entry, ahead })
    }
    await workChanged(tx)
    await stateChange(tx, change)
    return outcomes
  })
}

/** The events wait again, without their batch; its row goes, unless an older log gave it a receipt. */
async function release(tx: WriteTx, batch: BatchRow, alone: boolean): Promise<void> {
  await workChanged(tx)
  for (const row of await linesOf(tx, batch.n)) {
    const free = { batch: undefined, line: undefined, queue: row.seq, state: 'waiting' as const, code: '' }
    await tx.objectStore('event').put({ ...row, ...free, ahead: 1, alone: row.alone || alone })
  }
  const old = await tx.objectStore('receipt').count(IDBKeyRange.bound([batch.n, ''], [batch.n, '\uffff']))
  if (old > 0) await tx.objectStore('batch').put({ ...batch, open: undefined, code: 'rebuilt' })
  else await tx.objectStore('batch').delete(batch.n)
}

const ANSWER_STORES: Store[] = ['value', 'event', 'batch', 'receipt']

export function batchRefuse(room: Room, n: number, how: 'regroup' | 'bytes', code: string): Promise<void> {
  return room.db.write(ANSWER_STORES, async (tx) => {
    const batch = await tx.objectStore('batch').get(n)
    if (batch?.open === undefined) return
    if (!batch.foreign && (how === 'regroup' || batch.events > 1)) return release(tx, batch, how === 'bytes')
    await tx.objectStore('batch').put({ ...batch, open: undefined, code })
    for (const row of await linesOf(tx, n)) await tx.objectStore('event').put({ ...row, state: 'rejected', code, ahead: undefined })
    await workChanged(tx)
  })
}

export function releaseAll(room: Room, change: StateChange): Promise<void> {
  return room.db.write(ANSWER_STORES, async (tx) => {
    for (const batch of await tx.objectStore('batch').index('open').getAll(0)) await release(tx, batch, false)
    await stateChange(tx, change)
  })
}

/** Batches that were settled under another log and are still whole are open again, as they are. */
export function resend(room: Room, log: string, change: StateChange): Promise<void> {
  return room.db.write([...ANSWER_STORES, 'photo'], async (tx) => {
    const kept = await tx.objectStore('batch').index('keptSince').getAll()
    const again = kept.filter((batch) => batch.settled !== undefined && batch.settled.log !== log)
    for (const batch of again) {
      await tx.objectStore('batch').put({ ...batch, open: batch.foreign ? 1 : 0, settled: undefined, keptSince: undefined })
      for (const row of await linesOf(tx, batch.n))
        await tx.objectStore('event').put({ ...row, state: 'waiting', code: '', entry: undefined, decided: undefined, done: undefined, ahead: 1 })
    }
    // The server may have lost photos too; it takes those that it has without harm.
    const photos = again.length > 0 ? await tx.objectStore('photo').getAll() : []
    for (const photo of photos.filter((p) => p.state === 'confirmed'))
      await tx.objectStore('photo').put({ ...photo, state: 'waiting', queue: photo.addedMs })
    await workChanged(tx)
    await stateChange(tx, change)
  })
}

/* ---- what goes after its time ---- */

export function sweep(room: Room, nowMs: number): Promise<boolean> {
  const before = IDBKeyRange.upperBound(nowMs - KEEP_MS, true)
  return room.db.write(['event', 'batch', 'photo', 'picture'], async (tx) => {
    const old = await tx.objectStore('batch').index('keptSince').getAll(before)
    for (const batch of old) {
      await tx.objectStore('batch').put({ ...batch, keptSince: undefined, body: undefined })
      for (const row of await linesOf(tx, batch.n)) if (row.p) await tx.objectStore('event').put({ ...row, p: undefined })
    }
    const photos = (await tx.objectStore('photo').getAll()).filter((p) => p.state === 'confirmed' && (p.doneMs ?? nowMs) < nowMs - KEEP_MS)
    for (const photo of photos) {
      await tx.objectStore('photo').delete(photo.sha256)
      await tx.objectStore('picture').delete(photo.sha256)
    }
    return old.length + photos.length > 0
  })
}

/* ---- receipts ---- */

export interface ReceiptParts {
  text: Uint8Array
  log: string
  entry: bigint
  note: Uint8Array
  keyId: string
  /** E lines of the batch, and which one it is */
  lines: Uint8Array[]
  line: number
}

export function receiptOf(room: Room, id: string): Promise<ReceiptParts | undefined> {
  return room.db.read(['event', 'batch', 'receipt'], async (tx) => {
    const row = await tx.objectStore('event').get(id)
    if (row?.batch === undefined || row.line === undefined || row.state === 'waiting') return undefined
    if (row.state === 'rejected' && row.decided === undefined) return undefined
    const batch = await tx.objectStore('batch').get(row.batch)
    const found = batch?.settled && (await tx.objectStore('receipt').get([batch.n, batch.settled.log]))
    if (!batch || !found) return undefined
    const lines = (await linesOf(tx, batch.n)).map((line) => line.e)
    return { text: found.text, log: found.log, entry: row.entry ?? found.index, note: batch.note, keyId: batch.keyId, lines, line: row.line }
  })
}
