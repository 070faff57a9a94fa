// Cells of a table as text (RFC 4180).

/** What a cell holds is what it holds. */
export const cellQuoted = (cell: string): string =>
  /[",\r\n]/.test(cell) || cell !== cell.trim() ? `"${cell.replaceAll('"', '""')}"` : cell

/** A text that a spreadsheet would compute, also behind spaces, gets an apostrophe before it and stays text. */
export const cellHarmless = (cell: string): string => (/^\s*[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell)

/** For people and their spreadsheets; a number is none that could be computed. */
export const cellForPeople = (cell: string | number): string => (typeof cell === 'number' ? String(cell) : cellQuoted(cellHarmless(cell)))
