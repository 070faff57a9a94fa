// All that happened to a household in one order: what was recorded, what was decided on it, what the
// office changed.  Lines of one change stand together, because they are taken back together.
import type { Card } from '@shared/api/lists'

type Event = Card['events'][number]
type Change = Card['changes'][number]

export type HistoryLine =
  | { kind: 'event'; key: string; at: number; event: Event }
  | { kind: 'decision'; key: string; at: number; event: Event; by: string }
  | { kind: 'settled'; key: string; at: number; event: Event; by: string }
  | { kind: 'change'; key: string; at: number; by: string; rev: number; subject: string; parts: Change[]; undoes: boolean; undone: boolean; undo: Change['undo'] }

/** Many households or residents may get a worker or a status in one change: each has its own taking back. */
const SINGLE = ['worker', 'status']

function changesOf(all: Change[]): HistoryLine[] {
  const whole = new Set(all.filter((c) => !SINGLE.includes(c.what)).map((c) => c.rev))
  const groups = new Map<string, Change[]>()
  for (const c of all) {
    const key = whole.has(c.rev) ? `c${c.rev}` : `c${c.rev} ${c.subject}`
    groups.set(key, [...(groups.get(key) ?? []), c])
  }
  return [...groups].map(([key, parts]) => {
    const first = parts[0]!
    return {
      kind: 'change', key, at: first.at, by: first.by, rev: first.rev, subject: first.subject, parts,
      undoes: first.undoes !== null, undone: first.undone !== null,
      undo: parts.find((p) => p.undo !== 'can')?.undo ?? first.undo,
    }
  })
}

function eventLines(e: Event): HistoryLine[] {
  const lines: HistoryLine[] = [{ kind: 'event', key: `e${e.event}`, at: e.at, event: e }]
  if (e.decided !== null && e.decided_at !== null) lines.push({ kind: 'decision', key: `d${e.event}`, at: e.decided_at, event: e, by: e.decided_by ?? '' })
  if (e.accepted !== null && e.settled_at !== null) lines.push({ kind: 'settled', key: `s${e.event}`, at: e.settled_at, event: e, by: e.settled_by ?? '' })
  return lines
}

export function historyOf(card: Card): HistoryLine[] {
  const all = [...card.events.flatMap(eventLines), ...changesOf(card.changes)]
  return all.sort((a, b) => b.at - a.at || (a.key < b.key ? 1 : -1))
}
