/* outbox_list.ts - floor 1: the office's list as a whole, in order, sealed once, so that a start opens one
 * piece and not thousands of names, and compares none.
 *
 * Happy path: every transaction that changes households or residents raises the list's age; a reader that
 * finds a copy of this age takes it, another one opens the rows and leaves a copy.
 * Failure modes: a copy that cannot be written (no room), or does not open, is done without.
 */
import { utf8, utf8Read } from './wire/bytes.js'
import type { ReadTx, Room, WriteTx } from './outbox_db.js'

export interface ListCopy {
  age: number
  /** JSON */
  sealed: Uint8Array
}

const COPY = 'list'
/** One that was sealed for another purpose is of an older form, and does not open. */
const PURPOSE = 'list in order'
const AGE = 'list-age'

export async function listAge(tx: ReadTx | WriteTx): Promise<number> {
  return ((await tx.objectStore('value').get(AGE)) as number | undefined) ?? 0
}

/** In the transaction that changes the rows. */
export async function listChanged(tx: WriteTx): Promise<void> {
  await tx.objectStore('value').put((await listAge(tx)) + 1, AGE)
}

/** undefined: there is none, or the rows have changed since. */
export async function listCopy(room: Room): Promise<unknown> {
  const found = await room.db.read(['value'], async (tx) => ({
    age: await listAge(tx),
    copy: (await tx.objectStore('value').get(COPY)) as ListCopy | undefined,
  }))
  if (found.copy?.age !== found.age) return undefined
  try {
    return JSON.parse(utf8Read(await room.seal.open(PURPOSE, COPY, found.copy.sealed)))
  } catch {
    return undefined
  }
}

/** age: of the transaction that read the rows. */
export async function listKeep(room: Room, age: number, list: object): Promise<void> {
  const sealed = await room.seal.seal(PURPOSE, COPY, utf8(JSON.stringify(list)))
  await room.db.write(['value'], (tx) => tx.objectStore('value').put({ age, sealed }, COPY))
}
