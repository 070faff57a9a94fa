/* client_status.ts - floor 3: how a worker's records, photos and batches stand, as pages show it.  Pure: from what
 * the outbox has. */
import type { RecordFilter, RecordView, Status } from './client_api.js'
import { rejectsDone, shownState, voidedIn } from './client_list.js'
import { stateTodo, stateWord } from './client_words.js'
import type { Overview, WorkRow } from './outbox.js'
import type { Pace, RecordState } from './ports.js'
import type { Lang } from './wire/err.js'
import type { QmEvent } from './wire/event.js'
import { privateRead } from './wire/private.js'

const namesPhoto = (ev: QmEvent): boolean => 'evidence' in ev && ev.evidence.length > 0

/** Numbers up to the last one that no record has. */
function gapsOf(rows: readonly WorkRow[], last: number): number[] {
  if (rows.length === last) return []
  const numbers = new Set(rows.map((row) => row.seq))
  return Array.from({ length: last }, (_, i) => i + 1).filter((seq) => !numbers.has(seq))
}

type Counted = Pick<Status, 'counts' | 'done' | 'oldestWaitingMs'>
/** Of rows that are asked about again: an array of records is never changed. */
const counted = new WeakMap<readonly WorkRow[], Counted>()

function countsOf(rows: readonly WorkRow[]): Counted {
  let found = counted.get(rows)
  if (found === undefined) counted.set(rows, (found = countedAnew(rows)))
  return found
}
function countedAnew(rows: readonly WorkRow[]): Counted {
  const counts: Record<RecordState, number> = { waiting: 0, confirmed: 0, held: 0, rejected: 0, flagged: 0 }
  // An iterator would make an object for each of thousands, each second while much is sent.
  for (let i = 0; i < rows.length; i++) counts[shownState(rows[i]!)]++
  const done = rejectsDone(rows).size
  counts.rejected -= done
  return { counts, done, oldestWaitingMs: rows.find((row) => row.state === 'waiting')?.at ?? 0 }
}

function waits(pace: Pace | undefined, nowMs: number): Status['next'] {
  return pace?.why !== undefined && pace.nextMs > nowMs ? { ms: pace.nextMs, why: pace.why } : undefined
}


/** Batches of other phones. */
function othersStanding(foreign: Overview['others']): Status['others'] {
  const sum = (some: typeof foreign): number => some.reduce((n, batch) => n + batch.events, 0)
  return {
    waiting: sum(foreign.filter((b) => b.open !== undefined)),
    done: sum(foreign.filter((b) => b.settled !== undefined)),
    refused: sum(foreign.filter((b) => b.open === undefined && b.settled === undefined)),
  }
}

/** rows: all own records, by seq. */
export function standing(around: Overview, rows: readonly WorkRow[], nowMs: number): Omit<Status, 'worker' | 'softKey' | 'syncing'> {
  const { state, last } = around
  return {
    ...countsOf(rows),
    account: state.identity?.account,
    grids: state.identity?.grids ?? [],
    device: state.identity?.device,
    photos: { ...around.photos, missing: around.missing, next: waits(state.photoPace, nowMs) },
    others: othersStanding(around.others),
    gaps: gapsOf(rows, last.seq),
    lastSyncMs: state.lastSyncMs,
    next: waits(state.pace, nowMs),
    stopped: state.stopped,
    alarm: state.alarm,
    evidence: state.evidence ?? [],
    clockOffsetMs: state.offsetMs,
  }
}

/** The last one first. */
export function fitting(rows: readonly WorkRow[], filter: RecordFilter): WorkRow[] {
  const done = filter.done === undefined ? undefined : rejectsDone(rows)
  const found = rows.filter(
    (row) =>
      (filter.state === undefined || shownState(row) === filter.state) &&
      (filter.household === undefined || row.household === filter.household) &&
      row.at >= (filter.sinceMs ?? 0) &&
      (done === undefined || done.has(row.id) === filter.done) &&
      (filter.withPhotos !== true || namesPhoto(row.event)),
  )
  return found.reverse()
}

/** rows: all of them; hidden: P of each that is wanted, where there is one. */
export function recordViews(rows: readonly WorkRow[], wanted: readonly WorkRow[], hidden: readonly (Uint8Array | undefined)[], lang: Lang): RecordView[] {
  const voided = voidedIn(rows)
  const done = rejectsDone(rows)
  const undoableFrom = rows.reduce((seq, row) => (row.queue === undefined ? Math.max(seq, row.seq) : seq), 0) + 1
  return wanted.map((row, i) => {
    const state = shownState(row)
    const code = row.decided?.code ?? row.code
    const p = hidden[i]
    return {
      event: row.id,
      content: row.event,
      hidden: p && privateRead(p),
      state,
      code,
      decided: row.decided !== undefined,
      word: stateWord(state, lang),
      todo: stateTodo(state, code, lang, row.decided !== undefined),
      entry: row.entry,
      undoable: row.seq >= undoableFrom,
      voided: voided.has(row.id),
      done: done.has(row.id),
    }
  })
}
