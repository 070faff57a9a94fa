// A file of an office as a table: XLSX, or CSV in UTF-8, UTF-16 or GB18030.
//
// Happy path: bytes → rows of trimmed cells without a line break; empty rows at the end are gone.
// Failure: SheetFault says in a word what is wrong (empty, old: an .xls of before 2007, broken, large).
import { csvRead, type Table } from './csv'

export class SheetFault extends Error {
  constructor(readonly code: 'empty' | 'old' | 'broken' | 'large') {
    super(code)
    this.name = 'SheetFault'
  }
}

export const ROWS_MAX = 50_000
export const FILE_MAX_BYTES = 40 * 1024 * 1024

/** A wrong guess of the encoding is seen in the preview; UTF-8 is certain, GB18030 is what else offices have. */
export function textOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('gb18030').decode(bytes)
  }
}

const isZip = (b: Uint8Array) => b[0] === 0x50 && b[1] === 0x4b
const isOldBook = (b: Uint8Array) => b[0] === 0xd0 && b[1] === 0xcf && b[2] === 0x11 && b[3] === 0xe0

function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString().slice(0, 10)
  if (typeof value === 'boolean') return value ? '是' : '否'
  return String(value)
}

/** Line breaks and control characters, which no cell of a register has, become a space. */
export const cellClean = (text: string) => text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim()

function tidy(rows: Table): Table {
  const clean = rows.map((row) => row.map(cellClean))
  while (clean.length > 0 && clean[clean.length - 1]!.every((c) => c === '')) clean.pop()
  if (clean.length < 2) throw new SheetFault('empty')
  if (clean.length > ROWS_MAX + 1) throw new SheetFault('large')
  return clean
}

/** `workbook` reads an XLSX: a library that loads only when there is one. */
export async function tableRead(
  bytes: Uint8Array,
  workbook: (bytes: ArrayBuffer) => Promise<unknown[][]>,
): Promise<Table> {
  if (bytes.length > FILE_MAX_BYTES) throw new SheetFault('large')
  if (isOldBook(bytes)) throw new SheetFault('old')
  if (!isZip(bytes)) return tidy(csvRead(textOf(bytes)))
  let rows: unknown[][]
  try {
    rows = await workbook(bytes.slice().buffer)
  } catch {
    throw new SheetFault('broken')
  }
  return tidy(rows.map((row) => row.map(cellText)))
}
