/* sync.ts - the sans-I/O core: what is asked next, what an answer does to the outbox.
 *
 * Happy path:
 *   sync.next(what, now)          the bytes of one request
 *   (the caller moves them)
 *   sync.land(flight, said, now)  checks the answer and ends in one commit
 * in this order: a rotation, if one was begun or the log's new key is needed; records, batch by batch;
 * photos; what was acknowledged; changes, once a round; photos again, if the answer asked for some.
 *
 * Failure modes.  A lost or doubtful answer settles nothing: the same bytes go again, in the pace that
 * the outbox remembers; a photo that must wait holds up nothing else.  Faults that the server names act
 * on the outbox as section 3 of the contract says.  Faults of the store reject as they are (ports.ts); nothing has changed then.
 * No clock, no network, no timer.
 */
import { batchBody, batchNote, BATCH_MAX_BYTES, BATCH_MAX_EVENTS, lineBytes } from './wire/batch.js'
import { utf8 } from './wire/bytes.js'
import { logNameRead, type Random, uuid7 } from './wire/codec.js'
import { type ErrCode, QmError } from './wire/err.js'
import { noteRead, noteSign, vkeyMake, vkeyRead, vkeyWrite } from './wire/note.js'
import type { Identity, KeyPort, OpenBatch, Outcome, OutboxPort, Pace, Seen, Signer, StateChange, SyncState, WaitingRecord } from './ports.js'
import { verdictState } from './ports.js'
import { type Ask, askAcknowledge, askBatch, askChanges, askPhoto, askRotate, enrolledRead } from './sync_ask.js'
import { type Changes, changesRead } from './sync_changes.js'
import { calmPace, type Judged, judge, PACE_MIN_MS, paceFailed, type Said } from './sync_judge.js'
import { isLaterTree, receiptCheck } from './sync_receipt.js'

/** Parts of a round; all of them if a caller names none. */
export type What = 'records' | 'photos' | 'changes'
export const EVERYTHING: readonly What[] = ['records', 'photos', 'changes']

/** One exchange that is under way. */
export interface Flight {
  ask: Ask
  /** whole address */
  url: string
  /** when it was asked */
  identity: Identity
  seen?: Seen | undefined
  batch?: { n: number; note: Uint8Array }
  photo?: string
  directive?: string
  since?: string
  nextSlot?: number
}

export type Next =
  | { flight: Flight }
  /** nothing to do */
  | 'idle'
  /** stopped for good (nextMs undefined), or not before nextMs */
  | { blocked: ErrCode; nextMs?: number | undefined }

/** What an answer brought; err 'ok': go on with `next`. */
export interface Landed {
  err: ErrCode
  confirmed: number
  held: number
  rejected: number
  flagged: number
  photos: number
  /** rows of `changes` that were applied, and of types that this version does not know */
  rows: number
  unknownRows: number
  /** the mirror was replaced as a whole */
  full: boolean
  /** own records of a batch that was settled */
  settled?: readonly Outcome[] | undefined
}

export interface SyncOptions {
  random: Random
  /** events in a batch, 1..256 */
  batchEvents?: number
}

const LINES_MAX_BYTES = BATCH_MAX_BYTES - 1024
const DAY_MS = 86400000

/** Not before its time.  A clock that was set back must not make it wait for days. */
export const paceHolds = (pace: Pace | undefined, nowMs: number): pace is Pace & { why: ErrCode } =>
  pace?.why !== undefined && pace.nextMs > nowMs && pace.nextMs - nowMs <= DAY_MS

/** The round goes on behind a photo that waits: it must not be the next one asked for again. */
function photoPaceFailed(...args: Parameters<typeof paceFailed>): Pace {
  const pace = paceFailed(...args)
  return { ...pace, nextMs: Math.max(pace.nextMs, args[2] + PACE_MIN_MS) }
}

const landed = (more: Partial<Landed> = {}): Landed => ({
  err: 'ok', confirmed: 0, held: 0, rejected: 0, flagged: 0, photos: 0, rows: 0, unknownRows: 0, full: false, ...more,
})

export async function signerOf(keys: KeyPort, device: string, slot: number): Promise<Signer> {
  const key = await keys.get(slot)
  if (key === undefined) throw new QmError('corrupt', 'the device key is gone')
  return { key: vkeyMake(device, key.publicKey), sign: key.sign }
}

/** The front of the waiting records that makes one batch. */
export function batchOf(waiting: readonly WaitingRecord[]): WaitingRecord[] {
  const out: WaitingRecord[] = []
  let bytes = 0
  for (const record of waiting) {
    bytes += lineBytes(record)
    if (out.length > 0 && (record.alone || bytes > LINES_MAX_BYTES)) break
    out.push(record)
    if (record.alone) break
  }
  return out
}

/** A proof that fails may be a passing fault; a log that shrank stays until a person looked. */
const calmDown = (now: SyncState): Partial<SyncState> => ({
  alarm: now.alarm?.why === 'proof' ? undefined : now.alarm,
})

export class Sync {
  private changesDone = false
  private stirs = false

  constructor(
    private readonly outbox: OutboxPort,
    private readonly keys: KeyPort,
    private readonly options: SyncOptions,
  ) {}

  /* ---- what is asked next ---- */

  /** The next round fetches `changes` again. */
  startRound(): void {
    this.changesDone = false
  }

  /** Records were changed otherwise than by a receipt since this was asked last. */
  stirred(): boolean {
    const { stirs } = this
    this.stirs = false
    return stirs
  }

  async next(what: readonly What[], nowMs: number): Promise<Next> {
    const state = await this.outbox.state()
    if (state.identity === undefined) return { blocked: 'not-enrolled' }
    if (state.stopped !== undefined) return { blocked: state.stopped }
    if (paceHolds(state.pace, nowMs)) return { blocked: state.pace.why, nextMs: state.pace.nextMs }
    const flight = await this.nextFlight(state, state.identity, what, nowMs)
    if (flight !== undefined) return { flight }
    this.changesDone = false
    if (await this.outbox.sweep(nowMs)) this.stirs = true
    return 'idle'
  }

  private async nextFlight(
    state: SyncState,
    identity: Identity,
    what: readonly What[],
    nowMs: number,
  ): Promise<Flight | undefined> {
    const launch = (ask: Ask, more: Partial<Flight>): Flight => ({
      ask, url: identity.server + ask.target, identity, seen: state.seen, ...more,
    })
    const nowS = Math.floor((nowMs + state.offsetMs) / 1000)
    const device = await signerOf(this.keys, identity.device, identity.slot)
    // A key that was taken up without an answer proves good before anything depends on it.
    if (state.adopted !== undefined)
      return launch(await askChanges(identity.host, device, state.cursor, nowS), { since: state.cursor })
    const slot = await this.rotationSlot(state)
    if (slot !== undefined) return this.rotation(identity, device, slot)
    const batch = what.includes('records') ? await this.batchToSend(device, nowMs) : undefined
    if (batch) return launch(askBatch(batch.body), { batch })
    const photo = what.includes('photos') && !paceHolds(state.photoPace, nowMs) ? await this.outbox.nextPhoto() : undefined
    if (photo) return launch(await askPhoto(identity.host, device, photo, nowS), { photo: photo.sha256 })
    if (!what.includes('changes')) return undefined
    const directive = await this.outbox.nextAcknowledged()
    if (directive !== undefined) return launch(await askAcknowledge(identity.host, device, directive, nowS), { directive })
    if (this.changesDone) return undefined
    return launch(await askChanges(identity.host, device, state.cursor, nowS), { since: state.cursor })
  }

  /** A rotation that was begun goes on with its key; the need of the log's new key begins one. */
  private async rotationSlot(state: SyncState): Promise<number | undefined> {
    if (state.rotating === undefined && !state.needLog) return undefined
    await this.outbox.change((now) =>
      now.rotating === undefined && now.needLog ? { rotating: now.lastSlot + 1, lastSlot: now.lastSlot + 1 } : {},
    )
    return (await this.outbox.state()).rotating
  }

  private async rotation(identity: Identity, from: Signer, slot: number): Promise<Flight> {
    const made = await this.keys.make(slot)
    const to = { key: vkeyMake(identity.device, made.publicKey), sign: made.sign }
    const ask = await askRotate(identity.host, from, to, made.soft)
    return { ask, url: identity.server + ask.target, identity, nextSlot: slot }
  }

  /** The oldest batch without an answer, or one that is formed of what waits. */
  private async batchToSend(
    device: Signer,
    nowMs: number,
  ): Promise<{ n: number; note: Uint8Array; body: Uint8Array } | undefined> {
    for (;;) {
      const open = await this.outbox.openBatch()
      if (open?.foreignBody) return { n: open.n, note: open.note, body: open.foreignBody }
      if (open) return this.ownBatch(open, device)
      if (!(await this.formBatch(device, nowMs))) return undefined
    }
  }

  /** A batch that was formed under an older key is signed anew over the same text. */
  private async ownBatch(open: OpenBatch, device: Signer): Promise<{ n: number; note: Uint8Array; body: Uint8Array }> {
    let note = open.note
    if (open.keyId !== device.key.id) {
      note = utf8(await noteSign(noteRead(note).text, device.key, device.sign))
      await this.outbox.resignBatch(open.n, note, device.key.id)
    }
    return { n: open.n, note, body: batchBody(note, open.lines) }
  }

  /** false: nothing waits.  Another tab may have been faster; the caller looks again. */
  private async formBatch(device: Signer, nowMs: number): Promise<boolean> {
    const max = Math.min(this.options.batchEvents ?? 64, BATCH_MAX_EVENTS)
    const items = batchOf(await this.outbox.waiting(max))
    if (items.length === 0) return false
    const batch = uuid7(this.options.random, nowMs)
    const note = await batchNote(batch, device.key, device.sign, items)
    this.stirs = true
    await this.outbox.formBatch({
      origin: `${device.key.name}/b/${batch}`,
      note: utf8(note),
      keyId: device.key.id,
      events: items.map((item) => item.id),
    })
    return true
  }

  /** The queue as ready signed batches, for a file: forms them of all that waits.  openBatches: of the
   * outbox, in their order. */
  async ready(openBatches: () => Promise<OpenBatch[]>, nowMs: number): Promise<Uint8Array[]> {
    const { identity } = await this.outbox.state()
    if (identity === undefined) throw new QmError('not-enrolled')
    const device = await signerOf(this.keys, identity.device, identity.slot)
    while (await this.formBatch(device, nowMs));
    const own = (await openBatches()).filter((open) => open.foreignBody === undefined)
    return Promise.all(own.map(async (open) => (await this.ownBatch(open, device)).body))
  }

  /* ---- what an answer does ---- */

  async land(flight: Flight, said: Said, nowMs: number): Promise<Landed> {
    const judged = judge(flight.ask.kind, said)
    if (judged.then !== 'read' || 'failed' in said) return this.act(flight, judged, said, nowMs)
    try {
      const got = await this.read(flight, said.body, nowMs)
      await this.calm(flight)
      return got
    } catch (e) {
      // The answer was read and does not hold: wait.  Faults of the store go on to the caller.
      if (!(e instanceof QmError)) throw e
      const doubtful: ErrCode[] = ['proof', 'log-regressed', 'unknown-outcome', 'malformed']
      if (!doubtful.includes(e.code)) throw e
      const alarming = e.code === 'log-regressed' || (e.code === 'proof' && flight.ask.kind !== 'changes')
      return this.pause(flight, e.code, nowMs, { alarm: alarming })
    }
  }

  /** A good answer forgets the failures before it: a photo those of photos, any other those of everything. */
  private async calm({ photo }: Flight): Promise<void> {
    const { pace, photoPace } = await this.outbox.state()
    if (photo !== undefined) {
      if (photoPace !== undefined) await this.outbox.change(() => ({ photoPace: undefined }))
    } else if (pace.failures > 0 || pace.why !== undefined) await this.outbox.change(() => ({ pace: calmPace() }))
  }

  private read(flight: Flight, body: Uint8Array, nowMs: number): Promise<Landed> {
    switch (flight.ask.kind) {
      case 'batch':
        return this.applyReceipt(flight, body, nowMs)
      case 'photo':
        return this.applyPhoto(flight, undefined, nowMs)
      case 'acknowledge':
        return this.applyAcknowledged(flight)
      case 'changes':
        return this.applyChanges(flight, changesRead(body), nowMs)
      case 'rotate':
        return this.applyRotation(flight, body)
      case 'enrol':
        throw new QmError('internal', 'the answer of an enrolment is for enrolLand')
    }
  }

  /** A photo waits in a pace of its own, behind the others: the round goes on without photos. */
  private async pause(
    { photo }: Flight,
    why: ErrCode,
    nowMs: number,
    more: { retryAfterS?: number | undefined; alarm?: boolean } = {},
  ): Promise<Landed> {
    const draw = this.options.random(4).reduce((v, b) => (v + b) / 256, 0)
    if (photo !== undefined) {
      await this.outbox.photoLater(photo, ({ photoPace }) => ({
        photoPace: photoPaceFailed(photoPace ?? calmPace(), why, nowMs, draw, more.retryAfterS),
      }))
      return landed()
    }
    await this.outbox.change((now) => ({
      pace: paceFailed(now.pace, why, nowMs, draw, more.retryAfterS),
      alarm: more.alarm ? { why, atMs: nowMs } : now.alarm,
    }))
    return landed({ err: why })
  }

  /** Something was repaired: the first time it is asked again at once. */
  private async gentle(flight: Flight, why: ErrCode, nowMs: number, retryAfterS: number | undefined): Promise<Landed> {
    const { pace, photoPace } = await this.outbox.state()
    const of = flight.photo === undefined ? pace : (photoPace ?? calmPace())
    if (of.failures > 0) return this.pause(flight, why, nowMs, { retryAfterS })
    const once = { ...of, failures: 1 }
    await this.outbox.change(() => (flight.photo === undefined ? { pace: once } : { photoPace: once }))
    return landed()
  }

  private async act(flight: Flight, judged: Judged, said: Said, nowMs: number): Promise<Landed> {
    const { err } = judged
    const retryAfterS = 'failed' in said ? undefined : said.retryAfterS
    switch (judged.then) {
      case 'stop':
        if (flight.ask.kind === 'rotate' && (err === 'unknown-key' || err === 'key-taken'))
          return this.rotationRefused(flight)
        await this.outbox.change(() => ({ stopped: err }))
        return landed({ err })
      case 'clock': {
        const server = judged.nowMs
        if (server !== undefined) await this.outbox.change(() => ({ offsetMs: server - nowMs }))
        return this.gentle(flight, err, nowMs, retryAfterS)
      }
      case 'rebuild':
        this.stirs = true
        if (flight.batch) await this.outbox.refuseBatch(flight.batch.n, 'regroup', err)
        return this.gentle(flight, err, nowMs, retryAfterS)
      case 'bytes':
        if (flight.photo !== undefined) return this.applyPhoto(flight, err, nowMs)
        // Of another area by now: there is nobody left to tell.
        if (flight.directive !== undefined) return this.applyAcknowledged(flight)
        this.stirs = true
        if (flight.batch) await this.outbox.refuseBatch(flight.batch.n, 'bytes', err)
        return landed()
      default:
        return this.pause(flight, err, nowMs, { retryAfterS })
    }
  }

  private async applyReceipt(flight: Flight, text: Uint8Array, nowMs: number): Promise<Landed> {
    const { batch, identity, seen } = flight
    if (batch === undefined) throw new QmError('internal', 'no batch')
    const found = receiptCheck(text, vkeyRead(identity.logKey), seen, batch.note)
    if (found === 'later-tree') {
      await this.outbox.change(() => ({ needLog: true }))
      return landed()
    }
    const { checkpoint: c, index, verdicts } = found
    const settlement = { log: c.origin, index, treeSize: c.size, receipt: text, verdicts, nowMs }
    // Another tab may have seen a larger one in between.
    const remember: StateChange = (now) => ({
      ...calmDown(now),
      seen: now.seen?.log === c.origin && now.seen.size >= c.size ? now.seen : { log: c.origin, size: c.size, root: c.root },
    })
    const out = landed()
    out.settled = await this.outbox.settle(batch.n, settlement, remember)
    if (out.settled === undefined) return out
    this.stirs = false
    for (const verdict of verdicts) {
      const { state } = verdictState(verdict, index)
      if (state !== 'waiting') out[state]++
    }
    return out
  }

  private async applyPhoto(flight: Flight, fault: ErrCode | undefined, nowMs: number): Promise<Landed> {
    if (flight.photo !== undefined) await this.outbox.photoDone(flight.photo, fault, nowMs)
    return landed({ photos: fault === undefined ? 1 : 0 })
  }

  private async applyAcknowledged(flight: Flight): Promise<Landed> {
    if (flight.directive !== undefined) await this.outbox.acknowledgeDone(flight.directive)
    return landed()
  }

  private async applyChanges(flight: Flight, changes: Changes, nowMs: number): Promise<Landed> {
    const { identity, seen } = flight
    const known = vkeyRead(identity.logKey).name
    // The head is not signed: it may only make us ask for the key, which the receipts prove.
    const later = changes.log !== known
    if (later && !isLaterTree(changes.log, known)) throw new QmError('proof', 'changes of another log')
    if (!later && seen?.log === known && changes.size < seen.size) throw new QmError('log-regressed')
    const { evidence: before = [] } = await this.outbox.state()
    const applied = await this.outbox.applyChanges(flight.since ?? '', changes.full, changes.rows, (now) => ({
      cursor: changes.cursor,
      evidence: changes.evidence,
      offsetMs: changes.nowMs - nowMs,
      needLog: now.needLog || later,
      adopted: undefined,
    }))
    this.changesDone = true
    if (!applied) {
      // Another tab took in a newer answer; this one only shows that the key is good.
      await this.outbox.change(() => ({ adopted: undefined }))
      return landed()
    }
    // It is said in each answer, and is news only when it is another one.
    const news = changes.evidence.join() === before.join() ? 0 : 1
    return landed({ rows: changes.rows.length + news, unknownRows: changes.unknown, full: changes.full })
  }

  /* ---- rotation ---- */

  /** Replaces the device key with the next exchange; unsent batches are signed anew.  Safe to repeat. */
  async rotate(): Promise<void> {
    await this.outbox.change((now) =>
      now.rotating === undefined ? { rotating: now.lastSlot + 1, lastSlot: now.lastSlot + 1 } : {},
    )
  }

  private async applyRotation(flight: Flight, body: Uint8Array): Promise<Landed> {
    const { identity, nextSlot } = flight
    const answer = enrolledRead(body, identity.host, identity.county)
    const known = vkeyRead(identity.logKey)
    const tree = logNameRead(answer.log.name, identity.host).tree
    const knownTree = logNameRead(known.name, identity.host).tree
    const logKey = vkeyWrite(answer.log)
    // The same log has the same key for ever, and a tree that was left is not gone back to.
    if (nextSlot === undefined || tree < knownTree || (tree === knownTree && logKey !== vkeyWrite(known)))
      throw new QmError('proof', 'another key of the log')
    this.stirs = true
    await this.outbox.resend(answer.log.name, (now) => ({
      ...calmDown(now),
      identity: { ...identity, account: answer.account, grids: answer.grids, slot: nextSlot, logKey },
      rotating: undefined,
      adopted: undefined,
      needLog: false,
    }))
    await this.keys.remove(identity.slot)
    return landed()
  }

  /** The first answer was lost, so that the new key is the device's already; or neither is known.  The
   * new one is taken up, and the next request finds out. */
  private async rotationRefused(flight: Flight): Promise<Landed> {
    await this.outbox.change((now) => {
      const slot = flight.nextSlot
      if (slot === undefined || now.rotating !== slot || now.identity === undefined) return {} // another tab was faster
      return { identity: { ...now.identity, slot }, rotating: undefined, adopted: slot }
    })
    return landed()
  }

  /* ---- by the worker's hand ---- */

  /** Forgets `stopped`, the alarm and the waiting time, to try once more. */
  async tryAgain(): Promise<void> {
    await this.outbox.change(() => ({ stopped: undefined, alarm: undefined, pace: calmPace(), photoPace: undefined }))
  }
}
