// The smallest workbook that a spreadsheet opens, for tests: cells as text in place, stored without
// compression (APPNOTE.TXT 4.3; ECMA-376 part 1, 18.3).
const xml = (text: string) =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!)

const sheet = (rows: string[][]) =>
  `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rows
    .map((row, y) => {
      const cells = row.map((c, x) => `<c r="${String.fromCharCode(65 + x)}${y + 1}" t="inlineStr"><is><t>${xml(c)}</t></is></c>`)
      return `<row r="${y + 1}">${cells.join('')}</row>`
    })
    .join('')}</sheetData></worksheet>`

const relations = 'http://schemas.openxmlformats.org/package/2006/relationships'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'

function parts(rows: string[][]): [string, string][] {
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
  return [
    ['[Content_Types].xml', `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${type}.worksheet+xml"/></Types>`],
    ['_rels/.rels', `<Relationships xmlns="${relations}"><Relationship Id="r1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`],
    ['xl/workbook.xml', `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${office}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`],
    ['xl/_rels/workbook.xml.rels', `<Relationships xmlns="${relations}"><Relationship Id="r1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`],
    ['xl/worksheets/sheet1.xml', sheet(rows)],
  ]
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const b of bytes) {
    crc ^= b
    for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}

function record(size: number, fields: [number, number, 2 | 4][]): Uint8Array {
  const view = new DataView(new ArrayBuffer(size))
  for (const [at, value, width] of fields) {
    if (width === 2) view.setUint16(at, value, true)
    else view.setUint32(at, value, true)
  }
  return new Uint8Array(view.buffer)
}

export function workbookBytes(rows: string[][]): Uint8Array {
  const files: Uint8Array[] = []
  const central: Uint8Array[] = []
  let at = 0
  for (const [name, text] of parts(rows)) {
    const [head, body] = [new TextEncoder().encode(name), new TextEncoder().encode(text)]
    const common: [number, 2 | 4][] = [[20, 2], [0x800, 2], [0, 2], [0, 2], [0x21, 2], [crc32(body), 4], [body.length, 4], [body.length, 4], [head.length, 2], [0, 2]]
    const from = (offset: number): [number, number, 2 | 4][] => {
      let place = offset
      return common.map(([value, width]) => [(place += width) - width, value, width])
    }
    files.push(record(30, [[0, 0x04034b50, 4], ...from(4)]), head, body)
    central.push(record(46, [[0, 0x02014b50, 4], [4, 20, 2], ...from(6), [42, at, 4]]), head)
    at += 30 + head.length + body.length
  }
  const size = central.reduce((n, b) => n + b.length, 0)
  const n = files.length / 3
  const end = record(22, [[0, 0x06054b50, 4], [8, n, 2], [10, n, 2], [12, size, 4], [16, at, 4]])
  const all = [...files, ...central, end]
  const out = new Uint8Array(all.reduce((sum, b) => sum + b.length, 0))
  let to = 0
  for (const b of all) {
    out.set(b, to)
    to += b.length
  }
  return out
}
