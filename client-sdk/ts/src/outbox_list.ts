/* outbox_list.ts - floor 1: the office's list as a whole, in order, sealed in some pieces, so that a start
 * opens these and not thousands of names, and compares none.
 *
 * Happy path: every transaction that changes households or residents raises the list's age; a reader that
 * finds a copy of this age takes it, another one opens the rows and leaves a copy.
 * Pieces, because one as long as the list holds the screen up while it is read; values without their
 * names (outbox_packed.ts), because the names are most of it.
 * Failure modes: a copy that cannot be written (no room), or does not open, is done without.
 */
import { utf8, utf8Read } from './wire/bytes.js'
import type { ReadTx, Room, WriteTx } from './outbox_db.js'

export interface ListCopy {
  age: number
  /** JSON each */
  pieces: Uint8Array[]
}

const COPY = 'list'
/** One that was sealed for another purpose is of an older form, and does not open. */
const PURPOSE = 'list in pieces'
const AGE = 'list-age'

const nameOf = (age: number, piece: number, pieces: number): string => `${age} ${piece}/${pieces}`

export async function listAge(tx: ReadTx | WriteTx): Promise<number> {
  return ((await tx.objectStore('value').get(AGE)) as number | undefined) ?? 0
}

/** In the transaction that changes the rows. */
export async function listChanged(tx: WriteTx): Promise<void> {
  await tx.objectStore('value').put((await listAge(tx)) + 1, AGE)
}

/** undefined: there is none, or the rows have changed since. */
export async function listCopy(room: Room): Promise<unknown[] | undefined> {
  const { age, copy } = await room.db.read(['value'], async (tx) => {
    const found = await Promise.all([listAge(tx), tx.objectStore('value').get(COPY) as Promise<ListCopy | undefined>])
    return { age: found[0], copy: found[1] }
  })
  if (copy?.age !== age) return undefined
  try {
    const { pieces } = copy
    const open = async (sealed: Uint8Array, i: number): Promise<unknown> =>
      JSON.parse(utf8Read(await room.seal.open(PURPOSE, nameOf(age, i, pieces.length), sealed)))
    return await Promise.all(pieces.map(open))
  } catch {
    return undefined
  }
}

/** age: of the transaction that read the rows. */
export async function listKeep(room: Room, age: number, pieces: readonly unknown[]): Promise<void> {
  const seal = (piece: unknown, i: number): Promise<Uint8Array> =>
    room.seal.seal(PURPOSE, nameOf(age, i, pieces.length), utf8(JSON.stringify(piece)))
  const sealed = await Promise.all(pieces.map(seal))
  await room.db.write(['value'], (tx) => tx.objectStore('value').put({ age, pieces: sealed }, COPY))
}
