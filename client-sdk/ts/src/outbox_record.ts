/* outbox_record.ts - floor 1: taking records in and out, before they are in a batch.
 *
 * Happy path: id and P are made and P is sealed before the transaction; inside it the last number of the
 * device is read, E is written with the next one, the rows and the number are stored.  Two tabs cannot
 * get one number, because transactions that write the same stores wait for each other.
 * Failure modes: an event that the schema does not know is `invalid` and takes no number.
 */
import { utf8 } from './wire/bytes.js'
import { QmError } from './wire/err.js'
import { type QmEvent, eventRead, eventWrite } from './wire/event.js'
import { type Private, privateRead } from './wire/private.js'
import { type Begun, type EventDraft, finish, type Last, type Recorded } from './record.js'
import { listChanged } from './outbox_list.js'
import { workChanged } from './outbox_work.js'
import type { EventRow, HouseholdStored, ResidentStored, Room, Store, WriteTx } from './outbox_db.js'

export interface Item {
  draft: EventDraft
  begun: Begun
}

/** What a new household or resident looks like until the office has it. */
async function localRow(room: Room, item: Item): Promise<HouseholdStored | ResidentStored | undefined> {
  const { draft, begun } = item
  const hidden: Partial<Private> = begun.p === undefined ? {} : privateRead(begun.p)
  const seal = (id: string, names: object): Promise<Uint8Array> => room.seal.seal(draft.kind, id, utf8(JSON.stringify(names)))
  if (draft.kind === 'household') {
    const { household, grid, place } = draft
    const sealed = await seal(household, { head: hidden.name ?? '', phone: hidden.phone ?? '' })
    const state = { visited: false, reached: false, notice: 'none', pledge: 'none', door: 'none_yet' }
    return { household, grid, place, status: 'counted', group: '', lane: '', door: hidden.door ?? '', sealed, state, local: true }
  }
  if (draft.kind !== 'resident' || (draft.why !== 'found' && draft.why !== 'moved_in')) return undefined
  const { household, resident } = draft
  const sealed = await seal(resident, { name: hidden.name ?? '', phone: hidden.phone ?? '', born: hidden.born ?? '' })
  const app = { state: 'none_yet', real_name: false, call_alert: false, sms_alert: false }
  return { household, resident, status: 'counted', groups: [], app, sealed, local: true }
}

async function localPut(tx: WriteTx, row: HouseholdStored | ResidentStored): Promise<void> {
  if ('resident' in row) {
    if ((await tx.objectStore('resident').getKey(row.resident)) === undefined) await tx.objectStore('resident').put(row)
  } else if ((await tx.objectStore('household').getKey(row.household)) === undefined) await tx.objectStore('household').put(row)
}

function rowOf(made: Recorded, ev: QmEvent, sealed: Uint8Array | undefined): EventRow {
  return {
    id: made.id, seq: made.seq, at: made.at, kind: ev.kind, e: made.e, p: sealed, alone: false, queue: made.seq, state: 'waiting', code: '', ahead: 1,
    household: 'household' in ev ? ev.household : undefined,
    resident: 'resident' in ev ? ev.resident : undefined,
    target: ev.kind === 'void' ? ev.target : undefined,
  }
}

/** All of them or none; on the disk when it resolves. */
export async function recordsAdd(room: Room, items: readonly Item[], nowMs: number): Promise<{ made: Recorded[]; rows: EventRow[] }> {
  // A member at fault is found before anything is asked of the disk.
  items.forEach((item) => finish(item.draft, item.begun, { seq: 0, at: 0 }, nowMs))
  const sealed = await Promise.all(items.map(({ begun: { id, p } }) => p && room.seal.seal('p', id, p)))
  const local = await Promise.all(items.map((item) => localRow(room, item)))
  return room.db.write(['value', 'event', 'household', 'resident'], async (tx) => {
    let last = ((await tx.objectStore('value').get('last')) as Last | undefined) ?? { seq: 0, at: 0 }
    const made: Recorded[] = []
    const rows: EventRow[] = []
    // Requests are done in their order; one that fails ends the transaction, which says so.
    const put = (request: Promise<unknown>): void => void request.catch(() => undefined)
    for (const [i, item] of items.entries()) {
      const record = finish(item.draft, item.begun, last, nowMs)
      last = { seq: record.seq, at: record.at }
      const event = rowOf(record, eventRead(record.e), sealed[i])
      put(tx.objectStore('event').add(event))
      const row = local[i]
      if (row) await localPut(tx, row)
      made.push(record)
      rows.push(event)
    }
    put(tx.objectStore('value').put(last, 'last'))
    if (local.some((row) => row !== undefined)) await listChanged(tx)
    return { made, rows }
  })
}

/* ---- putting away ---- */

/** What was rejected is kept, and said to need nobody any more, or to need somebody after all. */
export function recordPutAway(room: Room, id: string, is: boolean): Promise<void> {
  return room.db.write(['value', 'event'], async (tx) => {
    const row = await tx.objectStore('event').get(id)
    if (row === undefined) throw new QmError('not-found', 'no such record')
    await tx.objectStore('event').put({ ...row, done: is ? 1 : undefined })
    await workChanged(tx)
  })
}

/* ---- taking back ---- */

/** Those behind it go down by one number, so that the device's numbers have no gap; nobody has seen them. */
async function closeGap(tx: WriteTx, seq: number, last: Last): Promise<void> {
  const events = tx.objectStore('event')
  for (const row of await events.index('seq').getAll(IDBKeyRange.lowerBound(seq, true))) {
    const e = eventWrite({ ...eventRead(row.e), seq: row.seq - 1 })
    await events.put({ ...row, e, seq: row.seq - 1, queue: row.seq - 1 })
  }
  // `at` never goes back.
  await tx.objectStore('value').put({ ...last, seq: last.seq - 1 }, 'last')
}

/** Photos that only this record named. */
async function photosDrop(tx: WriteTx, ev: QmEvent): Promise<void> {
  if (!('evidence' in ev) || ev.evidence.length === 0) return
  const others = await tx.objectStore('event').getAll()
  const named = new Set(others.flatMap((row) => evidenceOf(eventRead(row.e))))
  for (const sha256 of ev.evidence) {
    const photo = await tx.objectStore('photo').get(sha256)
    if (named.has(sha256) || photo?.state !== 'waiting') continue
    await tx.objectStore('photo').delete(sha256)
    await tx.objectStore('picture').delete(sha256)
  }
}
const evidenceOf = (ev: QmEvent): string[] => ('evidence' in ev ? ev.evidence : [])

/** What it made goes with it, unless something else names it. */
async function localDrop(tx: WriteTx, ev: QmEvent): Promise<void> {
  if (ev.kind !== 'household' && ev.kind !== 'resident') return
  if (ev.kind === 'resident') {
    const row = await tx.objectStore('resident').get(ev.resident)
    if (!row?.local) return
    const about = await tx.objectStore('event').index('household').getAll(ev.household)
    if (about.some((other) => other.resident === ev.resident)) throw new QmError('conflict', 'later records name this person')
    await tx.objectStore('resident').delete(ev.resident)
    return
  }
  const row = await tx.objectStore('household').get(ev.household)
  if (!row?.local) return
  if ((await tx.objectStore('event').index('household').count(ev.household)) > 0)
    throw new QmError('conflict', 'later records name this household')
  await tx.objectStore('household').delete(ev.household)
}

export const REMOVE_STORES: Store[] = ['value', 'event', 'photo', 'picture', 'household', 'resident']

/** 'late': it, or one recorded after it, is in a batch already, so that a void must say it. */
export function recordRemove(room: Room, id: string): Promise<'removed' | 'late'> {
  return room.db.write(REMOVE_STORES, async (tx) => {
    const events = tx.objectStore('event')
    const row = await events.get(id)
    if (row === undefined) throw new QmError('not-found', 'no such record')
    const behind = await events.index('seq').getAll(IDBKeyRange.lowerBound(row.seq))
    if (behind.some((other) => other.queue === undefined)) return 'late'
    const ev = eventRead(row.e)
    await events.delete(id)
    await workChanged(tx)
    await localDrop(tx, ev)
    if (ev.kind === 'household' || ev.kind === 'resident') await listChanged(tx)
    await photosDrop(tx, ev)
    const last = (await tx.objectStore('value').get('last')) as Last
    await closeGap(tx, row.seq, last)
    return 'removed'
  })
}
