// Ordered lists of words with codes: topics and care groups.  People edit the words; the code is given once
// and stays, because records and cards name it.

export interface WordRow {
  code: string
  zh: string
  en?: string
}

const list = (value: unknown): Partial<WordRow>[] => (Array.isArray(value) ? (value as Partial<WordRow>[]) : [])

export const wordRowsOf = (value: unknown): WordRow[] =>
  list(value).map((r) => ({ code: r.code ?? '', zh: r.zh ?? '', ...(r.en === undefined ? {} : { en: r.en }) }))

/** The row one place up (-1) or down (+1); the same list where there is no such place. */
export function moved<T>(rows: readonly T[], at: number, by: -1 | 1): T[] {
  const to = at + by
  const out = [...rows]
  if (to < 0 || to >= rows.length) return out
  out[at] = rows[to]!
  out[to] = rows[at]!
  return out
}

/** The first code of this kind that nothing has: "topic-3". */
export function codeNew(kind: string, taken: readonly string[]): string {
  let n = 1
  while (taken.includes(`${kind}-${n}`)) n++
  return `${kind}-${n}`
}

/** Bytes as the server counts them: a Chinese character has three. */
export const bytesOf = (text: string): number => new TextEncoder().encode(text).length

export type RowWordFault = 'empty' | 'long' | 'twice'

/** What is wrong with a row of words; null where nothing is. */
export function wordFault(rows: readonly WordRow[], at: number, bytesMax: number): RowWordFault | null {
  const r = rows[at]!
  if (r.zh.trim() === '' || r.en?.trim() === '') return 'empty'
  if (bytesOf(r.zh) > bytesMax || bytesOf(r.en ?? '') > bytesMax) return 'long'
  return rows.some((o, i) => i !== at && o.zh.trim() === r.zh.trim()) ? 'twice' : null
}

export const trimmed = (rows: readonly WordRow[]): WordRow[] =>
  rows.map((r) => ({ code: r.code, zh: r.zh.trim(), ...(r.en === undefined ? {} : { en: r.en.trim() }) }))
