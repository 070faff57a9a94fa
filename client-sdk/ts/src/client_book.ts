/* client_book.ts - floor 3: what the list of doors is made of, in memory, and the list: after a change only
 * that is read and made again which the change is about.
 *
 * Happy path: `list` reads register and records once; then records are added as they are made (`added`),
 * those of a settled batch read again (`settled`), and the doors that they name made anew.
 * Failure modes: those of the outbox; what could not be read is asked for by the next call.  A change of
 * which nothing more is known (`forgetRecords`, `forgetRegister`) reads all of it again; what says the same stays.
 */
import type { HouseholdView } from './client_api.js'
import { aboutEach, doorList, doorView, homesOf, ownWork, type People, peopleOf } from './client_list.js'
import type { EventRow, Outbox, Register, WorkRow } from './outbox.js'
import type { QmEvent } from './wire/event.js'

interface Made {
  known: Register
  rows: readonly WorkRow[]
  day: number
  list: HouseholdView[]
}

export class DoorBook {
  private known: Promise<Register> | undefined
  /** all records, by seq */
  private kept: Promise<WorkRow[]> | undefined
  /** batches that were settled since these were read */
  private readonly due = new Set<number>()
  private made: Made | undefined
  /** of the register that was asked about last */
  private people: { known: Register; people: People } | undefined

  /** breathe: lets the screen be drawn, if it is time. */
  constructor(
    private readonly outbox: Outbox,
    private readonly breathe: () => Promise<void>,
  ) {}

  rows(): Promise<WorkRow[]> {
    const rows = (this.kept = this.kept === undefined ? this.read() : this.caughtUp(this.kept))
    rows.catch(() => this.kept === rows && (this.kept = undefined))
    return rows
  }
  private async read(): Promise<WorkRow[]> {
    const before = this.made?.rows
    // The first list is waited for, and at once is quickest; later ones must not hold the screen up.
    if (before === undefined) return this.outbox.work()
    const rows = await this.outbox.work(this.breathe)
    await this.breathe()
    return sameKept(before, rows)
  }
  /** While much is sent, more batches are settled than lists are asked for. */
  private caughtUp(kept: Promise<WorkRow[]>): Promise<WorkRow[]> {
    if (this.due.size === 0) return kept
    const batches = [...this.due]
    this.due.clear()
    return kept.then(async (have) => {
      const before = new Map(have.map((row) => [row.id, row]))
      // E has its number in it, and does not change.
      const known = ({ id, seq }: EventRow): QmEvent | undefined => (before.get(id)?.seq === seq ? before.get(id)!.event : undefined)
      const now = new Map((await this.outbox.workIn(batches, known)).map((row) => [row.id, row]))
      await this.breathe()
      return have.map((row) => now.get(row.id) ?? row)
    })
  }
  private register(): Promise<Register> {
    // As with the records: the first one is waited for.
    const known = (this.known ??= this.outbox.register(this.made && this.breathe))
    known.catch(() => this.known === known && (this.known = undefined))
    return known
  }

  forgetRecords(): void {
    this.kept = undefined
    this.due.clear()
  }
  forgetRegister(): void {
    this.known = undefined
  }

  /** These were stored just now. */
  added(fresh: readonly WorkRow[]): void {
    this.kept = this.kept?.then(async (have) => {
      const last = have[have.length - 1]?.seq ?? 0
      // Another tab may have stored some in between, or these may have been read already.
      return fresh[0]?.seq === last + 1 ? [...have, ...fresh] : [...have, ...(await this.outbox.workAfter(last))]
    })
  }

  /** Those of a batch have their states. */
  settled(batch: number): void {
    if (this.kept !== undefined) this.due.add(batch)
  }

  /** The same array until something changed; in it the same doors but for those that changed. */
  async list(day: number): Promise<HouseholdView[]> {
    const [known, rows] = await Promise.all([this.register(), this.rows()])
    const { made } = this
    if (made?.known === known && made.rows === rows && made.day === day) return made.list
    const list = made === undefined ? doorList(known, ownWork(rows), day) : await this.anew(made, known, rows, day)
    this.made = { known, rows, day, list }
    return list
  }

  private peopleIn(known: Register): People {
    if (this.people?.known !== known) this.people = { known, people: peopleOf(known.residents) }
    return this.people.people
  }

  private async anew(made: Made, known: Register, rows: readonly WorkRow[], day: number): Promise<HouseholdView[]> {
    await this.breathe()
    const people = this.peopleIn(known)
    await this.breathe()
    const touched = made.known === known && made.day === day ? changedHomes(made.rows, rows, people) : undefined
    await this.breathe()
    const homes = homesOf(rows, people, touched)
    await this.breathe()
    const list: HouseholdView[] = []
    for (const [i, h] of known.households.entries()) {
      const before = touched?.has(h.household) === false ? made.list[i] : undefined
      if (before === undefined) await this.breathe()
      list.push(before ?? doorView(h, homes, day))
    }
    return list
  }
}

/** Those that say what they said before are the ones from before, and so is what was made of them.  Both by seq. */
export function sameKept(before: readonly WorkRow[], rows: readonly WorkRow[]): WorkRow[] {
  let i = 0
  return rows.map((row) => {
    while (i < before.length && before[i]!.seq < row.seq) i++
    const was = before[i]
    return was !== undefined && isSame(was, row) ? was : row
  })
}
/** All but these stays as it was recorded. */
function isSame(a: WorkRow, b: WorkRow): boolean {
  const decided = a.decided?.in === b.decided?.in && a.decided?.code === b.decided?.code
  return a.id === b.id && a.state === b.state && a.code === b.code && a.queue === b.queue && a.ahead === b.ahead && a.entry === b.entry && a.done === b.done && decided
}

/** The households that a record is about which is new, gone or another one than before. */
function changedHomes(before: readonly WorkRow[], rows: readonly WorkRow[], people: People): Set<string> {
  const touched = new Set<string>()
  // The target of a void may stand in one of the two only: each row is looked up among its own.
  const sides = [aboutEach(before, people), aboutEach(rows, people)] as const
  const note = (home: string): void => void touched.add(home)
  for (let i = 0; i < Math.max(rows.length, before.length); i++) {
    const [then, now] = [before[i], rows[i]]
    if (then === now) continue
    if (then !== undefined) sides[0](then, note)
    if (now !== undefined) sides[1](now, note)
  }
  return touched
}
