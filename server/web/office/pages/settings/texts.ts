// Texts in their versions.  One that was in force never changes: pledges and receipts name it, and show its
// words.  A change is a new version with a code of its own.
import { bytesOf } from './word_rows'

export const TEXT_KINDS = ['notice', 'pledge', 'letter', 'slogan', 'material'] as const
export type TextKind = (typeof TEXT_KINDS)[number]
export const TITLE_BYTES_MAX = 200
export const BODY_BYTES_MAX = 20_000

export interface TextRow {
  text: string
  kind: TextKind
  basis: 'household' | 'adult'
  title: string
  body: string
}

export const textRowsOf = (value: unknown): TextRow[] => (Array.isArray(value) ? (value as TextRow[]).map((t) => ({ ...t })) : [])

/** Phones use the one of a kind whose code sorts last. */
export const inUse = (rows: readonly TextRow[], row: TextRow): boolean =>
  rows.every((o) => o.kind !== row.kind || o.text <= row.text)

/** A code for a new version: it sorts behind all of its kind, so that phones take it. */
export function versionNew(kind: TextKind, rows: readonly TextRow[], year: number): string {
  const taken = rows.map((r) => r.text)
  const last = rows.filter((r) => r.kind === kind).map((r) => r.text).sort().pop() ?? ''
  for (let n = 1; n <= 9; n++) {
    const code = `${kind}-${year}-${n}`
    if (code > last && !taken.includes(code)) return code
  }
  let code = behind(last)
  while (taken.includes(code)) code = behind(code)
  return code
}

/** The next that sorts behind: "a-1" after "a", "a-2" after "a-1", "a-9-1" after "a-9". */
const behind = (code: string): string => (/-[1-8]$/.test(code) ? `${code.slice(0, -1)}${Number(code.slice(-1)) + 1}` : `${code}-1`)

export type TextFault = 'title_empty' | 'title_long' | 'body_empty' | 'body_long'

export function textFault(t: TextRow): TextFault | null {
  if (t.title.trim() === '') return 'title_empty'
  if (bytesOf(t.title) > TITLE_BYTES_MAX) return 'title_long'
  if (t.body.trim() === '') return 'body_empty'
  return bytesOf(t.body) > BODY_BYTES_MAX ? 'body_long' : null
}
