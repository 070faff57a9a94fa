// Exporting a list: columns with the county's own headings, kept for the next time; rows asked for page
// by page, so that a long list needs no answer of many megabytes; CSV or XLSX made in the browser.
import type { Page } from '@shared/api/lists'
import { cellForPeople } from '@shared/csv_cell'

export interface ExportColumn {
  key: string
  on: boolean
  /** The county's own heading; empty for the usual one. */
  heading: string
}

const EXPORT_PAGE_ROWS = 500

/** The columns as they were kept, with those that the software has learned of since at the end. */
export function columnsOf(list: unknown, known: readonly string[]): ExportColumn[] {
  const fresh = (key: string): ExportColumn => ({ key, on: true, heading: '' })
  if (!Array.isArray(list)) return known.map(fresh)
  const columns = (list as Partial<ExportColumn>[])
    .filter((c) => c !== null && typeof c.key === 'string' && known.includes(c.key))
    .map((c) => ({ key: c.key!, on: c.on === true, heading: typeof c.heading === 'string' ? c.heading : '' }))
  return [...columns, ...known.filter((k) => !columns.some((c) => c.key === k)).map(fresh)]
}

/** The same from text; all columns as usual if nothing was kept, or not by us. */
export function columnsRead(kept: string | null, known: readonly string[]): ExportColumn[] {
  try {
    return columnsOf(JSON.parse(kept ?? ''), known)
  } catch {
    return columnsOf(null, known)
  }
}

/** As the county keeps them: a heading only where it is the county's own. */
export const columnsTemplate = (columns: readonly ExportColumn[]) =>
  columns.map(({ key, on, heading }) => (heading.trim() === '' ? { key, on } : { key, on, heading: heading.trim() }))

/** The column one place up or down. */
export function moved(columns: readonly ExportColumn[], at: number, by: -1 | 1): ExportColumn[] {
  const to = at + by
  if (to < 0 || to >= columns.length) return [...columns]
  const list = [...columns]
  ;[list[at], list[to]] = [list[to]!, list[at]!]
  return list
}

export const csvLine = (cells: readonly (string | number)[]): string => `${cells.map(cellForPeople).join(',')}\r\n`

/** All pages, one after the other. `seen` is told the number of rows so far; it stops when told to. */
export async function* allPages<R>(
  page: (after: string | null, limit: number) => Promise<Page<R>>,
  signal: AbortSignal,
): AsyncGenerator<R[]> {
  for (let after: string | null = null; ; ) {
    const got: Page<R> = await page(after, EXPORT_PAGE_ROWS)
    if (signal.aborted) throw new DOMException('stopped', 'AbortError')
    yield got.rows
    if (got.next === null) return
    after = got.next
  }
}

/** UTF-8 with its mark, so that spreadsheets of all ages read it; the last line says how many rows. */
export async function csvFile<R>(
  head: readonly string[],
  pages: AsyncIterable<R[]>,
  cells: (row: R) => (string | number)[],
  last: (rows: number) => string,
  seen: (rows: number) => void,
): Promise<Blob> {
  const parts: string[] = ['\ufeff', csvLine(head)]
  let n = 0
  for await (const rows of pages) {
    parts.push(rows.map((r) => csvLine(cells(r))).join(''))
    seen((n += rows.length))
  }
  parts.push(csvLine([last(n)]))
  return new Blob(parts, { type: 'text/csv;charset=utf-8' })
}

/** The same as a workbook; every text is a cell of text. */
export async function xlsxFile<R>(
  head: readonly string[],
  pages: AsyncIterable<R[]>,
  cells: (row: R) => (string | number)[],
  last: (rows: number) => string,
  seen: (rows: number) => void,
): Promise<Blob> {
  const { default: write } = await import('write-excel-file/browser')
  const cell = (value: string | number) =>
    typeof value === 'number' ? { value, type: Number as NumberConstructor } : { value: clean(value), type: String as StringConstructor }
  const data = [head.map((value) => ({ value: clean(value), type: String as StringConstructor, fontWeight: 'bold' as const }))] as ReturnType<typeof cell>[][]
  let n = 0
  for await (const rows of pages) {
    for (const r of rows) data.push(cells(r).map(cell))
    seen((n += rows.length))
  }
  data.push([cell(last(n))])
  return write(data, { stickyRowsCount: 1 }).toBlob()
}

/** XML 1.0 knows no control characters, and an XLSX cell holds 32,767 characters. */
 
const clean = (text: string) => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '').slice(0, 32767)
