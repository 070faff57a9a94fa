// The public result of a bulletin, as it was published: one JSON line, found by its SHA-256 and
// checked against it, so that no server can show another one under the same link.

export type Figure = [num: number, den: number, fresh: number, refused: number]
export interface Result {
  scope: string
  level: string
  period: string
  from: number
  to: number
  metrics: string[]
  rows: { rank: number; code: string; m: Figure[]; before: number }[]
}

/** "#<county>/<sha256>", the county's log perhaps with the number of a restored one. */
export function linkRead(hash: string): { log: string; sha256: string } | null {
  const found = /^#([0-9]{6}(?:-[1-9][0-9]?)?)\/([0-9a-f]{64})$/.exec(hash)
  return found === null ? null : { log: found[1]!, sha256: found[2]! }
}

export async function sha256Hex(bytes: ArrayBuffer): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(hash, (b) => b.toString(16).padStart(2, '0')).join('')
}

function isCount(n: unknown): n is number {
  return typeof n === 'number' && Number.isSafeInteger(n)
}

function isRow(row: unknown, metrics: number): boolean {
  if (typeof row !== 'object' || row === null) return false
  const { rank, code, m, before } = row as Record<string, unknown>
  if (!isCount(rank) || !isCount(before) || typeof code !== 'string' || !Array.isArray(m)) return false
  return m.length === metrics && m.every((f) => Array.isArray(f) && f.length === 4 && f.every(isCount))
}

/** @throws Error if it is no result. */
export function resultRead(text: string): Result {
  const r = JSON.parse(text) as Record<string, unknown>
  const texts = ['scope', 'level', 'period'].every((k) => typeof r[k] === 'string')
  const metrics = r['metrics']
  const rows = r['rows']
  if (!texts || !isCount(r['from']) || !isCount(r['to']) || !Array.isArray(metrics) || !Array.isArray(rows))
    throw new Error('not a result')
  if (!metrics.every((m) => typeof m === 'string') || !rows.every((row) => isRow(row, metrics.length)))
    throw new Error('not the rows of a result')
  return r as unknown as Result
}
