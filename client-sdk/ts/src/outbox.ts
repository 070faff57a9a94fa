/* outbox.ts - floor 1: what this worker recorded on this phone, what became of it, what the office knows.
 *
 * One IndexedDB database a worker; this file joins its rooms (outbox_*.ts) behind the OutboxPort of the
 * core and the lists of the client.  The family outbox*.ts is the only one that knows idb.
 *
 * Durable when: each call that changes something is one transaction, complete when it resolves.
 * Failure modes: those of outbox_db.ts and seal.ts.
 */
import type { ErrCode } from './wire/err.js'
import type { KeyStore, StoredKey } from './keys.js'
import type { NewBatch, OpenBatch, Outcome, OutboxPort, Settlement, StateChange, SyncState, WaitingPhoto, WaitingRecord } from './ports.js'
import type { Last, Recorded } from './record.js'
import { type PinBy, type PinGiven, pinRetryMs, type Seal, SealKeeper, type SealStore, type StoredSeal } from './seal.js'
import type { Random } from './wire/codec.js'
import type { ChangeRow } from './sync_changes.js'
import * as batch from './outbox_batch.js'
import { type BatchRow, databaseDrop, Db, type EventRow, type PhotoRow, type Room } from './outbox_db.js'
import * as mirror from './outbox_mirror.js'
import * as photo from './outbox_photo.js'
import { type Item, recordPutAway, recordRemove, recordsAdd } from './outbox_record.js'
import { rowsAfter, storedOf, workKeep, type WorkRow, workRow, workRows } from './outbox_work.js'

export type { BatchRow, EventRow, HouseholdKnown, ResidentKnown, PhotoRow, ReceiptParts, Register, WorkRow }
type HouseholdKnown = mirror.HouseholdKnown
type ResidentKnown = mirror.ResidentKnown
type ReceiptParts = batch.ReceiptParts
type Register = mirror.Register

const SEAL = 'seal'

class DbKeys implements KeyStore {
  constructor(private readonly db: Db) {}
  get(name: string): Promise<StoredKey | undefined> {
    return this.db.read(['key'], async (tx) => (await tx.objectStore('key').get(name)) as StoredKey | undefined)
  }
  async put(name: string, key: StoredKey): Promise<void> {
    await this.db.write(['key'], (tx) => tx.objectStore('key').put(key, name))
  }
  async remove(name: string): Promise<void> {
    await this.db.write(['key'], (tx) => tx.objectStore('key').delete(name))
  }
}

class DbSeal implements SealStore {
  constructor(private readonly db: Db) {}
  get(): Promise<StoredSeal | undefined> {
    return this.db.read(['key'], async (tx) => (await tx.objectStore('key').get(SEAL)) as StoredSeal | undefined)
  }
  async change(change: (now: StoredSeal | undefined) => StoredSeal | undefined): Promise<void> {
    await this.db.write(['key'], async (tx) => {
      const fresh = change((await tx.objectStore('key').get(SEAL)) as StoredSeal | undefined)
      if (fresh !== undefined) await tx.objectStore('key').put(fresh, SEAL)
    })
  }
}

/** How a worker's database is locked; see WorkerInfo. */
export interface Lock {
  hasPin: boolean
  hasSpare: boolean
  officeOpens: boolean
  given?: PinGiven | undefined
  retryMs: number
}

export interface Surroundings {
  subtle: SubtleCrypto
  random: Random
  now: () => number
}

/** Nothing was recorded or enrolled here so far. */
function isEmpty(db: Db): Promise<boolean> {
  return db.read(['value', 'event', 'photo'], async (tx) => {
    const [values, events, pictures] = await Promise.all([tx.objectStore('value').count(), tx.objectStore('event').count(), tx.objectStore('photo').count()])
    return values + events + pictures === 0
  })
}

/** How all of it stands. */
export interface Overview {
  state: SyncState
  last: Last
  /** of other phones */
  others: BatchRow[]
  photos: photo.PhotoCounts
  /** photos that the office misses and this phone does not have */
  missing: number
}

export class Outbox implements OutboxPort {
  private constructor(
    private readonly room: Room,
    private readonly keeper: SealKeeper,
    /** for DeviceKeys */
    readonly keys: KeyStore,
  ) {}

  /** `forbidden` and `quota-exceeded`: see seal.ts.  there: only one that was made before; else `not-found`. */
  static open(name: string, pin: string, place: Surroundings, how: 'there' | 'make' = 'make'): Promise<Outbox> {
    return Outbox.unlock(name, place, how, (keeper, db) => keeper.open(pin, () => isEmpty(db)))
  }
  /** Without the PIN, for who will show a code of the office.  `not-found`: nothing but the PIN opens this. */
  static openKept(name: string, place: Surroundings): Promise<Outbox> {
    return Outbox.unlock(name, place, 'there', (keeper) => keeper.openKept())
  }
  private static async unlock(name: string, place: Surroundings, how: 'there' | 'make', unseal: (keeper: SealKeeper, db: Db) => Promise<Seal>): Promise<Outbox> {
    const db = new Db(name, how)
    try {
      await db.open()
      const keeper = new SealKeeper(new DbSeal(db), place.subtle, place.random, place.now)
      return new Outbox({ db, seal: await unseal(keeper, db) }, keeper, new DbKeys(db))
    } catch (e) {
      db.close()
      throw e
    }
  }

  /** Without opening anything that is sealed. */
  static async lock(name: string, nowMs: number): Promise<Lock> {
    const db = new Db(name)
    try {
      const stored = await new DbSeal(db).get()
      const hasPin = stored?.pin !== undefined
      return { hasPin, hasSpare: stored?.spare !== undefined, officeOpens: hasPin && stored.kept !== undefined, given: stored?.given, retryMs: pinRetryMs(stored, nowMs) }
    } finally {
      db.close()
    }
  }
  /** `forbidden`: another code; `not-found`: none was made; `invalid`: the PIN is too short. */
  static async pinForgotten(name: string, code: string, pin: string, place: Surroundings): Promise<void> {
    const db = new Db(name)
    try {
      await new SealKeeper(new DbSeal(db), place.subtle, place.random, place.now).forgotten(code, pin)
    } finally {
      db.close()
    }
  }

  static drop(name: string): Promise<void> {
    return databaseDrop(name)
  }

  setPin(old: string, pin: string, by?: PinBy): Promise<void> {
    return this.keeper.setPin(old, pin, by)
  }
  setSure(pin: string): Promise<void> {
    return this.keeper.setSure(pin)
  }
  givenHeard(): Promise<void> {
    return this.keeper.givenHeard()
  }
  spareCode(pin: string): Promise<string> {
    return this.keeper.spareCode(pin)
  }
  close(): void {
    this.room.db.close()
  }

  /* ---- OutboxPort ---- */

  state(): Promise<SyncState> {
    return this.room.db.read(['value'], batch.stateGet)
  }
  change(change: StateChange): Promise<void> {
    return this.room.db.write(['value'], (tx) => batch.stateChange(tx, change))
  }
  async openBatch(): Promise<OpenBatch | undefined> {
    return (await batch.batchesOpen(this.room, 1))[0]
  }
  waiting(max: number): Promise<WaitingRecord[]> {
    return batch.waiting(this.room, max)
  }
  formBatch(fresh: NewBatch): Promise<boolean> {
    return batch.batchForm(this.room, fresh)
  }
  resignBatch(n: number, note: Uint8Array, keyId: string): Promise<void> {
    return batch.batchResign(this.room, n, note, keyId)
  }
  settle(n: number, settlement: Settlement, change: StateChange): Promise<readonly Outcome[] | undefined> {
    return batch.batchSettle(this.room, n, settlement, change)
  }
  refuseBatch(n: number, how: 'regroup' | 'bytes', code: string): Promise<void> {
    return batch.batchRefuse(this.room, n, how, code)
  }
  releaseAll(change: StateChange): Promise<void> {
    return batch.releaseAll(this.room, change)
  }
  resend(log: string, change: StateChange): Promise<void> {
    return batch.resend(this.room, log, change)
  }
  sweep(nowMs: number): Promise<boolean> {
    return batch.sweep(this.room, nowMs)
  }
  nextPhoto(): Promise<WaitingPhoto | undefined> {
    return photo.photoNext(this.room)
  }
  photoDone(sha256: string, fault: ErrCode | undefined, nowMs: number): Promise<void> {
    return photo.photoDone(this.room, sha256, fault, nowMs)
  }
  photoLater(sha256: string, change: StateChange): Promise<void> {
    return photo.photoLater(this.room, sha256, change)
  }
  nextAcknowledged(): Promise<string | undefined> {
    return mirror.acknowledgedNext(this.room)
  }
  acknowledgeDone(directive: string): Promise<void> {
    return mirror.acknowledgeDone(this.room, directive)
  }
  applyChanges(since: string, full: boolean, rows: ChangeRow[], change: StateChange): Promise<boolean> {
    return mirror.changesApply(this.room, since, full, rows, change)
  }

  /* ---- for the client ---- */

  async record(items: readonly Item[], nowMs: number): Promise<{ made: Recorded[]; rows: WorkRow[] }> {
    const { made, rows } = await recordsAdd(this.room, items, nowMs)
    return { made, rows: rows.map(workRow) }
  }
  remove(id: string): Promise<'removed' | 'late'> {
    return recordRemove(this.room, id)
  }
  putAway(id: string, is: boolean): Promise<void> {
    return recordPutAway(this.room, id, is)
  }
  async attach(bytes: Uint8Array, nowMs: number): Promise<string> {
    const prepared = await photo.photoPrepare(this.room, bytes)
    await this.room.db.write(['photo', 'picture'], (tx) => photo.photoPut(tx, prepared, nowMs))
    return prepared.sha256
  }
  photo(sha256: string): Promise<{ bytes: Uint8Array; type: string } | undefined> {
    return photo.photoOpen(this.room, sha256)
  }
  photos(): Promise<PhotoRow[]> {
    return photo.photos(this.room)
  }
  photosWaiting(): Promise<Uint8Array[]> {
    return photo.photosWaiting(this.room)
  }
  openBatches(): Promise<OpenBatch[]> {
    return batch.batchesOpen(this.room)
  }
  /** Batches and photos of another device's file: all of it or nothing.  Gives the number of records. */
  async takeIn(host: string, bodies: readonly Uint8Array[], pictures: readonly Uint8Array[], nowMs: number): Promise<number> {
    const rows = await Promise.all(bodies.map((body) => batch.foreignRead(this.room, host, body)))
    const prepared = await Promise.all(pictures.map((bytes) => photo.photoPrepare(this.room, bytes)))
    return this.room.db.write(['batch', 'photo', 'picture'], async (tx) => {
      let records = 0
      for (const row of rows) records += await batch.foreignPut(tx, row)
      for (const one of prepared) await photo.photoPut(tx, one, nowMs)
      return records
    })
  }

  /** All as they are stored, by seq. */
  events(): Promise<EventRow[]> {
    return this.room.db.read(['event'], (tx) => rowsAfter(tx, 0))
  }
  /** All as lists need them, by seq.  breathe: see workRows. */
  work(breathe?: () => Promise<void>): Promise<WorkRow[]> {
    return workRows(this.room, breathe)
  }
  /** Those with a greater number, by seq. */
  async workAfter(seq: number): Promise<WorkRow[]> {
    return (await this.room.db.read(['event'], (tx) => rowsAfter(tx, seq))).map(workRow)
  }
  workOf(household: string): Promise<WorkRow[]> {
    return this.workBy('household', household)
  }
  voids(): Promise<WorkRow[]> {
    return this.workBy('kind', 'void')
  }
  private async workBy(index: 'household' | 'kind', key: string): Promise<WorkRow[]> {
    return (await this.room.db.read(['event'], (tx) => tx.objectStore('event').index(index).getAll(key))).map(workRow)
  }
  /** What a start reads quickly is made anew, if it has become old; false: it said something else than the records. */
  workKeep(check: boolean): Promise<boolean> {
    return workKeep(this.room, check)
  }
  event(id: string): Promise<EventRow | undefined> {
    return this.room.db.read(['event'], (tx) => tx.objectStore('event').get(id))
  }
  /** What stands beside the records, as of one moment.  missing: photos that the office wants and that are not here. */
  overview(): Promise<Overview> {
    return this.room.db.read(['value', 'batch', 'photo', 'want', 'picture'], async (tx) => {
      const [state, last, photos, wants] = await Promise.all([batch.stateGet(tx), tx.objectStore('value').get('last'), photo.photoCounts(tx), mirror.wantsIn(tx)])
      const others = await batch.batchesForeign(tx, state.identity?.device)
      const missing = wants.filter((want) => !want.here).length
      return { state, last: (last as Last | undefined) ?? { seq: 0, at: 0 }, others, photos, missing }
    })
  }
  /** P of a record; undefined: none, or deleted. */
  async hidden(id: string): Promise<Uint8Array | undefined> {
    return this.opened(await this.event(id))
  }
  /** P of each of these, in their order. */
  async hiddenOf(some: readonly WorkRow[]): Promise<(Uint8Array | undefined)[]> {
    const stored = await this.room.db.read(['event'], (tx) => storedOf(tx, some))
    return Promise.all(stored.map((row) => this.opened(row)))
  }
  private async opened(row: EventRow | undefined): Promise<Uint8Array | undefined> {
    return row?.p && this.room.seal.open('p', row.id, row.p)
  }
  receiptOf(id: string): Promise<ReceiptParts | undefined> {
    return batch.receiptOf(this.room, id)
  }
  register(breathe?: () => Promise<void>): Promise<Register> {
    return mirror.register(this.room, breathe)
  }
  registerOf(household: string): Promise<Register> {
    return mirror.registerOf(this.room, household)
  }
  gridOf(household: string): Promise<string> {
    return mirror.gridOf(this.room, household)
  }
  texts(): ReturnType<typeof mirror.texts> {
    return mirror.texts(this.room)
  }
  targets(): ReturnType<typeof mirror.targets> {
    return mirror.targets(this.room)
  }
  topics(): ReturnType<typeof mirror.topics> {
    return mirror.topics(this.room)
  }
  directives(): ReturnType<typeof mirror.directives> {
    return mirror.directives(this.room)
  }
  acknowledge(directive: string): Promise<boolean> {
    return mirror.acknowledge(this.room, directive)
  }
  acknowledgeBack(directive: string): Promise<boolean> {
    return mirror.acknowledgeBack(this.room, directive)
  }
  wants(): ReturnType<typeof mirror.wants> {
    return mirror.wants(this.room)
  }
}
