import { expect, it } from 'vitest'
import { readSheet } from 'read-excel-file/universal'
import { allPages, columnsRead, csvFile, csvLine, moved, xlsxFile } from './export'

const HOSTILE = ['=1+1', '+cmd', '-2', '@x', '<b>x</b>', '"甲",乙', '\u202eabc', '𠮷野', 'a\nb']
const server = (n: number) => (after: string | null, limit: number) => {
  const from = Number(after ?? 0)
  const rows = Array.from({ length: Math.min(limit, n - from) }, (_, i) => from + i)
  return Promise.resolve({ rows, next: from + limit < n ? String(from + limit) : null })
}
const pages = (n: number) => allPages(server(n), new AbortController().signal)

it('a cell is never a formula, and stays what it is', () => {
  expect(csvLine(HOSTILE)).toBe(`'=1+1,'+cmd,'-2,'@x,<b>x</b>,"""甲"",乙",\u202eabc,𠮷野,"a\nb"\r\n`)
  expect(csvLine([-2, 0])).toBe('-2,0\r\n')
})

it('a CSV begins with the mark of UTF-8 and ends with the number of its rows', async () => {
  const seen: number[] = []
  const blob = await csvFile(['户主', '次数'], pages(1201), (n) => [`王${n}`, n], (n) => `共${n}行`, (n) => seen.push(n))
  const bytes = new Uint8Array(await blob.arrayBuffer())
  expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
  const lines = new TextDecoder().decode(bytes).trimEnd().split('\r\n')
  expect([lines.length, lines[0], lines[1], lines[1201], lines[1202]]).toEqual([1203, '户主,次数', '王0,0', '王1200,1200', '共1201行'])
  expect(seen).toEqual([500, 1000, 1201])
})

it('a workbook holds the same texts, no formula among them', async () => {
  const blob = await xlsxFile(['姓名'], pages(HOSTILE.length), (n) => [HOSTILE[n]!], (n) => `共${n}行`, () => undefined)
  const rows = await readSheet(await blob.arrayBuffer())
  expect(rows.map((r) => r[0])).toEqual(['姓名', ...HOSTILE, `共${HOSTILE.length}行`])
})

it('columns are those of the last time, and what is new is there as well', () => {
  const kept = JSON.stringify([{ key: 'phone', on: false, heading: '' }, { key: 'gone' }, { key: 'head', on: true, heading: '户主姓名' }])
  expect(columnsRead(kept, ['head', 'phone', 'grid'])).toEqual([
    { key: 'phone', on: false, heading: '' },
    { key: 'head', on: true, heading: '户主姓名' },
    { key: 'grid', on: true, heading: '' },
  ])
  for (const bad of [null, '', '{', '{}', '[1]']) expect(columnsRead(bad, ['head'])).toEqual([{ key: 'head', on: true, heading: '' }])
})

it('columns move by one place and not beyond the ends', () => {
  const three = columnsRead(null, ['a', 'b', 'c'])
  expect(moved(three, 0, 1).map((c) => c.key)).toEqual(['b', 'a', 'c'])
  expect(moved(three, 0, -1).map((c) => c.key)).toEqual(['a', 'b', 'c'])
  expect(moved(three, 2, 1).map((c) => c.key)).toEqual(['a', 'b', 'c'])
})

it('an export that is stopped asks for no further page', async () => {
  const control = new AbortController()
  const got: number[][] = []
  const run = async () => {
    for await (const rows of allPages(server(5000), control.signal)) {
      got.push(rows)
      control.abort()
    }
  }
  await expect(run()).rejects.toThrow()
  expect(got.length).toBe(1)
})
