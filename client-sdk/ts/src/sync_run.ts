/* sync_run.ts - drives the core with a transport: a whole round, an enrolment.  The transport and the
 * clock are passed in; nothing here knows where it runs.
 *
 * Happy path: ask, move, land, until nothing is left.  Failure modes: the first error ends the round
 * and is returned with the time before which another one does nothing; it does not sleep.
 */
import type { Outcome, OutboxPort } from './ports.js'
import { EVERYTHING, type Landed, paceHolds, type Sync, type What } from './sync.js'
import type { Ask } from './sync_ask.js'
import type { Enrolment } from './sync_enrol.js'
import type { Said } from './sync_judge.js'
import { type ErrCode, QmError } from './wire/err.js'

/** Moves one request; never rejects for what the network did. */
export type Transport = (url: string, ask: Ask) => Promise<Said>
export type Clock = () => number

export interface Report extends Omit<Landed, 'settled'> {
  exchanges: number
  nextMs?: number | undefined
  /** with err 'ok': photos were left waiting, until when and why; that is no failure of the round */
  photosNext?: { ms: number; why: ErrCode } | undefined
}

export async function runSync(
  sync: Sync,
  outbox: OutboxPort,
  transport: Transport,
  now: Clock,
  what: readonly What[] = EVERYTHING,
  /** settled: own records of a batch that was settled by the last exchange */
  progress: (report: Report, settled?: readonly Outcome[]) => void = () => undefined,
): Promise<Report> {
  const report: Report = {
    exchanges: 0, err: 'ok', confirmed: 0, held: 0, rejected: 0, flagged: 0, photos: 0, rows: 0, unknownRows: 0, full: false,
  }
  sync.startRound()
  for (;;) {
    const next = await sync.next(what, now())
    if (next === 'idle') break
    if ('blocked' in next) return { ...report, err: next.blocked, nextMs: next.nextMs }
    const got = await sync.land(next.flight, await transport(next.flight.url, next.flight.ask), now())
    report.exchanges++
    for (const name of ['confirmed', 'held', 'rejected', 'flagged', 'photos', 'rows', 'unknownRows'] as const)
      report[name] += got[name]
    report.full ||= got.full
    report.err = got.err
    progress(report, got.settled)
    if (got.err !== 'ok') return { ...report, nextMs: (await outbox.state()).pace.nextMs }
  }
  const atMs = now()
  if (what.includes('records')) await outbox.change(() => ({ lastSyncMs: atMs }))
  const { photoPace } = await outbox.state()
  if (what.includes('photos') && paceHolds(photoPace, atMs)) report.photosNext = { ms: photoPace.nextMs, why: photoPace.why }
  return report
}

/** 'ok', or why not: `forbidden` (the code), `conflict` (a code of another account), `key-taken` (a fresh name was refused too), `proof`,
 * `offline`, `unknown-outcome`; the last two may be repeated with the same code. */
export async function runEnrol(
  enrolment: Enrolment,
  transport: Transport,
  server: string,
  code: string,
  host?: string,
  account?: string,
): Promise<ErrCode> {
  for (let attempt = 1; ; attempt++) {
    const flight = await enrolment.ask(server, code, host, account)
    try {
      const got = await enrolment.land(flight, await transport(flight.url, flight.ask))
      if (!got.again || attempt === 2) return got.err
    } catch (e) {
      if (e instanceof QmError && (e.code === 'proof' || e.code === 'unknown-outcome')) return e.code
      throw e
    }
  }
}
