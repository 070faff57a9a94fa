/* client.ts - floor 3: what pages use: joins outbox, keys and sync behind client_api.ts, where the calls,
 * their errors and what is durable when are described.
 *
 * Threads: any number of tabs may have one worker open; they hear of each other's changes by a channel,
 * and one of them syncs at a time.
 */
import type {
  Change, Directive, EventReceipt, HouseholdFilter, HouseholdView, OpenOptions, PhotoView, QmClientApi, RecordDraft, RecordedAs, RecordFilter, RecordKind,
  RecordMembers, RecordView, Status, SyncCall, SyncPlace, Target, Text, Topic, Want, WorkerInfo,
} from './client_api.js'
import { DoorBook } from './client_book.js'
import { doorView, fits, homesOf, peopleOf, rejectsDone, shownState, voidedIn } from './client_list.js'
import { type OfficeCode, pinByOffice } from './client_pin.js'
import { itemsOf } from './client_record.js'
import { stateTodo, stateWord } from './client_words.js'
import { DeviceKeys } from './keys.js'
import { Outbox, type Surroundings, type WorkRow } from './outbox.js'
import { databaseOf, type Unsent, workerAdd, workerIs, workerRemove, workerRename, workerShares, workersList, workerUnguarded, workerUnsent } from './outbox_workers.js'
import type { Channel, Platform, StorageRoom } from './platform.js'
import type { Identity, Pace, RecordState, SyncState } from './ports.js'
import { begin, receiptLink } from './record.js'
import type { PinGiven } from './seal.js'
import { EVERYTHING, Sync, signerOf } from './sync.js'
import { authorityOf } from './sync_ask.js'
import { Enrolment } from './sync_enrol.js'
import { type Report, runEnrol, runSync, type Transport } from './sync_run.js'
import { fetchTransport } from './transport_fetch.js'
import { eventReceipt } from './wire/batch.js'
import { dayOfMs } from './wire/codec.js'
import { type ErrCode, errCode, type Lang, QmError } from './wire/err.js'
import { eventRead, type QmEvent } from './wire/event.js'
import { vkeyWrite } from './wire/note.js'
import { type Private, type PrivateDraft, privateRead } from './wire/private.js'

export type { OfficeCode }

const IDLE_MS = 900000
const SOON_MS = 1500
/** For so long what was acknowledged can be taken back, if nothing else is sent. */
const BACK_MS = 10000
/** How often it is asked whether there is a network, should its coming not be told. */
const LOOK_MS = 15000
const NUDGE = 'nudge'
const GRACE_MS = 2000
/** The caller stopped the round. */
class SoftStop extends Error {}

/** `io`: this page can keep no keys. */
function surroundingsOf(platform: Platform): Surroundings {
  const { subtle, random } = platform
  if (subtle === undefined) throw new QmError('io', 'this page has no WebCrypto')
  return { subtle, random, now: () => platform.now() }
}

/* ---- workers of this phone ---- */

export class Workers {
  constructor(private readonly platform: Platform) {}

  list(): Promise<WorkerInfo[]> {
    return workersList(this.platform.now())
  }
  /** pin '': none.  Gives the id.  `invalid`: a PIN has at least 4 characters. */
  async add(name: string, pin = ''): Promise<string> {
    const id = await workerAdd(name, this.platform.random, this.platform.now())
    const client = await QmClient.open({ worker: id, platform: this.platform })
    try {
      if (pin !== '') await client.setPin('', pin)
    } finally {
      client.close()
    }
    return id
  }
  rename(id: string, name: string): Promise<void> {
    return workerRename(id, name)
  }
  /** How many records of a worker have no receipt, and how many photos wait, without their PIN. */
  unsent(id: string): Promise<Unsent> {
    return workerUnsent(id)
  }
  /** The first PIN of a worker who has none, so that somebody else (`by`) may be enrolled beside them.  What they have
   * not sent goes out first, if it can: behind a PIN it waits for them.  They hear of it (`WorkerInfo.given`).
   * `forbidden`: there is a PIN. */
  async firstPin(id: string, pin: string, by: string): Promise<void> {
    const client = await QmClient.open({ worker: id, platform: this.platform })
    try {
      await client.sync({ now: true, what: ['records'] })
      await client.setPin('', pin, { by, atMs: this.platform.now() })
    } finally {
      client.close()
    }
  }
  /** Another PIN by the spare code.  `forbidden`: another code; `not-found`: none was made; `invalid`: the PIN
   * has less than 4 characters. */
  async pinForgotten(id: string, code: string, pin: string): Promise<void> {
    await Outbox.pinForgotten(databaseOf(id), code, pin, surroundingsOf(this.platform))
  }
  /** Another PIN by a code of the office for this worker's account (`WorkerInfo.officeOpens`), whatever the old one is.
   * 'ok', or why not, as `enrol`; `conflict`: a code of another account.  `not-found`: nothing but the PIN opens it. */
  async pinByOffice(id: string, code: OfficeCode, pin: string): Promise<ErrCode> {
    const err = await pinByOffice(id, code, pin, surroundingsOf(this.platform), fetchTransport(this.platform.fetch))
    // A tab where this worker is open has another device from now on, and its records wait again.
    const channel = this.platform.channel(databaseOf(id))
    for (const change of ['state', 'records'] satisfies Change[]) channel.post(change)
    channel.close()
    return err
  }
  /** `conflict`: records or photos that are not sent yet. */
  remove(id: string): Promise<void> {
    return workerRemove(id)
  }
}

/** "https://HOST/app/#enrol=CODE" -> both parts; a code alone has no server. */
export function enrolLinkRead(link: string): { server?: string | undefined; code: string } {
  const text = link.trim()
  const found = /^(https?:\/\/[^/@?#]+)\/[^#]*#enrol=(.*)$/.exec(text)
  return found ? { server: found[1], code: found[2]! } : { code: text }
}

function identityIn({ identity }: SyncState): Identity {
  if (identity === undefined) throw new QmError('not-enrolled')
  return identity
}

/** Is it about who stands in the list, not only how they stand? */
const isListed = ({ kind }: { kind: string }): boolean => kind === 'household' || kind === 'resident'

const namesPhoto = (ev: QmEvent): boolean => 'evidence' in ev && ev.evidence.length > 0

/** Numbers up to the last one that no record has. */
function gapsOf(rows: readonly WorkRow[], last: number): number[] {
  if (rows.length === last) return []
  const numbers = new Set(rows.map((row) => row.seq))
  return Array.from({ length: last }, (_, i) => i + 1).filter((seq) => !numbers.has(seq))
}

export class QmClient implements QmClientApi {
  private readonly keys: DeviceKeys
  private readonly core: Sync
  private readonly transport: Transport
  private readonly channel: Channel
  private readonly heard = new Set<(change: Change) => void>()
  /** Says that there is something to send: to the rounds of this client, or to those of another thread or tab. */
  private nudge = (): void => this.channel.post(NUDGE)
  private nudged: () => void = () => undefined
  private round: Promise<Report> | undefined
  private nudgeLater: () => void = () => undefined
  /** Records were settled, and the office's list was not asked for since. */
  private unlisted = false
  private stateKept: Promise<SyncState> | undefined
  private readonly book: DoorBook
  private placed: Promise<SyncPlace | undefined> | undefined

  private constructor(
    readonly worker: string,
    private readonly outbox: Outbox,
    private readonly platform: Platform,
    private readonly lang: Lang,
    private readonly elsewhere: OpenOptions['elsewhere'],
  ) {
    this.keys = new DeviceKeys(outbox.keys, platform.subtle, platform.random)
    this.core = new Sync(outbox, this.keys, { random: platform.random })
    this.transport = fetchTransport(platform.fetch)
    this.book = new DoorBook(outbox, platform.breathe ?? (() => Promise.resolve()))
    this.channel = platform.channel(databaseOf(worker))
    this.channel.listen((message) => (message === NUDGE ? this.nudged() : this.heardFrom(message)))
  }

  /** `not-found`: no such worker; `forbidden`, `quota-exceeded`: the PIN; `io`: this page can keep no keys. */
  static async open(options: OpenOptions): Promise<QmClient> {
    const { worker, platform } = options
    const place = surroundingsOf(platform)
    const unlock = (how: 'there' | 'make'): Promise<Outbox> => Outbox.open(databaseOf(worker), options.pin ?? '', place, how)
    // Beside each other, because a start waits for both.
    const is = workerIs(worker)
    const opened = unlock('there').catch((e: unknown) => e)
    if (!(await is)) {
      void opened.then((one) => one instanceof Outbox && one.close())
      throw new QmError('not-found', 'no such worker')
    }
    const found = await opened
    if (!(found instanceof Outbox) && errCode(found) !== 'not-found') throw found
    const outbox = found instanceof Outbox ? found : await unlock('make')
    return new QmClient(worker, outbox, platform, options.lang ?? 'zh', options.elsewhere)
  }

  close(): void {
    this.nudgeLater()
    this.heard.clear()
    void this.placed?.then((place) => place?.close())
    this.channel.close()
    this.outbox.close()
  }

  /* ---- who hears of changes ---- */

  on(heard: (change: Change) => void): () => void {
    this.heard.add(heard)
    return () => this.heard.delete(heard)
  }
  private tell(change: Change): void {
    for (const call of this.heard) call(change)
  }
  /** What another tab or thread says: a change, of records perhaps with the batch that they are. */
  private heardFrom(message: string): void {
    const [change, batch] = message.split(' ') as [Change, string | undefined]
    this.forget(change, batch === undefined ? undefined : Number(batch))
    this.tell(change)
  }
  private forget(change: Change, batch?: number): void {
    const all = change === 'state' && this.channel.deaf === true
    if (change === 'state' || change === 'mirror') this.stateKept = undefined
    if (change === 'mirror' || all) this.book.forgetRegister()
    if (change !== 'records' && !all) return
    if (batch === undefined) this.book.forgetRecords()
    else this.book.settled(batch)
  }
  /** The office's list, and what its verdicts and states make of the records. */
  private listChanged(): void {
    this.changed('mirror')
    this.listHeld()
  }
  private listHeld(): void {
    this.unlisted = false
    this.changed('records')
  }
  private changed(change: Change, batch?: number): void {
    this.forget(change, batch)
    this.said(change, batch)
  }
  /** Of what the book has heard already. */
  private said(change: Change, batch?: number): void {
    this.tell(change)
    this.channel.post(batch === undefined ? change : `${change} ${batch}`)
  }

  private async identity(): Promise<Identity> {
    return identityIn(await this.outbox.state())
  }
  /** As it was read last, and read again after every change that is heard of. */
  private state(): Promise<SyncState> {
    if (this.channel.deaf === true) return this.outbox.state()
    const read = (this.stateKept ??= this.outbox.state())
    read.catch(() => this.stateKept === read && (this.stateKept = undefined))
    return read
  }

  /* ---- enrolment ---- */

  async enrol(link: string, server?: string, host?: string): Promise<ErrCode> {
    const read = enrolLinkRead(link)
    const to = server ?? read.server
    if (to === undefined) throw new QmError('invalid', 'server')
    if (await workerUnguarded(this.worker, this.platform.now())) throw new QmError('conflict', 'of two on one phone each needs a PIN')
    const enrolment = new Enrolment(this.outbox, this.keys, this.platform.random)
    const err = await runEnrol(enrolment, this.transport, to, read.code, host ?? authorityOf(to))
    // What a former device had signed waits again.
    this.changed('records')
    this.changed('state')
    return err
  }

  /* ---- the list of doors ---- */

  private async today(): Promise<number> {
    return dayOfMs(this.platform.now() + (await this.state()).offsetMs)
  }

  async households(filter: HouseholdFilter = {}): Promise<HouseholdView[]> {
    const all = await this.book.list(await this.today())
    return Object.keys(filter).length === 0 ? all : all.filter((h) => fits(h, filter))
  }

  async household(household: string): Promise<HouseholdView | undefined> {
    const [known, rows, day] = await Promise.all([this.outbox.registerOf(household), this.rowsAbout(household), this.today()])
    const [home] = known.households
    return home && doorView(home, homesOf(rows, peopleOf(known.residents)), day)
  }

  /** Its records, and the voids, which name no household. */
  private async rowsAbout(household: string): Promise<WorkRow[]> {
    const [own, voids] = await Promise.all([this.outbox.workOf(household), this.outbox.voids()])
    const ids = new Set(own.map((row) => row.id))
    return [...own, ...voids.filter((row) => ids.has(row.target ?? ''))]
  }

  /* ---- recording ---- */

  async record<K extends RecordKind>(kind: K, members: RecordMembers[K], hidden?: PrivateDraft): Promise<RecordedAs> {
    const [made] = await this.recordAll([{ kind, members, hidden } as RecordDraft])
    return made!
  }

  async recordAll(drafts: readonly RecordDraft[]): Promise<RecordedAs[]> {
    const identity = identityIn(await this.state())
    const nowMs = this.platform.now()
    const items = await itemsOf(this.outbox, identity, drafts, this.platform.random, nowMs)
    const { made, rows } = await this.outbox.record(items, nowMs)
    this.book.added(rows)
    this.said('records')
    if (drafts.some(isListed)) this.changed('mirror')
    this.nudge()
    return made.map((record) => {
      const event = eventRead(record.e)
      return {
        event: record.id,
        household: 'household' in event ? event.household : '',
        resident: 'resident' in event ? event.resident : '',
        seq: record.seq,
        at: record.at,
        // Asked for by few of those who record.
        get link() {
          return record.p && receiptLink(identity.host, record.id, record.p)
        },
      }
    })
  }

  async attach(photo: Blob | Uint8Array): Promise<string> {
    const bytes = photo instanceof Uint8Array ? photo : new Uint8Array(await photo.arrayBuffer())
    const name = await this.outbox.attach(bytes, this.platform.now())
    this.changed('photos')
    return name
  }
  photo(sha256: string): Promise<{ bytes: Uint8Array; type: string } | undefined> {
    return this.outbox.photo(sha256)
  }

  async undo(event: string, reason = 'wrong-entry'): Promise<'removed' | 'voided'> {
    const row = await this.outbox.event(event)
    const how = await this.outbox.remove(event)
    if (how === 'late') await this.voidRecord(event, reason)
    this.changed('records')
    if (row !== undefined && isListed(row)) this.changed('mirror')
    this.nudge()
    return how === 'late' ? 'voided' : 'removed'
  }

  async putAway(event: string, is = true): Promise<void> {
    const row = (await this.book.rows()).find(({ id }) => id === event)
    if (row === undefined) throw new QmError('not-found', 'no such record')
    if (shownState(row) !== 'rejected') throw new QmError('conflict', 'it was not rejected')
    await this.outbox.putAway(event, is)
    this.changed('records')
  }

  private async voidRecord(target: string, reason: string): Promise<void> {
    const row = await this.outbox.event(target)
    if (row === undefined) throw new QmError('not-found', 'no such record')
    if (row.kind === 'void') throw new QmError('conflict', 'a void is final')
    if ((await this.outbox.voids()).some((other) => other.target === target && other.state !== 'rejected')) return
    const { grid } = eventRead(row.e)
    const nowMs = this.platform.now()
    await this.outbox.record([{ draft: { kind: 'void', grid, target, reason }, begun: begin(undefined, this.platform.random, nowMs) }], nowMs)
  }

  /* ---- sync ---- */

  /** Two calls of one tab share a round. */
  sync(call: SyncCall = {}): Promise<Report> {
    this.round ??= this.syncSomewhere(call).finally(() => {
      this.round = undefined
      this.changed('state')
    })
    return this.round
  }

  private place(): Promise<SyncPlace | undefined> {
    return (this.placed ??= this.elsewhere?.() ?? Promise.resolve(undefined))
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
    const done = await this.platform.exclusive(`${databaseOf(this.worker)}.sync`, () => this.rounds(call))
    if (done !== 'held') return done
    return { ...nothing, err: 'busy', nextMs: this.platform.now() + GRACE_MS }
  }

  private async rounds(call: SyncCall): Promise<Report> {
    let last: Report = nothing
    const settled = (r: Report): number => r.confirmed + r.held + r.rejected + r.flagged
    const what = call.what ?? EVERYTHING
    const progress = (report: Report): void => {
      if (this.core.stirred()) this.changed('records')
      else if (settled(report) > settled(last)) this.changed('records', report.batch)
      this.unlisted ||= settled(report) > settled(last)
      if (report.photos > last.photos) this.changed('photos')
      if (report.rows > last.rows || (report.full && !last.full)) this.listChanged()
      last = { ...report }
      call.progress?.(last)
      if (call.signal?.aborted === true) throw new SoftStop()
    }
    try {
      const report = await runSync(this.core, this.outbox, this.transport, () => this.platform.now(), what, progress)
      // What the office's list has taken in is no longer laid over it, also where the list itself is the same.
      if (this.unlisted && report.err === 'ok' && what.includes('changes')) this.listHeld()
      return report
    } catch (e) {
      if (e instanceof SoftStop) return last
      return { ...last, err: errCode(e), nextMs: this.platform.now() + IDLE_MS }
    } finally {
      if (this.core.stirred()) this.changed('records')
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
    if ((await this.outbox.workKeep(check).catch(() => true)) === false) this.changed('records')
  }

  async tryAgain(): Promise<void> {
    await this.core.tryAgain()
    this.changed('state')
    this.nudge()
  }
  async rotateKey(): Promise<void> {
    await this.identity()
    await this.core.rotate()
    this.nudge()
  }

  /* ---- what stands where ---- */

  async status(): Promise<Status> {
    const [{ state, batches, photos, missing, last }, rows] = await Promise.all([this.outbox.overview(), this.book.rows()])
    const counts: Record<RecordState, number> = { waiting: 0, confirmed: 0, held: 0, rejected: 0, flagged: 0 }
    for (const row of rows) counts[shownState(row)]++
    const done = rejectsDone(rows).size
    counts.rejected -= done
    const foreign = batches.filter((batch) => batch.foreign)
    const sum = (some: typeof foreign): number => some.reduce((n, batch) => n + batch.events, 0)
    const { identity, pace, photoPace } = state
    const waits = (of: Pace | undefined): Status['next'] =>
      of?.why !== undefined && of.nextMs > this.platform.now() ? { ms: of.nextMs, why: of.why } : undefined
    const key = identity && (await this.keys.get(identity.slot))
    return {
      worker: this.worker,
      account: identity?.account,
      grids: identity?.grids ?? [],
      device: identity?.device,
      softKey: key?.soft,
      counts,
      done,
      photos: {
        waiting: photos.filter((p) => p.state === 'waiting').length,
        refused: photos.filter((p) => p.state === 'rejected').length,
        missing,
        next: waits(photoPace),
      },
      others: {
        waiting: sum(foreign.filter((b) => b.open !== undefined)),
        done: sum(foreign.filter((b) => b.settled !== undefined)),
        refused: sum(foreign.filter((b) => b.open === undefined && b.settled === undefined)),
      },
      oldestWaitingMs: rows.find((row) => row.state === 'waiting')?.at ?? 0,
      gaps: gapsOf(rows, last.seq),
      syncing: this.round !== undefined,
      lastSyncMs: state.lastSyncMs,
      next: waits(pace),
      stopped: state.stopped,
      alarm: state.alarm,
      evidence: state.evidence ?? [],
      clockOffsetMs: state.offsetMs,
    }
  }

  private recordView(row: WorkRow, p: Uint8Array | undefined, voided: ReadonlySet<string>, done: ReadonlySet<string>, undoableFrom: number): RecordView {
    const state = shownState(row)
    const code = row.decided?.code ?? row.code
    return {
      event: row.id,
      content: row.event,
      hidden: p && privateRead(p),
      state,
      code,
      decided: row.decided !== undefined,
      word: stateWord(state, this.lang),
      todo: stateTodo(state, code, this.lang, row.decided !== undefined),
      entry: row.entry,
      undoable: row.seq >= undoableFrom,
      voided: voided.has(row.id),
      done: done.has(row.id),
    }
  }

  async records(filter: RecordFilter = {}): Promise<RecordView[]> {
    const rows = await this.book.rows()
    const voided = voidedIn(rows)
    const done = rejectsDone(rows)
    const sent = rows.filter((row) => row.queue === undefined).map((row) => row.seq)
    const undoableFrom = (sent[sent.length - 1] ?? 0) + 1
    const found = rows.filter(
      (row) =>
        (filter.state === undefined || shownState(row) === filter.state) &&
        (filter.household === undefined || row.household === filter.household) &&
        row.at >= (filter.sinceMs ?? 0) &&
        (filter.done === undefined || done.has(row.id) === filter.done) &&
        (filter.withPhotos !== true || namesPhoto(row.event)),
    )
    const wanted = found.reverse()
    const hidden = await this.outbox.hiddenOf(wanted)
    return wanted.map((row, i) => this.recordView(row, hidden[i], voided, done, undoableFrom))
  }

  async photos(): Promise<PhotoView[]> {
    const rows = await this.outbox.photos()
    return rows.map(({ sha256, bytes, state, code }) => ({ sha256, bytes, state, code }))
  }

  async receipt(event: string): Promise<EventReceipt | undefined> {
    const found = await this.outbox.receiptOf(event)
    if (found === undefined) return undefined
    const identity = await this.identity()
    const { key } = await signerOf(this.keys, identity.device, identity.slot)
    return {
      batch: found.text,
      single: eventReceipt(found.note, found.lines, found.line),
      entry: found.entry,
      log: found.log,
      logKey: identity.logKey,
      deviceKey: key.id === found.keyId ? vkeyWrite(key) : undefined,
    }
  }

  async link(event: string): Promise<string | undefined> {
    const p = await this.outbox.hidden(event)
    return p && receiptLink((await this.identity()).host, event, p)
  }

  /** P of a record; undefined: none, or deleted. */
  async hidden(event: string): Promise<Private | undefined> {
    const p = await this.outbox.hidden(event)
    return p && privateRead(p)
  }

  /* ---- the queue as a file ---- */

  async exportQueue(passphrase: string, progress?: (done: number) => void): Promise<{ file: Uint8Array; records: number; photos: number; others: number }> {
    const { queueWrite } = await import('./queue_file.js')
    const batches = await this.core.ready(() => this.outbox.openBatches(), this.platform.now())
    const photos = await this.outbox.photosWaiting()
    this.changed('records')
    const { identity, open } = { identity: await this.identity(), open: await this.outbox.openBatches() }
    const file = await queueWrite({ batches, photos }, passphrase, this.platform.random, progress)
    const sum = (some: typeof open): number => some.reduce((n, batch) => n + batch.lines.length, 0)
    const records = sum(open.filter((batch) => batch.origin.startsWith(`${identity.device}/`)))
    return { file, records, photos: photos.length, others: sum(open) - records }
  }

  async importQueue(file: Uint8Array, passphrase: string, progress?: (done: number) => void): Promise<{ records: number }> {
    const { queueRead } = await import('./queue_file.js')
    const { host } = await this.identity()
    const { batches, photos } = await queueRead(file, passphrase, progress)
    try {
      const records = await this.outbox.takeIn(host, batches, photos, this.platform.now())
      this.changed('records')
      this.nudge()
      return { records }
    } catch (e) {
      // What opens with the passphrase and is still wrong was made for another host or version.
      const wrong: ErrCode[] = ['malformed', 'root-mismatch', 'invalid', 'too-large']
      throw wrong.includes(errCode(e)) ? new QmError('corrupt', 'of another host or version') : e
    }
  }

  /* ---- texts, targets, storage ---- */

  async texts(kind?: string): Promise<Text[]> {
    return (await this.outbox.texts()).filter((row) => kind === undefined || row.kind === kind)
  }
  targets(): Promise<Target[]> {
    return this.outbox.targets()
  }
  topics(): Promise<Topic[]> {
    return this.outbox.topics()
  }
  async directives(): Promise<Directive[]> {
    return (await this.outbox.directives()).sort((a, b) => b.at - a.at)
  }
  async acknowledge(directive: string): Promise<void> {
    if (!(await this.outbox.acknowledge(directive))) throw new QmError('not-found', 'no such directive')
    this.changed('mirror')
    this.nudgeLater()
    this.nudgeLater = this.platform.after(BACK_MS, () => this.nudge())
  }
  async acknowledgeBack(directive: string): Promise<void> {
    if (!(await this.outbox.acknowledgeBack(directive))) throw new QmError('conflict', 'the office knows already')
    this.changed('mirror')
  }
  wants(): Promise<Want[]> {
    return this.outbox.wants()
  }
  async setPin(old: string, pin: string, by?: PinGiven): Promise<void> {
    if (pin === '' && (await workerShares(this.worker, this.platform.now()))) throw new QmError('conflict', 'two share this phone')
    // Who is about to enrol holds the office's code.
    const { identity } = await this.outbox.state()
    await this.outbox.setPin(old, pin, identity === undefined ? 'sure' : by)
  }
  givenHeard(): Promise<void> {
    return this.outbox.givenHeard()
  }
  spareCode(pin: string): Promise<string> {
    return this.outbox.spareCode(pin)
  }
  room(): Promise<StorageRoom> {
    return this.platform.room()
  }
  persist(): Promise<boolean> {
    return this.platform.persist()
  }
}

const nothing: Report = {
  exchanges: 0, err: 'ok', confirmed: 0, held: 0, rejected: 0, flagged: 0, photos: 0, rows: 0, unknownRows: 0, full: false,
}
