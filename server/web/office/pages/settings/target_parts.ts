// Whose the targets are: those that an area sets for itself, and those from above that hold there too.
import type { Setting } from '@shared/api/office'
import { rowsOf, type TargetRow } from './settings'

/** Targets of other areas are in neither. */
export function partsOf(rows: readonly TargetRow[], area: string): { own: TargetRow[]; above: TargetRow[] } {
  return {
    own: rows.filter((r) => r.prefix.startsWith(area)),
    above: rows.filter((r) => !r.prefix.startsWith(area) && area.startsWith(r.prefix)),
  }
}

/** Of two targets of one metric the nearer area's counts: does one of these push this one aside in the area? */
export const pushedAside = (row: TargetRow, rows: readonly TargetRow[], area: string): boolean =>
  rows.some((o) => o.metric === row.metric && area.startsWith(o.prefix) && o.prefix.length > row.prefix.length)

/** The version that put this target in force as it stands; they come newest first.  Null: one behind these. */
export function setterOf(row: TargetRow, versions: readonly Setting[], all: boolean): Setting | null {
  const same = name(row)
  let since: Setting | null = null
  for (const v of versions) {
    if (!rowsOf(v.value).some((r) => name(r) === same)) return since
    since = v
  }
  return all ? since : null
}

const name = (r: TargetRow) => JSON.stringify([r.metric, r.prefix, r.basis, r.percent, r.from, r.due, r.assurance, r.groups ?? []])
