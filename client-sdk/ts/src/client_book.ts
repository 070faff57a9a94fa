/* client_book.ts - floor 3: what the list of doors is made of, in memory, and the list: after a change only
 * that is read and made again which the change is about.
 *
 * Happy path: `list` reads register and records once; then records are added as they are made (`added`),
 * those of a settled batch take what became of them (`settled`), and the doors that they name are made anew.
 * Failure modes: those of the outbox; what could not be read is asked for by the next call.  A change of
 * which nothing more is known (`forgetRecords`, `forgetRegister`) reads all of it again; what says the same stays.
 */
import type { HouseholdView } from './client_api.js'
import { Homes } from './client_homes.js'
import { doorList, doorView, ownWork } from './client_list.js'
import type { Outbox, Register, WorkRow } from './outbox.js'
import type { Outcome } from './ports.js'

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
  /** of batches that were settled since these were read */
  private due: Outcome[] = []
  private made: Made | undefined
  private making: Promise<unknown> = Promise.resolve()
  /** of the register that was asked about last */
  private homes: { known: Register; homes: Homes } | undefined
  /** households that the list says something old about */
  private readonly stale = new Set<string>()

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
    if (this.due.length === 0) return kept
    const { due } = this
    this.due = []
    // One that is not here was stored by another tab that was not heard yet.
    return kept.then((have) => withOutcomes(have, due) ?? this.read())
  }
  private register(): Promise<Register> {
    // As with the records: the first one is waited for.
    const known = (this.known ??= this.outbox.register(this.made && this.breathe))
    known.catch(() => this.known === known && (this.known = undefined))
    return known
  }

  forgetRecords(): void {
    this.kept = undefined
    this.due = []
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

  /** Those of a batch stand so now. */
  settled(how: readonly Outcome[]): void {
    if (this.kept !== undefined) this.due.push(...how)
  }

  /** The same array until something changed; in it the same doors but for those that changed. */
  list(day: number): Promise<HouseholdView[]> {
    const list = this.making.then(() => this.listNow(day))
    this.making = list.catch(() => undefined)
    return list
  }
  private async listNow(day: number): Promise<HouseholdView[]> {
    const [known, rows] = await Promise.all([this.register(), this.rows()])
    const { made } = this
    if (made?.known === known && made.rows === rows && made.day === day) return made.list
    const list = made === undefined ? doorList(known, ownWork(rows), day) : await this.anew(made, known, rows, day)
    this.made = { known, rows, day, list }
    this.stale.clear()
    return list
  }

  /** As of the records that the list is of, or of none for a register that has no list yet. */
  private async homesIn(known: Register, made: Made): Promise<Homes> {
    if (this.homes?.known !== known) {
      const homes = new Homes(known.residents)
      await this.breathe()
      if (made.known === known) await homes.take(made.rows, this.breathe)
      this.homes = { known, homes }
    }
    return this.homes.homes
  }

  private async anew(made: Made, known: Register, rows: readonly WorkRow[], day: number): Promise<HouseholdView[]> {
    await this.breathe()
    const homes = await this.homesIn(known, made)
    await this.breathe()
    for (const home of await homes.take(rows, this.breathe)) this.stale.add(home)
    const isAll = made.known !== known || made.day !== day
    const list = isAll ? [] : [...made.list]
    for (let i = 0; i < known.households.length; i++) {
      const h = known.households[i]!
      if (!isAll && !this.stale.has(h.household)) continue
      await this.breathe()
      list[i] = doorView(h, homes.people.get(h.household), homes.recordsOf(h.household), day)
    }
    return list
  }
}

/** undefined: one of them is not there. */
function withOutcomes(have: readonly WorkRow[], due: readonly Outcome[]): WorkRow[] | undefined {
  const rows = [...have]
  for (const how of due) {
    const at = placeOf(rows, how.seq)
    if (rows[at]?.id !== how.id) return undefined
    rows[at] = rows[at].settled(how)
  }
  return rows
}
/** By seq; numbers have few gaps, if any. */
function placeOf(rows: readonly WorkRow[], seq: number): number {
  let at = Math.min(seq, rows.length) - 1
  while (at > 0 && rows[at]!.seq > seq) at--
  return at
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
