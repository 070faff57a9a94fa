// What a correction changed, row by row: undefined where it stands as it stood, null where there was
// nothing, else the words for what was there.
import type { Bulletin, BulletinRow } from '@shared/api/week'

type Corrected = NonNullable<Bulletin['corrected']>

const before = (was: Corrected, row: BulletinRow) => was.rows.find((r) => r.code === row.code)
const place = (row: BulletinRow) => (row.out === '' ? String(row.rank) : '—')

export function rankWas(was: Corrected | undefined, row: BulletinRow): string | null | undefined {
  if (was === undefined) return undefined
  const old = before(was, row)
  if (old === undefined) return null
  return place(old) === place(row) ? undefined : place(old)
}

export function numberWas(was: Corrected | undefined, metrics: Bulletin['metrics'], row: BulletinRow, at: number): string | null | undefined {
  const metric = metrics[at]
  const cell = row.cells[at]
  if (was === undefined || metric === undefined || cell === undefined) return undefined
  const old = before(was, row)?.cells[was.metrics.findIndex((m) => m.name === metric.name)]
  if (old === undefined) return null
  if (old.num === cell.num && old.den === cell.den) return undefined
  return metric.imported ? String(old.num) : `${old.num}/${old.den}`
}
