/* client_told.ts - floor 3: what one tab or thread of a worker tells the others: that something changed, and of
 * records perhaps all of what did, so that nobody has to read them again.  Pure.
 *
 * A change by its name; behind it, for a batch that was settled, how its records stand, as JSON.
 */
import type { Change } from './client_api.js'
import type { Outcome } from './ports.js'

export interface Heard {
  change: Change
  /** these stand so now, and nothing else changed */
  settled?: readonly Outcome[] | undefined
}
type Packed = [id: string, seq: number, state: Outcome['state'], code: string, entry: string, ahead: 0 | 1]

const packed = ({ id, seq, state, code, entry, ahead }: Outcome): Packed => [id, seq, state, code, entry === undefined ? '' : String(entry), ahead ?? 0]
const unpacked = ([id, seq, state, code, entry, ahead]: Packed): Outcome => ({
  id, seq, state, code,
  entry: entry === '' ? undefined : BigInt(entry),
  ahead: ahead === 1 ? 1 : undefined,
})

export function changeWrite(change: Change, settled?: readonly Outcome[]): string {
  return settled === undefined ? change : `${change} ${JSON.stringify(settled.map(packed))}`
}

/** From a tab of another version it may be anything: what cannot be read is a change of which nothing more is known. */
export function changeRead(message: string): Heard {
  const at = message.indexOf(' ')
  if (at < 0) return { change: message as Change }
  const change = message.slice(0, at) as Change
  try {
    return { change, settled: (JSON.parse(message.slice(at)) as Packed[]).map(unpacked) }
  } catch {
    return { change }
  }
}
