/* outbox_work.ts - floor 1: own records as lists need them, and all of them once more as one text, so that a
 * start takes one value out of the database and not thousands of rows.
 *
 * Happy path: a reader takes the text and the records behind its last number.  A new record is one of
 * those, so that recording costs nothing here; every transaction that changes or removes a record raises
 * the work's age (`workChanged`), and a text of another age is not read.  `workKeep` makes it anew.
 * Text and records are read in one transaction: whatever was cut off, the two are of one moment.
 * Nothing is in the text that does not lie beside it in clear: P is not.
 * Failure modes: a text that cannot be written (no room), or taken apart, is done without.
 */
import type { EventRow, ReadTx, Room, WriteTx } from './outbox_db.js'
import type { Outcome } from './ports.js'
import { eventStored, type QmEvent } from './wire/event.js'

/** A record without its bytes and P. */
export interface WorkRow extends Readonly<Omit<EventRow, 'e' | 'p' | 'alone' | 'batch' | 'line'>> {
  readonly event: QmEvent
  /** The same record, with what became of it. */
  settled(how: Outcome): WorkRow
}
export interface WorkCopy {
  age: number
  /** number of the last record that is in it */
  upTo: number
  /** by seq; each line is JSON of Packed[] */
  text: string
}
type Packed = [event: QmEvent, state: EventRow['state'], code: string, free: 0 | 1, ahead: 0 | 1, entry: string, decided: EventRow['decided'] | null, done?: 1]

/** The number is of the form of the text. */
const COPY = 'work 2'
const AGE = 'work-age'
/** New records that are read one by one before a new text is worth its work. */
const BEHIND_MAX = 100
/** Thousands at once would hold the screen up; in parts they come between its frames. */
const ROWS_AT_ONCE = 100
/** Records of one line, which is taken apart at once. */
const LINE_RECORDS = 100

/** E is taken apart when it is first asked for: after a sync nobody asks for most of thousands.  A class, because a
 * getter in each of thousands of literals would have each kept as a table of its own. */
class Row implements WorkRow {
  readonly id: string
  readonly seq: number
  readonly at: number
  readonly kind: WorkRow['kind']
  readonly household: string | undefined
  readonly resident: string | undefined
  readonly target: string | undefined
  readonly queue: number | undefined
  readonly state: WorkRow['state']
  readonly code: string
  readonly entry: bigint | undefined
  readonly decided: WorkRow['decided']
  readonly done: 1 | undefined
  readonly ahead: 1 | undefined

  constructor(
    row: Omit<WorkRow, 'event' | 'settled'>,
    private said: QmEvent | Uint8Array,
  ) {
    this.id = row.id
    this.seq = row.seq
    this.at = row.at
    this.kind = row.kind
    this.household = row.household
    this.resident = row.resident
    this.target = row.target
    this.queue = row.queue
    this.state = row.state
    this.code = row.code
    this.entry = row.entry
    this.decided = row.decided
    this.done = row.done
    this.ahead = row.ahead
  }

  /** `corrupt`: the store has changed it. */
  get event(): QmEvent {
    if (this.said instanceof Uint8Array) this.said = eventStored(this.said)
    return this.said
  }
  settled(how: Outcome): WorkRow {
    const { id, seq, at, kind, household, resident, target, decided, done } = this
    const { state, code, entry, ahead } = how
    return new Row({ id, seq, at, kind, household, resident, target, queue: undefined, state, code, entry, decided, done, ahead }, this.said)
  }
}

export const workRow = (row: EventRow): WorkRow => new Row(row, row.e)

function packed({ event, state, code, queue, ahead, entry, decided, done }: WorkRow): Packed {
  const all: Packed = [event, state, code, queue === undefined ? 0 : 1, ahead ?? 0, entry === undefined ? '' : String(entry), decided ?? null]
  // What few have takes no room in the others.
  if (done === 1) all.push(done)
  return all
}
function unpacked([event, state, code, free, ahead, entry, decided, done]: Packed): WorkRow {
  const { id, seq, at, kind } = event
  const row = {
    id, seq, at, kind, state, code, done,
    household: 'household' in event ? event.household : undefined,
    resident: 'resident' in event ? event.resident : undefined,
    target: kind === 'void' ? event.target : undefined,
    queue: free === 1 ? seq : undefined,
    ahead: ahead === 1 ? (1 as const) : undefined,
    entry: entry === '' ? undefined : BigInt(entry),
    decided: decided ?? undefined,
  }
  return new Row(row, event)
}

/** Those with a greater number, by seq. */
export async function rowsAfter(tx: ReadTx, seq: number): Promise<EventRow[]> {
  const events = tx.objectStore('event').index('seq')
  const last = (await events.openKeyCursor(null, 'prev'))?.key ?? 0
  const asked: Promise<EventRow[]>[] = []
  for (let after = seq; after < last; after += ROWS_AT_ONCE) asked.push(events.getAll(IDBKeyRange.bound(after, after + ROWS_AT_ONCE, true)))
  return (await Promise.all(asked)).flat()
}

async function workAge(tx: ReadTx | WriteTx): Promise<number> {
  return ((await tx.objectStore('value').get(AGE)) as number | undefined) ?? 0
}
/** In the transaction that changes or removes records, but for their P. */
export async function workChanged(tx: WriteTx): Promise<void> {
  await tx.objectStore('value').put((await workAge(tx)) + 1, AGE)
}

interface Kept {
  age: number
  /** of this age */
  copy: WorkCopy | undefined
}
async function keptIn(tx: ReadTx): Promise<Kept> {
  const [age, copy] = await Promise.all([workAge(tx), tx.objectStore('value').get(COPY) as Promise<WorkCopy | undefined>])
  return { age, copy: copy?.age === age ? copy : undefined }
}

type Breathe = () => Promise<void>

function written(rows: readonly WorkRow[]): string {
  const lines: string[] = []
  for (let i = 0; i < rows.length; i += LINE_RECORDS) lines.push(JSON.stringify(rows.slice(i, i + LINE_RECORDS).map(packed)))
  return lines.join('\n')
}
async function takenApart(text: string, breathe: Breathe | undefined): Promise<WorkRow[] | undefined> {
  const rows: WorkRow[] = []
  try {
    for (const line of text.split('\n')) {
      rows.push(...(JSON.parse(line) as Packed[]).map(unpacked))
      await breathe?.()
    }
  } catch {
    return undefined
  }
  return rows
}

/** All, by seq.  breathe: lets the screen be drawn between parts, if it is time; without it all comes at once. */
export async function workRows(room: Room, breathe?: Breathe): Promise<WorkRow[]> {
  const { copy, behind } = await room.db.read(['value', 'event'], async (tx) => {
    const { copy: found } = await keptIn(tx)
    return { copy: found, behind: await rowsAfter(tx, found?.upTo ?? 0) }
  })
  const before = copy === undefined ? [] : await takenApart(copy.text, breathe)
  if (before === undefined) return (await room.db.read(['event'], (tx) => rowsAfter(tx, 0))).map(workRow)
  for (const row of behind) {
    before.push(workRow(row))
    await breathe?.()
  }
  return before
}

/** Makes the text anew where there is none of this age, or much behind it.  check: also where there is one, and
 * gives false if that said something else than the records do. */
export async function workKeep(room: Room, check: boolean): Promise<boolean> {
  const found = await room.db.read(['value', 'event'], async (tx) => {
    const { age, copy } = await keptIn(tx)
    const last = (await tx.objectStore('event').index('seq').openKeyCursor(null, 'prev'))?.key ?? 0
    const isNew = copy === undefined ? last > BEHIND_MAX : last - copy.upTo > BEHIND_MAX
    return { age, copy, rows: isNew || (check && copy !== undefined) ? await rowsAfter(tx, 0) : undefined }
  })
  if (found.rows === undefined) return true
  const { age, copy } = found
  const rows = found.rows.map(workRow)
  const held = copy === undefined || written(rows.filter((row) => row.seq <= copy.upTo)) === copy.text
  const upTo = rows[rows.length - 1]?.seq ?? 0
  if (held && copy !== undefined && upTo - copy.upTo <= BEHIND_MAX) return true
  const text = written(rows)
  await room.db.write(['value'], async (tx) => {
    if ((await workAge(tx)) === age) await tx.objectStore('value').put({ age, upTo, text }, COPY)
  })
  return held
}

/** As they are stored; undefined: taken back since.  Many are quicker read all together than one by one. */
export async function storedOf(tx: ReadTx, some: readonly WorkRow[]): Promise<(EventRow | undefined)[]> {
  if (some.length <= ROWS_AT_ONCE) return Promise.all(some.map((row) => tx.objectStore('event').get(row.id)))
  const stored = new Map((await rowsAfter(tx, 0)).map((row) => [row.id, row]))
  return some.map((row) => stored.get(row.id))
}
