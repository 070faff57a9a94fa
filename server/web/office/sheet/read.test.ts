import { readSheet } from 'read-excel-file/node'
import { describe, expect, it } from 'vitest'
import { cellHarmless } from '@shared/csv_cell'
import { csvForPeople, csvRead, csvWrite } from './csv'
import { SheetFault, tableRead, textOf } from './read'

const bytes = (text: string) => new TextEncoder().encode(text)
const none = () => Promise.reject(new Error('no workbook'))
const hostile = ['<img src=x onerror=alert(1)>', '=HYPERLINK("http://x","y")', '\u202e王某', '𠮷田, "二"', "O'Hara"]

describe('CSV', () => {
  it('reads what it writes, whatever is in it', () => {
    const rows = [['a', 'b'], ...hostile.map((h) => [h, 'x']), ['', ' space ']]
    expect(csvRead(csvWrite(rows))).toEqual(rows)
  })
  it('knows quotes, line ends and separators', () => {
    expect(csvRead('a,b\r\n"x, ""y""\nz",2\r\n')).toEqual([['a', 'b'], ['x, "y"\nz', '2']])
    expect(csvRead('a\tb,c\n1\t2\n')).toEqual([['a', 'b,c'], ['1', '2']])
    expect(csvRead('a;b\n1;2')).toEqual([['a', 'b'], ['1', '2']])
    expect(csvRead('\ufeffa,\n,b')).toEqual([['a', ''], ['', 'b']])
    expect(csvRead('a,b\n1,')).toEqual([['a', 'b'], ['1', '']])
    expect(csvRead('"open,\nx')).toEqual([['open,\nx']])
    expect(csvRead('')).toEqual([])
  })
  it('gives people nothing that a spreadsheet computes', () => {
    for (const cell of ['=1+1', '+86', '-2', '@x', '\tx']) expect(cellHarmless(cell)).toBe(`'${cell}`)
    expect(cellHarmless('王=某')).toBe('王=某')
    expect(csvForPeople([['=A1', '王']])).toBe("\ufeff'=A1,王\r\n")
  })
})

describe('encodings', () => {
  it('tells UTF-8, GB18030 and UTF-16 apart', () => {
    expect(textOf(bytes('户主,𠮷'))).toBe('户主,𠮷')
    expect(textOf(new Uint8Array([0xbb, 0xa7, 0xd6, 0xf7, 0x2c, 0x95, 0x34, 0xb2, 0x35]))).toBe('户主,𠮷')
    expect(textOf(new Uint8Array([0xff, 0xfe, 0x37, 0x62]))).toBe('户')
    expect(textOf(new Uint8Array([0xfe, 0xff, 0x62, 0x37]))).toBe('户')
  })
})

describe('a file', () => {
  it('loses line breaks, control characters and empty ends', async () => {
    const table = await tableRead(bytes('户主,门牌\n"王\n某", 3号\u0007 \n,\n,\n'), none)
    expect(table).toEqual([['户主', '门牌'], ['王 某', '3号']])
  })
  it('says in a word what is wrong with it', async () => {
    const fault = (b: Uint8Array) => tableRead(b, none).catch((e: SheetFault) => e.code)
    expect(await fault(bytes(''))).toBe('empty')
    expect(await fault(bytes('只有表头\n'))).toBe('empty')
    expect(await fault(new Uint8Array([0xd0, 0xcf, 0x11, 0xe0]))).toBe('old')
    expect(await fault(bytes('PK\u0003\u0004broken'))).toBe('broken')
    expect(await fault(bytes('a\n' + 'x\n'.repeat(50_001)))).toBe('large')
  })
  it('takes 50,000 rows', async () => {
    expect(await tableRead(bytes('a,b\n' + '王某,1号\n'.repeat(50_000)), none)).toHaveLength(50_001)
  })
  it('writes what a workbook holds as text', async () => {
    const rows = [['网格', '日期', '空', '是'], [140522110204001, new Date('2026-03-05T00:00:00Z'), null, true]]
    const table = await tableRead(bytes('PK\u0003\u0004'), () => Promise.resolve(rows))
    expect(table[1]).toEqual(['140522110204001', '2026-03-05', '', '是'])
  })
  it('reads a real workbook', async () => {
    const { workbookBytes } = await import('./workbook_for_tests')
    const table = await tableRead(workbookBytes([['户主', '门牌'], ...hostile.map((h) => [h, '3号'])]), (b) =>
      readSheet(Buffer.from(b)),
    )
    expect(table.slice(1).map((r) => r[0])).toEqual(hostile)
  })
})
