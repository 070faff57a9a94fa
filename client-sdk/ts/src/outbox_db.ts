/* outbox_db.ts - floor 1: the database of one worker: its stores, transactions, faults.
 *
 * Happy path: a transaction is complete, with durability "strict" where the browser knows it, before
 * `write` resolves.  All work inside a transaction waits for nothing but the database; whatever needs
 * WebCrypto is done before or after, because the browser ends a transaction that idles.
 * Failure modes: a fault aborts the whole transaction: `disk-full`, `busy` (a page of a newer version
 * waits for this one, or the other way round), `corrupt`, `io`.  A connection that the browser closed
 * is opened again by the next call.
 */
import { type DBSchema, deleteDB, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from 'idb'
import { QmError } from './wire/err.js'
import type { Kind } from './wire/event.js'
import type { StoredKey } from './keys.js'
import type { RecordState, SyncState } from './ports.js'
import type { Last } from './record.js'
import type { Seal, StoredSeal } from './seal.js'
import type { ListCopy } from './outbox_list.js'
import type { WorkCopy } from './outbox_work.js'
import type { DirectiveRow, HouseholdRow, ResidentRow, TargetRow, TextRow, TopicRow, WantRow } from './sync_changes.js'

export interface EventRow {
  id: string
  seq: number
  at: number
  kind: Kind
  household?: string | undefined
  resident?: string | undefined
  /** of a void */
  target?: string | undefined
  e: Uint8Array
  /** sealed; absent: none, or its time is over */
  p?: Uint8Array | undefined
  alone: boolean
  /** the seq, while it waits in no batch: an index of just these */
  queue?: number | undefined
  batch?: number | undefined
  line?: number | undefined
  state: RecordState
  code: string
  entry?: bigint | undefined
  decided?: { in: boolean; code: string } | undefined
  /** 1: what was rejected was put away by hand */
  done?: 1 | undefined
  /** 1 until the office's list has it in its states */
  ahead?: 1 | undefined
}
export interface BatchRow {
  n: number
  origin: string
  note: Uint8Array
  keyId: string
  events: number
  foreign: boolean
  /** sealed; of other devices only */
  body?: Uint8Array | undefined
  /** own ones 0, others 1, while there is no answer: an index of just these */
  open?: 0 | 1 | undefined
  /** of a refusal; '' */
  code: string
  settled?: { log: string; atMs: number } | undefined
  /** when it was settled, until P is deleted: an index of just these */
  keptSince?: number | undefined
}
export interface ReceiptRow {
  batch: number
  log: string
  index: bigint
  treeSize: bigint
  text: Uint8Array
}
export interface PhotoRow {
  sha256: string
  type: string
  bytes: number
  state: 'waiting' | 'confirmed' | 'rejected'
  code: string
  addedMs: number
  doneMs?: number | undefined
  /** its place among those that wait, addedMs at first: an index of just these */
  queue?: number | undefined
}
/** Names and phone numbers are in `sealed`, as JSON. */
export interface HouseholdStored extends Omit<HouseholdRow, 't' | 'head' | 'phone'> {
  sealed: Uint8Array
  local: boolean
}
export interface ResidentStored extends Omit<ResidentRow, 't' | 'name' | 'phone' | 'born'> {
  sealed: Uint8Array
  local: boolean
}

export interface DirectiveStored extends DirectiveRow {
  /** 1: acknowledged here, and the server does not know it */
  unsent?: 1 | undefined
}

export interface Schema extends DBSchema {
  /** 'state' and 'last'; 'list' and 'list-age' (outbox_list.ts); 'work 2' and 'work-age' (outbox_work.ts) */
  value: { key: string; value: SyncState | Last | ListCopy | WorkCopy | number }
  key: { key: string; value: StoredKey | StoredSeal }
  event: { key: string; value: EventRow; indexes: { seq: number; queue: number; batch: number; household: string; kind: string; ahead: number } }
  batch: { key: number; value: BatchRow; indexes: { origin: string; open: number; keptSince: number } }
  receipt: { key: [number, string]; value: ReceiptRow }
  photo: { key: string; value: PhotoRow; indexes: { queue: number; state: string } }
  /** sealed bytes of a photo */
  picture: { key: string; value: Uint8Array }
  household: { key: string; value: HouseholdStored }
  resident: { key: string; value: ResidentStored; indexes: { household: string } }
  text: { key: string; value: TextRow }
  target: { key: number; value: TargetRow }
  topic: { key: number; value: TopicRow }
  directive: { key: string; value: DirectiveStored; indexes: { unsent: number } }
  want: { key: string; value: WantRow }
}
export type Store = StoreNames<Schema>
export type WriteTx = IDBPTransaction<Schema, Store[], 'readwrite'>
export type ReadTx = IDBPTransaction<Schema, Store[], 'readonly'>

/** 2: photos by state */
const VERSION = 2

function storesFirst(db: IDBPDatabase<Schema>): void {
  for (const name of ['value', 'key', 'picture'] as const) db.createObjectStore(name)
  const event = db.createObjectStore('event', { keyPath: 'id' })
  event.createIndex('seq', 'seq', { unique: true })
  for (const name of ['queue', 'batch', 'household', 'kind', 'ahead'] as const) event.createIndex(name, name)
  const batch = db.createObjectStore('batch', { keyPath: 'n', autoIncrement: true })
  batch.createIndex('origin', 'origin', { unique: true })
  for (const name of ['open', 'keptSince'] as const) batch.createIndex(name, name)
  db.createObjectStore('receipt', { keyPath: ['batch', 'log'] })
  db.createObjectStore('photo', { keyPath: 'sha256' }).createIndex('queue', 'queue')
  db.createObjectStore('household', { keyPath: 'household' })
  db.createObjectStore('resident', { keyPath: 'resident' }).createIndex('household', 'household')
  db.createObjectStore('text', { keyPath: 'text' })
  db.createObjectStore('target', { autoIncrement: true })
  db.createObjectStore('topic', { autoIncrement: true })
  db.createObjectStore('directive', { keyPath: 'directive' }).createIndex('unsent', 'unsent')
  db.createObjectStore('want', { keyPath: 'sha256' })
}

/** From the version that is there; 0: none. */
function storesMake(db: IDBPDatabase<Schema>, before: number, tx: IDBPTransaction<Schema, Store[], 'versionchange'>): void {
  if (before < 1) storesFirst(db)
  if (before < 2) tx.objectStore('photo').createIndex('state', 'state')
}

/** What a fault of the browser's database means. */
export function faultOf(e: unknown): QmError {
  if (e instanceof QmError) return e
  const name = e instanceof Error || e instanceof DOMException ? e.name : ''
  const detail = e instanceof Error ? `${name}: ${e.message}` : String(e)
  if (name === 'QuotaExceededError') return new QmError('disk-full', detail)
  if (name === 'VersionError') return new QmError('busy', detail)
  if (name === 'ConstraintError' || name === 'DataCloneError') return new QmError('internal', detail)
  return new QmError('io', detail)
}

export class Db {
  private connection: Promise<IDBPDatabase<Schema>> | undefined
  private closed = false

  constructor(
    readonly name: string,
    private readonly how: 'there' | 'make' = 'make',
  ) {}

  private connected(): Promise<IDBPDatabase<Schema>> {
    if (this.closed) return Promise.reject(new QmError('io', 'closed'))
    this.connection ??= openDB<Schema>(this.name, VERSION, {
      upgrade: (db, before, _, tx) => {
        if (this.how === 'make' || before > 0) return storesMake(db, before, tx)
        // What was not there is not there afterwards; the opening says so.
        tx.done.catch(() => undefined)
        tx.abort()
      },
      // A page of a newer version may go on; the next call here says so.
      blocking: (_, __, event) => (event.target as IDBDatabase | null)?.close(),
      terminated: () => (this.connection = undefined),
    })
    this.connection.catch(() => (this.connection = undefined))
    return this.connection
  }

  async open(): Promise<void> {
    await this.connected().catch((e: unknown) => {
      throw this.how === 'there' && (e as Error).name === 'AbortError' ? new QmError('not-found', this.name) : faultOf(e)
    })
  }

  /** A connection that the browser closed behind our back is opened once more. */
  private async begin(mode: 'readonly' | 'readwrite', stores: Store[]): Promise<IDBPTransaction<Schema, Store[], IDBTransactionMode>> {
    for (let attempt = 1; ; attempt++) {
      const db = await this.connected()
      try {
        return db.transaction(stores, mode, { durability: 'strict' })
      } catch (e) {
        if (attempt === 2 || (e as Error).name !== 'InvalidStateError') throw e
        this.connection = undefined
      }
    }
  }

  private async run<T, Tx>(mode: 'readonly' | 'readwrite', stores: Store[], work: (tx: Tx) => Promise<T>): Promise<T> {
    let tx
    try {
      tx = await this.begin(mode, stores)
    } catch (e) {
      throw faultOf(e)
    }
    // Heard of below; until then a rejection must not count as unhandled.
    tx.done.catch(() => undefined)
    let result: T
    try {
      result = await work(tx as Tx)
      // All is asked for: the database need not wait to hear that nothing follows.
      if (mode === 'readwrite') tx.commit?.()
    } catch (e) {
      const first = faultOf(tx.error ?? e)
      try {
        tx.abort()
      } catch {
        // it has ended already
      }
      throw first
    }
    try {
      await tx.done
    } catch (e) {
      throw faultOf(tx.error ?? e)
    }
    return result
  }

  read<T>(stores: Store[], work: (tx: ReadTx) => Promise<T>): Promise<T> {
    return this.run('readonly', stores, work)
  }
  write<T>(stores: Store[], work: (tx: WriteTx) => Promise<T>): Promise<T> {
    return this.run('readwrite', stores, work)
  }

  close(): void {
    this.closed = true
    void this.connection?.then((db) => db.close()).catch(() => undefined)
    this.connection = undefined
  }
}

export async function databaseDrop(name: string): Promise<void> {
  try {
    await deleteDB(name)
  } catch (e) {
    throw faultOf(e)
  }
}

/** What the rooms of the outbox work with. */
export interface Room {
  db: Db
  seal: Seal
}
