/* The outputs of a bulletin, opened by the programs that offices open them with. */
import { strict as assert } from 'node:assert'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { must } from './lib/command'
import { bulletin, csvRows, picture, print, printed, qrCodes, Sheet, words, workbook } from './lib/office'
import { freshFolder } from './lib/where'

const URL = 'https://qiaomen.example.cn/b/140522/21079'
const ROOT = 'CzBVep/E6Q4zWH2ix+wRNluApcrvFDleg6jN8hc8YYY='
/** CSS pixels and printers' points leave a hair's breadth. */
const HAIR_MM = 0.2

let folder: string
before(() => {
  folder = freshFolder()
})
after(() => rmSync(folder, { recursive: true, force: true }))

/** The annex as CSV without the column of codes. */
function annex(out: string, n: number): string[][] {
  const rows = csvRows(readFileSync(join(out, `annex${n}.csv`), 'utf8').replace(/^\uFEFF/, ''))
  const code = rows[0]!.indexOf('代码')
  return code < 0 ? rows : rows.map((r) => r.filter((_, i) => i !== code))
}

/** What the workbook must show for a cell of the CSV file. */
function asShown(text: string, title: string): string {
  const plain = text.replace(/^'(?=[=+\-@\t\r＝＋－＠])/, '').replace(/[\t\r\n]/g, ' ')
  const clean = plain.replace(/[\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]/g, '')
  return /率\(%\)$|^占比\(%\)$/.test(title) && /^\d/.test(clean) ? `${clean}%` : clean
}

function sameCells(sheet: Sheet | undefined, expected: string[][]): void {
  assert.ok(sheet)
  const titles = expected[0]!
  const shown = sheet.rows.map((r) => r.map((c) => c.shown))
  const wanted = expected.map((r) => {
    const row = r.map((text, i) => asShown(text, titles[i]!))
    while (row.length > 0 && row[row.length - 1] === '') row.pop()
    return row
  })
  assert.deepEqual(shown, wanted)
}

const SHEETS: [string, number][] = [['附表1', 1], ['附表2', 2], ['附表3', 3], ['附表4', 4], ['未计入与更正', 5]]

describe('the workbook in LibreOffice', () => {
  test('has the cells of the annexes, numbers as numbers', async () => {
    const out = await bulletin('sample', folder)
    const book = await workbook(join(out, 'sheet.xlsx'), out)
    assert.deepEqual([...book.keys()], [...SHEETS.map(([name]) => name), '来源'])
    for (const [name, n] of SHEETS) sameCells(book.get(name), annex(out, n))
    const [head, first] = book.get('附表1')!.rows
    assert.deepEqual(first!.map((c) => c.type),
      ['float', 'float', 'string', 'float', 'float', 'percentage', ...Array<string>(6).fill('float')])
    assert.equal(first![5]!.value, '0.9666')
    assert.equal(head!.every((c) => c.type === 'string'), true)
    const source = new Map(book.get('来源')!.rows.map((r) => [r[0]!.shown, r[1]?.shown]))
    assert.equal(source.get('封条码'), ROOT)
    assert.equal(source.get('公开页面'), URL)
    assert.equal(source.get('记录自第几号'), '18234')
  })

  test('takes no name for a formula', async () => {
    const out = await bulletin('hostile', folder)
    const book = await workbook(join(out, 'sheet.xlsx'), out)
    for (const [name, n] of SHEETS.filter(([, k]) => k === 1 || k === 5)) sameCells(book.get(name), annex(out, n))
    for (const sheet of book.values()) assert.equal(sheet.rows.flat().some((c) => c.formula), false)
    assert.ok(book.get('附表1')!.rows.some((r) => r[2]?.shown === '=HYPERLINK("http://evil.example","x")'))
  })

  test('shows a correction beside what it replaces, and 1,500 villages', async () => {
    const correction = await bulletin('correction', folder)
    const book = await workbook(join(correction, 'sheet.xlsx'), correction)
    sameCells(book.get('更正对照'), annex(correction, 6))
    const large = await bulletin('large', folder)
    assert.equal((await workbook(join(large, 'sheet.xlsx'), large)).get('附表1')!.rows.length, 1502)
  })

  test('keeps its header in sight and on each page', async () => {
    const out = await bulletin('sample', folder)
    const sheet = await must('unzip', ['-p', join(out, 'sheet.xlsx'), 'xl/worksheets/sheet1.xml'])
    assert.match(sheet, /<pane xSplit="3" ySplit="1"[^>]* state="frozen"/)
    assert.match(sheet, /<pageSetup paperSize="9"[^>]* orientation="landscape"/)
    assert.match(await must('unzip', ['-p', join(out, 'sheet.xlsx'), 'xl/workbook.xml']), /_xlnm\.Print_Titles/)
  })
})

describe('the page on paper', () => {
  test('has 22 lines of 28 characters, 156 mm wide', async () => {
    const out = await bulletin('long', folder)
    const pdf = join(out, 'page.pdf')
    await print(join(out, 'page.html'), pdf, folder)
    const lines = (await words(pdf, 2)).filter((w) => w.text.startsWith('字'))
    assert.equal(lines.length, 22)
    for (const line of lines) {
      assert.equal(line.text.length, 28)
      assert.ok(Math.abs(line.left - 28) < HAIR_MM, `left ${line.left}`)
      assert.ok(Math.abs(line.right - 184) < HAIR_MM + 0.1, `right ${line.right}`)
    }
  })

  test('is an official document on A4 with its numbers, annexes and proof', async () => {
    const out = await bulletin('sample', folder)
    const pdf = join(out, 'page.pdf')
    await print(join(out, 'page.html'), pdf, folder)
    const paper = await printed(pdf)
    assert.equal(paper.size, 'A4')
    assert.equal(paper.pages, 7)
    const all = paper.text.join('\n')
    for (const part of ['反诈工作通报', '〔2026〕第47期', '一、总体情况', '附表1', '附表2', '附表3', '附表4',
      '未计入与更正', '抄送：', '2026年11月23日印发', ROOT.slice(0, 16)])
      assert.ok(all.includes(part), part)
    assert.equal(all.includes('拟稿（未签发）'), false)
    paper.text.forEach((text, i) => assert.match(text, new RegExp(`— ?${i + 1} ?—\\s*$`)))
    // The numbers of pages stand below the outer ends: right on odd pages, left on even ones.
    for (let page = 1; page <= paper.pages; page++) {
      const dash = (await words(pdf, page)).filter((w) => w.text.startsWith('—')).pop()
      assert.ok(dash)
      assert.equal(dash.left > 105, page % 2 === 1, `page ${page}`)
    }
  })

  test('repeats the header of a long table', async () => {
    const out = await bulletin('large', folder)
    const pdf = join(out, 'page.pdf')
    await print(join(out, 'page.html'), pdf, folder)
    const paper = await printed(pdf)
    const inside = paper.text.filter((t) => /第\d+村/.test(t))
    assert.ok(inside.length > 60)
    assert.equal(inside.every((t) => t.includes('村(居)')), true)
  })

  test('says on each page of a draft that it is one', async () => {
    const out = await bulletin('draft', folder)
    const pdf = join(out, 'page.pdf')
    await print(join(out, 'page.html'), pdf, folder)
    const paper = await printed(pdf)
    // The words lie across the page: poppler tells their characters apart.
    for (const text of paper.text) for (const c of '拟稿未签发') assert.ok(text.includes(c))
  })

  test('leads to the public page', async () => {
    const out = await bulletin('sample', folder)
    const pdf = join(out, 'page.pdf')
    await print(join(out, 'page.html'), pdf, folder)
    await must('pdftoppm', ['-f', '7', '-l', '7', '-singlefile', '-r', '150', '-png', pdf, join(out, 'last')])
    assert.deepEqual(await qrCodes(join(out, 'last.png')), [URL])
  })
})

describe('the picture', () => {
  test('is drawn as large as it says, with a code that can be read', async () => {
    const out = await bulletin('sample', folder)
    const svg = readFileSync(join(out, 'picture.svg'), 'utf8')
    const height = Number(/^<svg [^>]* height="(\d+)"/.exec(svg)![1])
    assert.equal(/<image|href=|url\(|<script|<style/.test(svg), false)
    const png = join(out, 'picture.png')
    await picture(join(out, 'picture.svg'), png, 750, height, folder)
    const bytes = readFileSync(png)
    assert.equal(bytes.readUInt32BE(16), 750)
    assert.equal(bytes.readUInt32BE(20), height)
    assert.deepEqual(await qrCodes(png), [URL])
  })

  test('of hostile names is still a picture', async () => {
    const out = await bulletin('hostile', folder)
    const png = join(out, 'picture.png')
    await picture(join(out, 'picture.svg'), png, 750, 2600, folder)
    assert.deepEqual(await qrCodes(png), [URL])
  })
})
