// Reads a file beside the page, so that 50,000 rows do not hold it up.
// In: the file's bytes.  Out: { table } or { fault }.
import { SheetFault, tableRead } from './read'

async function workbook(bytes: ArrayBuffer): Promise<unknown[][]> {
  const { readSheet } = await import('read-excel-file/web-worker')
  return readSheet(bytes)
}

self.onmessage = async (event: MessageEvent<ArrayBuffer>) => {
  try {
    self.postMessage({ table: await tableRead(new Uint8Array(event.data), workbook) })
  } catch (e) {
    self.postMessage({ fault: e instanceof SheetFault ? e.code : 'broken' })
  }
}
