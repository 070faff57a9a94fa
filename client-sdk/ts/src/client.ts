/* client.ts - floor 3: what pages use: joins outbox, keys and sync behind client_api.ts, where the calls,
 * their errors and what is durable when are described.
 *
 * Threads: any number of tabs may have one worker open; they hear of each other's changes by a channel,
 * and one of them syncs at a time.
 */
import type {
  Change, Directive, EventReceipt, HouseholdFilter, HouseholdView, OpenOptions, PhotoView, QmClientApi, RecordDraft, RecordedAs, RecordFilter, RecordKind,
  RecordMembers, RecordView, Status, SyncCall, Target, Text, Topic, Want,
} from './client_api.js'
import { DoorBook } from './client_book.js'
import { Homes } from './client_homes.js'
import { doorView, fits, shownState } from './client_list.js'
import { itemsOf } from './client_record.js'
import { NUDGE, Rounds } from './client_rounds.js'
import { fitting, recordViews, standing } from './client_status.js'
import { changeRead, changeWrite } from './client_told.js'
import { DeviceKeys } from './keys.js'
import { Outbox, type Surroundings, type WorkRow } from './outbox.js'
import { databaseOf, workerIs, workerShares, workerUnguarded } from './outbox_workers.js'
import type { Channel, Platform, StorageRoom } from './platform.js'
import type { Identity, Outcome, SyncState } from './ports.js'
import { begin, receiptLink } from './record.js'
import type { PinGiven } from './seal.js'
import { Sync, signerOf } from './sync.js'
import { authorityOf } from './sync_ask.js'
import { Enrolment } from './sync_enrol.js'
import { type Report, runEnrol, type Transport } from './sync_run.js'
import { fetchTransport } from './transport_fetch.js'
import { eventReceipt } from './wire/batch.js'
import { dayOfMs } from './wire/codec.js'
import { type ErrCode, errCode, type Lang, QmError } from './wire/err.js'
import { eventRead } from './wire/event.js'
import { vkeyWrite } from './wire/note.js'
import { type Private, type PrivateDraft, privateRead } from './wire/private.js'

/** For so long what was acknowledged can be taken back, if nothing else is sent. */
const BACK_MS = 10000

/** `io`: this page can keep no keys. */
export function surroundingsOf(platform: Platform): Surroundings {
  const { subtle, random } = platform
  if (subtle === undefined) throw new QmError('io', 'this page has no WebCrypto')
  return { subtle, random, now: () => platform.now() }
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

export class QmClient implements QmClientApi {
  private readonly keys: DeviceKeys
  private readonly core: Sync
  private readonly transport: Transport
  private readonly channel: Channel
  private readonly heard = new Set<(change: Change) => void>()
  private nudgeLater: () => void = () => undefined
  private stateKept: Promise<SyncState> | undefined
  private readonly book: DoorBook
  private readonly rounds: Rounds

  private constructor(
    readonly worker: string,
    private readonly outbox: Outbox,
    private readonly platform: Platform,
    private readonly lang: Lang,
    elsewhere: OpenOptions['elsewhere'],
  ) {
    this.keys = new DeviceKeys(outbox.keys, platform.subtle, platform.random)
    this.core = new Sync(outbox, this.keys, { random: platform.random })
    this.transport = fetchTransport(platform.fetch)
    this.book = new DoorBook(outbox, platform.breathe ?? (() => Promise.resolve()))
    this.channel = platform.channel(databaseOf(worker))
    this.channel.listen((message) => (message === NUDGE ? this.rounds.nudged() : this.heardFrom(message)))
    this.rounds = new Rounds(this.core, outbox, this.transport, platform, {
      database: databaseOf(worker),
      changed: (change, settled) => this.changed(change, settled),
      nudgeOthers: () => this.channel.post(NUDGE),
      elsewhere,
    })
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
    this.rounds.close()
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
  /** What another tab or thread says. */
  private heardFrom(message: string): void {
    const { change, settled } = changeRead(message)
    this.forget(change, settled)
    this.tell(change)
  }
  private forget(change: Change, settled?: readonly Outcome[]): void {
    const all = change === 'state' && this.channel.deaf === true
    if (change === 'state' || change === 'mirror') this.stateKept = undefined
    if (change === 'mirror' || all) this.book.forgetRegister()
    if (change !== 'records' && !all) return
    if (settled === undefined) this.book.forgetRecords()
    else this.book.settled(settled)
  }
  private changed(change: Change, settled?: readonly Outcome[]): void {
    this.forget(change, settled)
    this.said(change, settled)
  }
  /** Of what the book has heard already. */
  private said(change: Change, settled?: readonly Outcome[]): void {
    this.tell(change)
    this.channel.post(changeWrite(change, settled))
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
    const homes = new Homes(known.residents)
    await homes.take(rows, () => Promise.resolve())
    return home && doorView(home, known.residents, homes.recordsOf(household), day)
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
    this.rounds.nudge()
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
    this.rounds.nudge()
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

  sync(call: SyncCall = {}): Promise<Report> {
    return this.rounds.sync(call)
  }
  keepSyncing(): () => void {
    return this.rounds.keepSyncing()
  }
  async tryAgain(): Promise<void> {
    await this.core.tryAgain()
    this.changed('state')
    this.rounds.nudge()
  }
  async rotateKey(): Promise<void> {
    await this.identity()
    await this.core.rotate()
    this.rounds.nudge()
  }

  /* ---- what stands where ---- */

  async status(): Promise<Status> {
    const [around, rows] = await Promise.all([this.outbox.overview(), this.book.rows()])
    const { identity } = around.state
    const key = identity && (await this.keys.get(identity.slot))
    return { worker: this.worker, softKey: key?.soft, syncing: this.rounds.going, ...standing(around, rows, this.platform.now()) }
  }

  async records(filter: RecordFilter = {}): Promise<RecordView[]> {
    const rows = await this.book.rows()
    const wanted = fitting(rows, filter)
    return recordViews(rows, wanted, await this.outbox.hiddenOf(wanted), this.lang)
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
      this.rounds.nudge()
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
    this.nudgeLater = this.platform.after(BACK_MS, () => this.rounds.nudge())
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
