// Who goes when a worker found that a household has split.  The worker writes down who lives in the new one;
// in the register these people are still residents of the old one.
import type { Card } from '@shared/api/office'

type Resident = Card['residents'][number]

const stays = (r: Resident): boolean => r.status === 'gone' || r.status === 'dead'

/** Residents of the old household whom the worker wrote down in the new one, as far as masked names and days of
 * birth can tell: a proposal that a person looks at. */
export function goesAlong(old: readonly Resident[], fresh: readonly Resident[]): string[] {
  const same = (a: Resident, b: Resident) => a.name !== null && a.name === b.name && (a.born === null || b.born === null || a.born === b.born)
  return old.filter((r) => !stays(r) && fresh.some((f) => same(r, f))).map((r) => r.resident)
}
