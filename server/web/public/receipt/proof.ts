// Checks a household's receipt on this device: nothing is shown as recorded that does not follow from
// the bytes of the two proofs and the key of the log.
//
// Happy path: linkRead → receiptCheck: the log's signature and the place of the batch in the log, the
// note of the batch inside that entry, the place of the event in the batch, and that it is the event of
// the link.  What the office decided about it at the time stands in the same entry.
// Failure modes: every doubt throws; nothing of a receipt that does not hold is returned.
//
// Not shown to hold by this: the private part.  The server masks it, so it cannot be held against the
// hash that the event carries.
import {
  BATCH_MAX_EVENTS, checkpointRead, entryRead, equal, eventRead, leafHash, inclusionVerify, noteRead, receiptRead, receiptVerify, utf8,
  verdictsRead, vkeyRead, type QmEvent, type Verdict,
} from '@qiaomen/sdk'

export interface Recorded {
  event: QmEvent
  /** whose log it is in */
  county: string
  index: bigint
  /** when the server took it, Unix ms */
  recvMs: number
  verdict: Verdict['kind']
  /** first eight hex digits of the key that the log was checked with */
  keyId: string
}

/** The counties of a site, as /v1/site names them. */
export interface County {
  code: string
  log: string
}

function doubt(why: string): never {
  throw new Error(why)
}

/** The county whose log it says to be in: <host>/log/<county>, or <host>/log/<county>-<n>. */
function countyOf(origin: string): string {
  return /\/log\/([0-9]{6})(?:-[0-9]+)?$/.exec(origin)?.[1] ?? doubt('not a log')
}

/** Of the event itself, and never of what stands beside it in the answer. */
export function stateOf(event: QmEvent): string | null {
  if (event.kind === 'visit') return event.outcome
  if (event.kind === 'notice' || event.kind === 'pledge') return event.state ?? 'signed'
  return event.kind === 'app' ? event.state : null
}

/** @throws Error, QmError if anything of it does not hold. */
export function receiptCheck(answer: { event: string; batch: string }, id: string, counties: readonly County[]): Recorded {
  const batch = utf8(answer.batch)
  const county = countyOf(receiptRead(batch).checkpoint.origin)
  const key = vkeyRead(counties.find((c) => c.code === county)?.log ?? doubt('a log of another site'))
  const log = receiptVerify(batch, key)
  const entry = entryRead(log.extra)
  if (entry.type !== 'batch') doubt('no batch')
  const signed = checkpointRead(noteRead(entry.payload).text)

  const single = receiptRead(utf8(answer.event))
  const { origin, size, root } = single.checkpoint
  if (origin !== signed.origin || size !== signed.size || !equal(root, signed.root)) doubt('another batch')
  if (size > BigInt(BATCH_MAX_EVENTS)) doubt('number of events')
  inclusionVerify(leafHash(single.extra), single.index, size, single.proof, root)
  const event = eventRead(single.extra)
  if (event.id !== id) doubt('another event')
  const verdict = verdictsRead(entry.verdictLines, Number(size))[Number(single.index)] ?? doubt('no verdict')
  return { event, county, index: log.index, recvMs: entry.recvMs, verdict: verdict.kind, keyId: key.id }
}

/** The two parts of the link, "#<event id>.<s>". */
export function linkRead(hash: string): { id: string; s: string } | null {
  const found = /^#([0-9a-f-]{36})\.([A-Za-z0-9_-]{22})$/.exec(hash)
  return found === null ? null : { id: found[1]!, s: found[2]! }
}
