/* client_rounds.ts - floor 3: when a worker's records, photos and list go over the wire, and who does it: this
 * client, or another thread (`OpenOptions.elsewhere`).
 *
 * Happy path: `keepSyncing` makes a round at once, and plans the next one by what the round says; a record that was
 * made (`nudge`, or NUDGE of another tab or thread) brings it nearer.  A round holds a lock of the worker's, so
 * that of many tabs one syncs at a time; what it changes is told while it goes on (`Told`).
 * Failure modes: a round never rejects; why it ended early is in its report, and the next one is planned by that.
 */
import type { Change, OpenOptions, SyncCall, SyncPlace } from './client_api.js'
import type { Outbox } from './outbox.js'
import type { Platform } from './platform.js'
import type { Outcome } from './ports.js'
import { EVERYTHING, type Sync } from './sync.js'
import { type Report, runSync, type Transport } from './sync_run.js'
import { errCode } from './wire/err.js'

const IDLE_MS = 900000
const SOON_MS = 1500
/** How often it is asked whether there is a network, should its coming not be told. */
const LOOK_MS = 15000
const GRACE_MS = 2000
/** On the channel of a worker: there is something to send. */
export const NUDGE = 'nudge'

/** The caller stopped the round. */
class SoftStop extends Error {}

/** Where rounds are made and heard of. */
export interface Told {
  /** the worker's database, which names the lock */
  database: string
  /** settled: of records, how these stand now, and no others changed */
  changed: (change: Change, settled?: readonly Outcome[]) => void
  /** Asks the other tabs and threads to send. */
  nudgeOthers: () => void
  elsewhere: OpenOptions['elsewhere']
}

export class Rounds {
  /** Says that there is something to send: to the rounds of this client, or to those of another thread or tab. */
  nudge: () => void
  /** Another one said so. */
  nudged: () => void = () => undefined
  private round: Promise<Report> | undefined
  /** Records were settled, and the office's list was not asked for since. */
  private unlisted = false
  private placed: Promise<SyncPlace | undefined> | undefined

  constructor(
    private readonly core: Sync,
    private readonly outbox: Outbox,
    private readonly transport: Transport,
    private readonly platform: Platform,
    private readonly told: Told,
  ) {
    this.nudge = told.nudgeOthers
  }

  get going(): boolean {
    return this.round !== undefined
  }
  close(): void {
    void this.placed?.then((place) => place?.close())
  }

  /** Two calls of one tab share a round. */
  sync(call: SyncCall = {}): Promise<Report> {
    this.round ??= this.syncSomewhere(call).finally(() => {
      this.round = undefined
      this.told.changed('state')
    })
    return this.round
  }

  private place(): Promise<SyncPlace | undefined> {
    return (this.placed ??= this.told.elsewhere?.() ?? Promise.resolve(undefined))
  }

  /** The office's list (`isOther`: another one than before), and what its verdicts and states make of the records: all
   * of them are read again, from the copy that is made for it. */
  private async listTold(isOther: boolean): Promise<void> {
    await this.outbox.workKeep(false).catch(() => true)
    this.unlisted = false
    if (isOther) this.told.changed('mirror')
    this.told.changed('records')
  }

  private async syncSomewhere(call: SyncCall): Promise<Report> {
    const place = await this.place()
    if (place === undefined) return this.syncOnce(call)
    return place.sync(call).catch((e: unknown) => ({ ...nothing, err: errCode(e) }))
  }

  private async syncOnce(call: SyncCall): Promise<Report> {
    // A batch that was tried may have arrived, so that its records cannot be undone any more: without a
    // network none is made.
    if (this.platform.offline()) return { ...nothing, err: 'offline', nextMs: this.platform.now() + LOOK_MS }
    if (call.now === true) await this.outbox.change(() => ({ pace: { failures: 0, nextMs: 0 }, photoPace: undefined }))
    const done = await this.platform.exclusive(`${this.told.database}.sync`, () => this.oneRound(call))
    if (done !== 'held') return done
    return { ...nothing, err: 'busy', nextMs: this.platform.now() + GRACE_MS }
  }

  private async oneRound(call: SyncCall): Promise<Report> {
    let last: Report = nothing
    const what = call.what ?? EVERYTHING
    let [isOther, isCurrent] = [false, false]
    const progress = (report: Report, settled?: readonly Outcome[]): void => {
      if (this.core.stirred()) this.told.changed('records')
      else if (settled !== undefined) this.told.changed('records', settled)
      this.unlisted ||= settled !== undefined
      if (report.photos > last.photos) this.told.changed('photos')
      isOther ||= report.rows > 0 || report.full
      last = { ...report }
      call.progress?.(last)
      if (call.signal?.aborted === true) throw new SoftStop()
    }
    try {
      const report = await runSync(this.core, this.outbox, this.transport, () => this.platform.now(), what, progress)
      isCurrent = report.err === 'ok' && what.includes('changes')
      return report
    } catch (e) {
      if (e instanceof SoftStop) return last
      return { ...last, err: errCode(e), nextMs: this.platform.now() + IDLE_MS }
    } finally {
      if (this.core.stirred()) this.told.changed('records')
      // What the office's list has taken in is no longer laid over it, also where the list itself is the same.
      if (isOther || (isCurrent && this.unlisted)) await this.listTold(isOther)
    }
  }

  keepSyncing(): () => void {
    let ended = false
    let end = (): void => undefined
    void this.place().then((place) => {
      if (!ended) end = place === undefined ? this.keepHere() : place.keepSyncing()
    })
    return () => {
      ended = true
      end()
    }
  }

  private keepHere(): () => void {
    let ended = false
    let cancel = (): void => undefined
    const plan = (delayMs: number): void => {
      cancel()
      if (!ended) cancel = this.platform.after(delayMs, () => void go())
    }
    let checked = false
    /** Since the round began: it may have looked for records before this one. */
    let nudged = false
    const go = async (): Promise<void> => {
      nudged = false
      const report = await this.sync().catch(() => undefined)
      if (ended) return
      if (nudged) plan(SOON_MS)
      else if (report === undefined || report.err === 'ok') plan(this.untilIdle(report))
      else if (report.nextMs !== undefined) plan(Math.max(report.nextMs - this.platform.now(), GRACE_MS))
      // Behind the plan: a record of this moment plans its own round.
      await this.workKept(!checked)
      checked = true
    }
    const asleep = this.platform.onAwake(() => plan(0))
    const other = this.nudge
    this.nudge = this.nudged = () => {
      nudged = true
      plan(SOON_MS)
    }
    plan(0)
    return () => {
      ended = true
      cancel()
      asleep()
      this.nudge = other
      this.nudged = () => undefined
    }
  }

  /** Photos that wait for a short while are not left until the round that is due anyway. */
  private untilIdle(report: Report | undefined): number {
    const photos = report?.photosNext
    return photos === undefined ? IDLE_MS : Math.min(Math.max(photos.ms - this.platform.now(), GRACE_MS), IDLE_MS)
  }

  /** What the next start reads.  It is compared with the records once, should something have changed them that
   * knows nothing of it: a page of another version. */
  private async workKept(check: boolean): Promise<void> {
    if ((await this.outbox.workKeep(check).catch(() => true)) === false) this.told.changed('records')
  }
}

const nothing: Report = {
  exchanges: 0, err: 'ok', confirmed: 0, held: 0, rejected: 0, flagged: 0, photos: 0, rows: 0, unknownRows: 0, full: false,
}
