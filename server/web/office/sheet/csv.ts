// Tables as text, in and out: RFC 4180, separated by commas, tabs (what is pasted from a spreadsheet)
// or semicolons.
//
// Happy path: text → rows of cells.  A quote that is never closed takes the rest of the file: the last
// row then looks odd in the preview, where people see it.
import { cellForPeople, cellQuoted } from '@shared/csv_cell'

export type Table = string[][]

/** The separator that the first line has most of. */
function separatorOf(text: string): string {
  const line = text.slice(0, text.search(/[\r\n]|$/))
  const counts = ['\t', ',', ';'].map((s) => ({ s, n: line.split(s).length }))
  return counts.reduce((best, c) => (c.n > best.n ? c : best)).s
}

export function csvRead(text: string): Table {
  const body = text.replace(/^\ufeff/, '')
  const separator = separatorOf(body)
  const rows: Table = []
  let row: string[] = []
  let at = 0
  const cellRead = (): string => {
    if (body[at] !== '"') {
      const from = at
      while (at < body.length && body[at] !== separator && body[at] !== '\n' && body[at] !== '\r') at++
      return body.slice(from, at)
    }
    let cell = ''
    for (at++; at < body.length; ) {
      const quote = body.indexOf('"', at)
      const end = quote === -1 ? body.length : quote
      cell += body.slice(at, end)
      at = end + 1
      if (body[at] !== '"') break
      cell += '"'
      at++
    }
    return cell
  }
  while (at < body.length) {
    row.push(cellRead())
    // Nothing but a separator or the end of a line belongs behind a closed quote.
    if (body[at] === separator) {
      at++
      if (at < body.length) continue
      row.push('')
    }
    if (body[at] === '\r') at++
    if (body[at] === '\n') at++
    rows.push(row)
    row = []
  }
  return rows
}

/** For our server: what a cell holds is what it holds. */
export function csvWrite(rows: Table): string {
  return rows.map((row) => row.map(cellQuoted).join(',') + '\n').join('')
}

/** For people and their spreadsheets: with a mark of UTF-8, and nothing that is computed. */
export function csvForPeople(rows: Table): string {
  return '\ufeff' + rows.map((row) => row.map(cellForPeople).join(',') + '\r\n').join('')
}
