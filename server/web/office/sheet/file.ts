// Files that people choose: read in a worker, hashed.
import type { Table } from './csv'
import { FILE_MAX_BYTES, SheetFault } from './read'

type Answer = { table: Table } | { fault: SheetFault['code'] }

/** @throws SheetFault */
export async function fileTable(file: File): Promise<Table> {
  if (file.size > FILE_MAX_BYTES) throw new SheetFault('large')
  const bytes = await file.arrayBuffer()
  const worker = new Worker(new URL('./read_worker.ts', import.meta.url), { type: 'module' })
  try {
    const answer = await new Promise<Answer>((resolve, reject) => {
      worker.onmessage = (e: MessageEvent<Answer>) => resolve(e.data)
      worker.onerror = () => reject(new SheetFault('broken'))
      worker.postMessage(bytes, [bytes])
    })
    if ('fault' in answer) throw new SheetFault(answer.fault)
    return answer.table
  } finally {
    worker.terminate()
  }
}

const hex = (bytes: ArrayBuffer) => Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, '0')).join('')

/** SHA-256 in lower-case hex. */
export async function sha256(bytes: BufferSource): Promise<string> {
  return hex(await crypto.subtle.digest('SHA-256', bytes))
}
