/* outbox_workers.ts - floor 1: who works with this phone: a small database with a name and an id each;
 * everything else lies in the database of that worker.
 *
 * Failure modes: `conflict` when a worker with unsent records is to be removed, `not-found`.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { Random } from './wire/codec.js'
import { QmError } from './wire/err.js'
import { type Lock, Outbox } from './outbox.js'
import { stateGet } from './outbox_batch.js'
import { Db, faultOf } from './outbox_db.js'

interface WorkerRow {
  id: string
  name: string
  addedMs: number
}
interface ListSchema extends DBSchema {
  worker: { key: string; value: WorkerRow }
}
const LIST = 'qm.workers'
const ID_LENGTH = 8
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'

export const databaseOf = (worker: string): string => `qm.worker.${worker}`

async function withList<T>(work: (db: IDBPDatabase<ListSchema>) => Promise<T>): Promise<T> {
  try {
    const db = await openDB<ListSchema>(LIST, 1, { upgrade: (fresh) => void fresh.createObjectStore('worker', { keyPath: 'id' }) })
    try {
      return await work(db)
    } finally {
      db.close()
    }
  } catch (e) {
    throw faultOf(e)
  }
}

export interface WorkerEntry extends Lock {
  id: string
  name: string
  enrolled: boolean
}

/** In the order in which they were added. */
export async function workersList(nowMs: number): Promise<WorkerEntry[]> {
  const rows = await withList((db) => db.getAll('worker'))
  rows.sort((a, b) => a.addedMs - b.addedMs)
  return Promise.all(
    rows.map(async ({ id, name }) => {
      const [enrolled, lock] = await Promise.all([workerEnrolled(id), Outbox.lock(databaseOf(id), nowMs)])
      return { id, name, enrolled, ...lock }
    }),
  )
}

async function workerEnrolled(id: string): Promise<boolean> {
  const db = new Db(databaseOf(id))
  try {
    return (await db.read(['value'], stateGet)).identity !== undefined
  } finally {
    db.close()
  }
}

/** Somebody else is enrolled on this phone: then each needs a PIN. */
export async function workerShares(id: string, nowMs: number): Promise<boolean> {
  return (await workersList(nowMs)).some((other) => other.id !== id && other.enrolled)
}

/** Would two be enrolled here, of whom one has no PIN? */
export async function workerUnguarded(id: string, nowMs: number): Promise<boolean> {
  const all = await workersList(nowMs)
  const others = all.filter((other) => other.id !== id && other.enrolled)
  return others.length > 0 && [...others, ...all.filter((w) => w.id === id)].some((w) => !w.hasPin)
}

export async function workerAdd(name: string, random: Random, nowMs: number): Promise<string> {
  const id = [...random(ID_LENGTH)].map((b) => LETTERS[b % 32]).join('')
  await withList((db) => db.add('worker', { id, name, addedMs: nowMs }))
  return id
}

export async function workerRename(id: string, name: string): Promise<void> {
  await withList(async (db) => {
    const row = await db.get('worker', id)
    if (row === undefined) throw new QmError('not-found', 'no such worker')
    await db.put('worker', { ...row, name })
  })
}

export const workerIs = (id: string): Promise<boolean> => withList(async (db) => (await db.getKey('worker', id)) !== undefined)

export interface Unsent {
  /** without a receipt, also in files of other phones */
  records: number
  photos: number
}
/** Counted without opening what is sealed. */
export async function workerUnsent(id: string): Promise<Unsent> {
  const db = new Db(databaseOf(id))
  try {
    return await db.read(['event', 'batch', 'photo'], async (tx) => {
      const open = await tx.objectStore('batch').index('open').getAll()
      const waiting = await tx.objectStore('event').index('queue').count()
      const photos = await tx.objectStore('photo').index('queue').count()
      return { records: open.reduce((sum, batch) => sum + batch.events, waiting), photos }
    })
  } finally {
    db.close()
  }
}

/** Deletes everything of a worker; what is unsent must go out first, or be given to another phone. */
export async function workerRemove(id: string): Promise<void> {
  const { records, photos } = await workerUnsent(id)
  if (records + photos > 0) throw new QmError('conflict', 'unsent records or photos')
  await Outbox.drop(databaseOf(id))
  await withList((list) => list.delete('worker', id))
}
