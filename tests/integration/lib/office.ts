/* Other programs as a reader of our files would use them: LibreOffice, chromium, poppler, zbar. */
import { strict as assert } from 'node:assert'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { must } from './command'
import { build } from './where'

const PAGE_TIMEOUT_S = '120'

/** Writes the outputs of a made-up bulletin; tests/unit/bulletin_write.c says which there are. */
export async function bulletin(kind: string, folder: string): Promise<string> {
  const out = join(folder, kind)
  mkdirSync(out, { recursive: true })
  await must(join(build, 'tests', 'unit', 'bulletin_write'), [kind, out])
  return out
}

export interface Cell {
  shown: string
  type: string
  value: string
  formula: boolean
}
export interface Sheet {
  rows: Cell[][]
}

function unescape(text: string): string {
  return text
    .replace(/<text:s(?: text:c="(\d+)")?\/>/g, (_, n: string | undefined) => ' '.repeat(Number(n ?? 1)))
    .replace(/<text:line-break\/>/g, '\n')
    .replace(/<[^>]+>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&apos;/g, "'")
    .replace(/&#x([0-9a-f]+);/gi, (_, hex: string) => String.fromCodePoint(parseInt(hex, 16)))
    .replace(/&amp;/g, '&')
}

function attribute(tag: string, name: string): string {
  return unescape(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '')
}

function cells(row: string): Cell[] {
  const found: Cell[] = []
  for (const m of row.matchAll(/<table:table-cell\b([^>]*?)(?:\/>|>([\s\S]*?)<\/table:table-cell>)/g)) {
    const tag = m[1] ?? ''
    const paragraphs = [...(m[2] ?? '').matchAll(/<text:p[^>]*?(?:\/>|>([\s\S]*?)<\/text:p>)/g)]
    const cell = {
      shown: paragraphs.map((p) => unescape(p[1] ?? '')).join('\n'),
      type: attribute(tag, 'office:value-type'),
      value: attribute(tag, 'office:value'),
      formula: tag.includes('table:formula'),
    }
    const times = Number(attribute(tag, 'table:number-columns-repeated') || 1)
    for (let i = 0; i < Math.min(times, 64); i++) found.push(cell)
  }
  while (found.length > 0 && found[found.length - 1]!.shown === '') found.pop()
  return found
}

/** The sheets of a workbook by name, as LibreOffice has them after opening it. */
export async function workbook(file: string, folder: string): Promise<Map<string, Sheet>> {
  const profile = `-env:UserInstallation=file://${join(folder, 'profile')}`
  await must('soffice', ['--headless', profile, '--convert-to', 'fods', '--outdir', folder, file])
  const xml = readFileSync(join(folder, 'sheet.fods'), 'utf8')
  const sheets = new Map<string, Sheet>()
  for (const table of xml.matchAll(/<table:table ([^>]*)>([\s\S]*?)<\/table:table>/g)) {
    const rows: Cell[][] = []
    for (const row of (table[2] ?? '').matchAll(/<table:table-row\b([^>]*)>([\s\S]*?)<\/table:table-row>/g)) {
      const times = Number(attribute(row[1] ?? '', 'table:number-rows-repeated') || 1)
      for (let i = 0; i < Math.min(times, 4); i++) rows.push(cells(row[2] ?? ''))
    }
    while (rows.length > 0 && rows[rows.length - 1]!.length === 0) rows.pop()
    sheets.set(attribute(` ${table[1] ?? ''}`, 'table:name'), { rows })
  }
  return sheets
}

/** RFC 4180. */
export function csvRows(text: string): string[][] {
  const rows: string[][] = [[]]
  let cell = ''
  let at = 0
  const end = (): void => {
    rows[rows.length - 1]!.push(cell)
    cell = ''
  }
  while (at < text.length) {
    if (text[at] === '"') {
      for (at++; text[at] !== '"' || text[at + 1] === '"'; at++) {
        assert.ok(at < text.length, 'a quote is never closed')
        if (text[at] === '"') at++
        cell += text[at]
      }
      at++
    } else if (text[at] === ',') {
      end()
      at++
    } else if (text[at] === '\r' && text[at + 1] === '\n') {
      end()
      rows.push([])
      at += 2
    } else {
      cell += text[at++]
    }
  }
  rows.pop()
  return rows
}

function browse(folder: string, options: string[]): Promise<string> {
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const chromium = process.env['QM_CHROMIUM'] ?? 'chromium'
  return must('timeout', [PAGE_TIMEOUT_S, chromium, '--headless', '--disable-gpu', '--hide-scrollbars',
    `--user-data-dir=${join(folder, 'browser')}`, ...asRoot, ...options])
}

export async function print(page: string, pdf: string, folder: string): Promise<void> {
  await browse(folder, ['--no-pdf-header-footer', `--print-to-pdf=${pdf}`, `file://${page}`])
}

export async function picture(page: string, png: string, width: number, height: number, folder: string): Promise<void> {
  await browse(folder, [`--window-size=${width},${height}`, `--screenshot=${png}`, `file://${page}`])
}

export interface Word {
  text: string
  left: number
  right: number
}
/** Words of one printed page; millimetres from the left edge of the paper. */
export async function words(pdf: string, page: number): Promise<Word[]> {
  const xml = await must('pdftotext', ['-f', `${page}`, '-l', `${page}`, '-bbox', pdf, '-'])
  const mm = 25.4 / 72
  return [...xml.matchAll(/<word xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)" yMax="[\d.]+">([^<]*)</g)].map((m) => ({
    text: unescape(m[3] ?? ''),
    left: Number(m[1]) * mm,
    right: Number(m[2]) * mm,
  }))
}

export interface Printed {
  pages: number
  size: string
  text: string[]
}
export async function printed(pdf: string): Promise<Printed> {
  const info = await must('pdfinfo', [pdf])
  const text = await must('pdftotext', ['-layout', pdf, '-'])
  return {
    pages: Number(/^Pages:\s+(\d+)/m.exec(info)?.[1]),
    size: /^Page size:.*\((\w+)\)/m.exec(info)?.[1] ?? '',
    text: text.split('\f').slice(0, -1),
  }
}

/** What the QR codes in a picture say. */
export async function qrCodes(png: string): Promise<string[]> {
  return (await must('zbarimg', ['--quiet', '--raw', png])).trim().split('\n')
}
