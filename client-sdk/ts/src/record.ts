/* record.ts - from what a worker entered to the two byte strings of an event.  Pure; whoever stores
 * them gives the number and time of the device's last event.
 *
 * Failure mode: `invalid` when the members do not make an event of the contract.
 */
import { type Random, uuid7 } from './wire/codec.js'
import { eventWrite, type QmEvent } from './wire/event.js'
import { commitment, type PrivateDraft, privateRead, privateWrite } from './wire/private.js'

type Stamped = 'id' | 'seq' | 'at' | 'p'
type Unstamped<E> = E extends QmEvent ? Omit<E, Stamped> : never
/** An event without what every event is stamped with. */
export type EventDraft = Unstamped<QmEvent>

/** seq and at of this device's last event; both 0 before the first. */
export interface Last {
  seq: number
  at: number
}

export interface Recorded {
  id: string
  seq: number
  at: number
  e: Uint8Array
  p?: Uint8Array | undefined
}

/** What of an event does not depend on its number: made before the store is asked for that. */
export interface Begun {
  id: string
  p?: Uint8Array | undefined
}

export function begin(hidden: PrivateDraft | undefined, random: Random, nowMs: number): Begun {
  return { id: uuid7(random, nowMs), p: hidden && privateWrite(hidden, random) }
}

/** seq is the next one; at = max(now, last at + 1). */
export function finish(draft: EventDraft, { id, p }: Begun, last: Last, nowMs: number): Recorded {
  const stamp = { id, seq: last.seq + 1, at: Math.max(nowMs, last.at + 1) }
  const event = { ...draft, ...stamp, p: p && commitment(p) } as QmEvent
  return { ...stamp, e: eventWrite(event), p }
}

export function compose(
  draft: EventDraft,
  hidden: PrivateDraft | undefined,
  last: Last,
  random: Random,
  nowMs: number,
): Recorded {
  return finish(draft, begin(hidden, random, nowMs), last, nowMs)
}

/** The machine itself has no certificate, and needs none (W3C Secure Contexts, section 3.1). */
const OWN = /^(127(\.\d+){3}|localhost|\[::1\])(:\d+)?$/

/** The link on a household's copy (section 7 of the contract). */
export function receiptLink(host: string, eventId: string, p: Uint8Array): string {
  return `${OWN.test(host) ? 'http' : 'https'}://${host}/r/#${eventId}.${privateRead(p).s}`
}
