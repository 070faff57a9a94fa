/* client_homes.ts - floor 3: which records are about which household: those that name it, and those that name who
 * lives there.  Kept up to date record by record, so that what a change costs is of its size and not of all that was
 * ever recorded.
 *
 * Happy path: `take` is given all records, by seq, as often as some of them changed, and says which households that
 * concerns.  An array that was given is never changed afterwards.
 * Failure modes: none; a void whose target is not here, or comes behind it, is about nobody.
 */
import type { ResidentKnown, WorkRow } from './outbox.js'

/** A few records are nothing; thousands in one piece would hold the screen up. */
const A_PIECE = 64

export function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const there = map.get(key)
  if (there) there.push(value)
  else map.set(key, [value])
}

/** Who lives in which household. */
export function peopleOf(residents: readonly ResidentKnown[]): Map<string, ResidentKnown[]> {
  const people = new Map<string, ResidentKnown[]>()
  for (const r of residents) push(people, r.household, r)
  return people
}

export class Homes {
  readonly people: Map<string, ResidentKnown[]>
  private readonly homeOf: Map<string, string>
  private readonly records = new Map<string, WorkRow[]>()
  private readonly byId = new Map<string, WorkRow>()
  private rows: readonly WorkRow[] = []

  constructor(residents: readonly ResidentKnown[]) {
    this.people = peopleOf(residents)
    this.homeOf = new Map(residents.map((r) => [r.resident, r.household]))
  }

  /** undefined: none */
  recordsOf(household: string): readonly WorkRow[] | undefined {
    return this.records.get(household)
  }

  /** Not before the last call of it has ended. */
  async take(rows: readonly WorkRow[], breathe: () => Promise<void>): Promise<Set<string>> {
    const touched = new Set<string>()
    const before = this.rows
    let at = 0
    for (; at < Math.min(before.length, rows.length) && before[at]!.id === rows[at]!.id; at++) {
      if (before[at] !== rows[at]) this.replace(before[at]!, rows[at]!, touched)
      if (at % A_PIECE === 0) await breathe()
    }
    const gone = before.slice(at)
    // The target of a void may be gone with it.
    for (const row of gone) for (const home of this.homesOf(row)) this.drop(home, row, touched)
    for (const row of gone) this.byId.delete(row.id)
    for (let i = at; i < rows.length; i++) {
      this.add(rows[i]!, touched)
      if (i % A_PIECE === 0) await breathe()
    }
    this.rows = rows
    return touched
  }

  /** A void is about what its target is. */
  private homesOf(row: WorkRow): string[] {
    const of = row.kind === 'void' ? this.byId.get(row.target ?? '') : row
    const home = of?.resident === undefined ? undefined : this.homeOf.get(of.resident)
    const named = of?.household
    if (named === undefined) return home === undefined ? [] : [home]
    return home === undefined || home === named ? [named] : [named, home]
  }
  private add(row: WorkRow, touched: Set<string>): void {
    this.byId.set(row.id, row)
    for (const home of this.homesOf(row)) {
      push(this.records, home, row)
      touched.add(home)
    }
  }
  private replace(before: WorkRow, row: WorkRow, touched: Set<string>): void {
    this.byId.set(row.id, row)
    for (const home of this.homesOf(row)) {
      const there = this.records.get(home) ?? []
      const i = there.indexOf(before)
      if (i < 0) continue
      there[i] = row
      touched.add(home)
    }
  }
  private drop(home: string, row: WorkRow, touched: Set<string>): void {
    this.records.set(home, (this.records.get(home) ?? []).filter((one) => one !== row))
    touched.add(home)
  }
}
