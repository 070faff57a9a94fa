// Photos that the office misses: which door each belongs to, and the record that a new photo makes.
// Pure: no clock, store or screen.
//
// A photo is named by its bytes, so a new one is never the missing one: it goes with a record of its own
// (of paper, for the day of the first), of the same text, state and person.  The first one stays.
import type { PhotoView, PrivateDraft, RecordDraft, RecordView, Want } from '@qiaomen/sdk'
import { dayOf } from '@shared/format'

/** sending: it is here and goes by itself; gone: nobody has it any more; refused: it was not taken. */
export type PhotoState = 'sending' | 'gone' | 'refused'
export interface PhotoMissing {
  sha256: string
  record: RecordView
  state: PhotoState
  /** a later record of the same names a photo: that one counts now */
  again: boolean
}
export interface PhotoList {
  photos: PhotoMissing[]
  /** the office misses them, and this phone knows nothing of their records */
  elsewhere: string[]
  /** said to be lost, and still missed */
  lost: number
}

const evidenceOf = (r: RecordView): readonly string[] => ('evidence' in r.content ? r.content.evidence : [])

/** What a later record must be about to stand for an earlier one. */
function subject(r: RecordView): string {
  const c = r.content
  return [c.kind, 'household' in c ? c.household : '', 'resident' in c ? c.resident : ''].join()
}

function stateOf(here: boolean, photo: PhotoView | undefined): PhotoState {
  if (photo?.state === 'rejected') return 'refused'
  return here ? 'sending' : 'gone'
}

/** The oldest record first; taken-back ones need no photo, and those said to be `lost` are asked for no more. */
export function photoList(wants: readonly Want[], photos: readonly PhotoView[], records: readonly RecordView[], lost: ReadonlySet<string>): PhotoList {
  const bySha = new Map(photos.map((p) => [p.sha256, p]))
  const states = new Map(wants.map((w) => [w.sha256, stateOf(w.here, bySha.get(w.sha256))]))
  for (const p of photos) if (p.state === 'rejected') states.set(p.sha256, 'refused')
  const live = records.filter((r) => !r.voided && r.state !== 'rejected').sort((a, b) => a.content.seq - b.content.seq)
  const known = new Set(records.map((r) => r.event))
  const out = live.flatMap((record) =>
    evidenceOf(record)
      .filter((sha) => states.has(sha))
      .map((sha256): PhotoMissing => {
        const later = live.filter((r) => r.content.seq > record.content.seq && subject(r) === subject(record))
        return { sha256, record, state: states.get(sha256)!, again: later.some((r) => evidenceOf(r).length > 0) }
      }),
  )
  const far = wants.filter((w) => !known.has(w.event)).map((w) => w.sha256)
  const missed = new Set([...far, ...out.filter(isGone).map((p) => p.sha256)])
  return {
    photos: out.filter((p) => !isGone(p) || !lost.has(p.sha256)),
    elsewhere: far.filter((sha) => !lost.has(sha)),
    lost: [...missed].filter((sha) => lost.has(sha)).length,
  }
}

/** Nothing that is here or on its way stands for it. */
const isGone = (p: PhotoMissing): boolean => p.state !== 'sending' && !p.again

/** What a worker has to do something about. */
export const toTake = (list: PhotoList): PhotoMissing[] => list.photos.filter(isGone)

/** Day of the paper, yyyy-mm-dd: the one that was given, else that of the record. */
function paperDay(r: RecordView): string {
  const done = 'done' in r.content ? r.content.done : undefined
  return (done ?? dayOf(r.content.at)).replaceAll('-', '')
}

const without = (from: object, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)))

/** The record that goes with a new photo; undefined for a kind that carries none. */
export function againOf({ record }: PhotoMissing, evidence: string[], signer: string): RecordDraft | undefined {
  const c = record.content
  if (c.kind !== 'notice' && c.kind !== 'pledge' && c.kind !== 'app') return undefined
  const members = without(c, ['id', 'seq', 'at', 'p', 'kind'])
  const hidden: PrivateDraft = without(record.hidden ?? {}, ['s'])
  if (hidden.signer === undefined && signer !== '' && c.kind !== 'app') hidden.signer = signer
  return { kind: c.kind, members: { ...members, evidence, via: 'paper', done: paperDay(record) }, hidden } as unknown as RecordDraft
}
