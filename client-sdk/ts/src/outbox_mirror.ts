/* outbox_mirror.ts - floor 1: what the office knows, as this phone last heard it.
 *
 * Happy path: names and phone numbers of an answer are sealed, then one transaction takes over the whole
 * answer and its cursor.  Failure mode: another tab was faster, the cursor is another one: nothing
 * happens.
 */
import { utf8, utf8Read } from './wire/bytes.js'
import { QmError } from './wire/err.js'
import type { StateChange } from './ports.js'
import type { ChangeRow, DirectiveRow, HouseholdRow, ResidentRow, TargetRow, TextRow, TopicRow, WantRow } from './sync_changes.js'
import type { HouseholdStored, ReadTx, ResidentStored, Room, Store, WriteTx } from './outbox_db.js'
import { stateChange, stateGet } from './outbox_batch.js'
import { listAge, listChanged, listCopy, listKeep } from './outbox_list.js'
import { inOrder } from './outbox_order.js'
import { listPacked, listUnpacked } from './outbox_packed.js'
import { workChanged } from './outbox_work.js'

/** A household or resident with its names in clear. */
export type HouseholdKnown = Omit<HouseholdRow, 't'> & { local: boolean }
export type ResidentKnown = Omit<ResidentRow, 't'> & { local: boolean }

type Prepared = { household: HouseholdStored } | { resident: ResidentStored } | { other: ChangeRow }

async function prepare(room: Room, row: ChangeRow): Promise<Prepared> {
  const seal = (id: string, names: object): Promise<Uint8Array> => room.seal.seal(row.t, id, utf8(JSON.stringify(names)))
  if (row.t === 'household') {
    const { household, grid, place, status, group, lane, door, state, head, phone } = row
    return { household: { household, grid, place, status, group, lane, door, state, sealed: await seal(household, { head, phone }), local: false } }
  }
  if (row.t === 'resident') {
    const { resident, household, status, groups, app, name, phone, born } = row
    return { resident: { resident, household, status, groups, app, sealed: await seal(resident, { name, phone, born }), local: false } }
  }
  return { other: row }
}

/** All but what was made here and has not arrived yet. */
async function clear(tx: WriteTx): Promise<void> {
  const ahead = await tx.objectStore('event').index('ahead').getAll()
  const households = new Set(ahead.map((row) => row.household))
  const residents = new Set(ahead.map((row) => row.resident))
  for (const row of await tx.objectStore('household').getAll())
    if (!row.local || !households.has(row.household)) await tx.objectStore('household').delete(row.household)
  for (const row of await tx.objectStore('resident').getAll())
    if (!row.local || !residents.has(row.resident)) await tx.objectStore('resident').delete(row.resident)
  await tx.objectStore('text').clear()
  await tx.objectStore('target').clear()
  await tx.objectStore('topic').clear()
  for (const row of await tx.objectStore('directive').getAll())
    if (row.unsent === undefined) await tx.objectStore('directive').delete(row.directive)
}

async function gone(tx: WriteTx, household: string): Promise<void> {
  await tx.objectStore('household').delete(household)
  for (const id of await tx.objectStore('resident').index('household').getAllKeys(household)) await tx.objectStore('resident').delete(id)
}

async function wanted(tx: WriteTx, row: WantRow): Promise<void> {
  await tx.objectStore('want').put(row)
  const photo = await tx.objectStore('photo').get(row.sha256)
  if (photo?.state === 'confirmed') await tx.objectStore('photo').put({ ...photo, state: 'waiting', queue: photo.addedMs })
}

/** One that was acknowledged here stays so. */
async function directivePut(tx: WriteTx, row: DirectiveRow): Promise<void> {
  const old = await tx.objectStore('directive').get(row.directive)
  const unsent = row.acknowledged ? undefined : old?.unsent
  await tx.objectStore('directive').put({ ...row, acknowledged: row.acknowledged || unsent === 1, unsent })
}

async function apply(tx: WriteTx, row: ChangeRow): Promise<void> {
  switch (row.t) {
    case 'gone':
      if (row.household !== undefined) await gone(tx, row.household)
      else if (row.resident !== undefined) await tx.objectStore('resident').delete(row.resident)
      return
    case 'text':
      await tx.objectStore('text').put(row)
      return
    case 'target':
      await tx.objectStore('target').put(row)
      return
    case 'topic':
      await tx.objectStore('topic').put(row)
      return
    case 'none':
      return
    case 'directive':
      return directivePut(tx, row)
    case 'want':
      return wanted(tx, row)
    case 'verdict': {
      const event = await tx.objectStore('event').get(row.event)
      if (event === undefined || event.state === 'waiting') return
      await tx.objectStore('event').put({ ...event, decided: { in: row.in, code: row.code } })
      return workChanged(tx)
    }
    default:
      throw new QmError('internal', 'row of the register')
  }
}

/** The office's states hold what it has a receipt for. */
async function caughtUp(tx: WriteTx): Promise<void> {
  const events = tx.objectStore('event')
  const settled = (await events.index('ahead').getAll()).filter((row) => row.state !== 'waiting')
  for (const row of settled) await events.put({ ...row, ahead: undefined })
  if (settled.length > 0) await workChanged(tx)
}

const LISTED: readonly ChangeRow['t'][] = ['household', 'resident', 'gone']
const MIRROR_STORES: Store[] = ['value', 'event', 'photo', 'household', 'resident', 'text', 'target', 'topic', 'directive', 'want']

export async function changesApply(room: Room, since: string, full: boolean, rows: ChangeRow[], change: StateChange): Promise<boolean> {
  const listed = full || rows.some((row) => LISTED.includes(row.t))
  const prepared = await Promise.all(rows.map((row) => prepare(room, row)))
  const applied = await room.db.write(MIRROR_STORES, async (tx) => {
    if ((await stateGet(tx)).cursor !== since) return false
    if (full) await clear(tx)
    // Missing photos are listed anew in each answer; texts, targets and topics come as whole lists, or as a word that
    // there are none.
    await tx.objectStore('want').clear()
    for (const kind of ['text', 'target', 'topic'] as const)
      if (rows.some((row) => row.t === kind || (row.t === 'none' && row.of === kind))) await tx.objectStore(kind).clear()
    // Requests are done in their order, so the many rows of a register need not be waited for one by one;
    // one that fails ends the transaction.
    const put = (request: Promise<unknown>): void => void request.catch(() => undefined)
    for (const row of prepared) {
      if ('household' in row) put(tx.objectStore('household').put(row.household))
      else if ('resident' in row) put(tx.objectStore('resident').put(row.resident))
      else await apply(tx, row.other)
    }
    await caughtUp(tx)
    if (listed) await listChanged(tx)
    await stateChange(tx, change)
    return true
  })
  // Names are opened here, mostly in a thread of its own, so that a page opens the copy of them.
  if (applied && listed) await register(room).catch(() => undefined)
  return applied
}

/* ---- lists ---- */

async function names<T extends object>(room: Room, purpose: 'household' | 'resident', id: string, sealed: Uint8Array): Promise<T> {
  return JSON.parse(utf8Read(await room.seal.open(purpose, id, sealed))) as T
}

async function householdOpened(room: Room, { sealed, ...row }: HouseholdStored): Promise<HouseholdKnown> {
  return { ...row, ...(await names<{ head: string; phone: string }>(room, 'household', row.household, sealed)) }
}
async function residentOpened(room: Room, { sealed, ...row }: ResidentStored): Promise<ResidentKnown> {
  return { ...row, ...(await names<{ name: string; phone: string; born: string }>(room, 'resident', row.resident, sealed)) }
}

export interface Register {
  households: HouseholdKnown[]
  residents: ResidentKnown[]
}

async function rowsOpened(room: Room, found: { households: HouseholdStored[]; residents: ResidentStored[] }): Promise<Register> {
  return {
    households: await Promise.all(found.households.map((row) => householdOpened(room, row))),
    residents: await Promise.all(found.residents.map((row) => residentOpened(room, row))),
  }
}

/** Households in the order of their doors.  breathe: see listUnpacked. */
export async function register(room: Room, breathe?: () => Promise<void>): Promise<Register> {
  const copy = await listCopy(room)
  if (copy !== undefined) return listUnpacked(copy, breathe)
  const found = await room.db.read(['value', 'household', 'resident'], async (tx) => ({
    age: await listAge(tx),
    households: await tx.objectStore('household').getAll(),
    residents: await tx.objectStore('resident').getAll(),
  }))
  const { households, residents } = await rowsOpened(room, found)
  const list = { households: inOrder(households), residents }
  await listKeep(room, found.age, listPacked(list)).catch(() => undefined)
  return list
}

/** One household and who lives there. */
export async function registerOf(room: Room, household: string): Promise<Register> {
  const found = await room.db.read(['household', 'resident'], async (tx) => ({
    households: await tx.objectStore('household').getAll(household),
    residents: await tx.objectStore('resident').index('household').getAll(household),
  }))
  return rowsOpened(room, found)
}

/** '' if it is not known. */
export function gridOf(room: Room, household: string): Promise<string> {
  return room.db.read(['household'], async (tx) => (await tx.objectStore('household').get(household))?.grid ?? '')
}

export function texts(room: Room): Promise<TextRow[]> {
  return room.db.read(['text'], (tx) => tx.objectStore('text').getAll())
}
export function targets(room: Room): Promise<TargetRow[]> {
  return room.db.read(['target'], (tx) => tx.objectStore('target').getAll())
}
/** In the order of the office's list. */
export function topics(room: Room): Promise<TopicRow[]> {
  return room.db.read(['topic'], (tx) => tx.objectStore('topic').getAll())
}
export function directives(room: Room): Promise<DirectiveRow[]> {
  return room.db.read(['directive'], (tx) => tx.objectStore('directive').getAll())
}
/** Durable when it resolves; the next round tells the server.  false: there is no such directive. */
export function acknowledge(room: Room, directive: string): Promise<boolean> {
  return room.db.write(['directive'], async (tx) => {
    const row = await tx.objectStore('directive').get(directive)
    if (row !== undefined && !row.acknowledged) await tx.objectStore('directive').put({ ...row, acknowledged: true, unsent: 1 })
    return row !== undefined
  })
}
/** As if it had not been read; false: the server knows already, or there is nothing to take back. */
export function acknowledgeBack(room: Room, directive: string): Promise<boolean> {
  return room.db.write(['directive'], async (tx) => {
    const row = await tx.objectStore('directive').get(directive)
    if (row?.unsent !== 1) return false
    await tx.objectStore('directive').put({ ...row, acknowledged: false, unsent: undefined })
    return true
  })
}
export function acknowledgedNext(room: Room): Promise<string | undefined> {
  return room.db.read(['directive'], async (tx) => (await tx.objectStore('directive').index('unsent').get(1))?.directive)
}
export function acknowledgeDone(room: Room, directive: string): Promise<void> {
  return room.db.write(['directive'], async (tx) => {
    const row = await tx.objectStore('directive').get(directive)
    if (row !== undefined) await tx.objectStore('directive').put({ ...row, unsent: undefined })
  })
}

export async function wantsIn(tx: ReadTx): Promise<(WantRow & { here: boolean })[]> {
  const rows = await tx.objectStore('want').getAll()
  const here = new Set(rows.length === 0 ? [] : await tx.objectStore('picture').getAllKeys())
  return rows.map((row) => ({ ...row, here: here.has(row.sha256) }))
}
export function wants(room: Room): Promise<(WantRow & { here: boolean })[]> {
  return room.db.read(['want', 'picture'], wantsIn)
}
