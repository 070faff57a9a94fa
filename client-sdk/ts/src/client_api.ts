/* client_api.ts - floor 3: everything that a page says to the client, and what it gets back.  The
 * TypeScript twin of include/qiaomen/client.h; `class QmClient` (client.ts) is the implementation.
 *
 * Happy path
 *   workers.add('王网格员', '2468')       once a worker: a database and a key of its own
 *   QmClient.open({ worker, pin })        unlocks it
 *   client.enrol(link)                    once, with the office's link or code
 *   client.record(...)                    at the door, without a network
 *   client.keepSyncing()                  in the background, or client.sync() by hand
 *   client.status(), households(), …      what stands where
 *   client.close()
 *
 * What is durable when.  A call that records, attaches, undoes or imports resolves after its one
 * transaction is complete (durability "strict", where the browser has it): from then on it survives the
 * death of the tab.  If it rejects, or the tab dies before, nothing of it is there.  A record leaves only
 * by undo before it is in a batch, or by the rules of the contract after a verified receipt.
 *
 * Errors.  Everything rejects with a QmError; errText(code, lang) and errTodo(code, lang) are what the
 * worker reads.  Any call: `disk-full` (this was not stored, all before is), `io`, `corrupt`.
 * Beyond these, what stands at the call.
 *
 * Times are Unix ms, households and residents pseudonyms of 22 characters, events lower-case UUIDs,
 * photos SHA-256 in hex.  Lists are copies.  Any number of tabs may have the same worker open.
 */
import type { ErrCode, Lang } from './wire/err.js'
import type { App, Household, Notice, Pledge, QmEvent, Resident, Visit } from './wire/event.js'
import type { Private, PrivateDraft } from './wire/private.js'
import type { RecordState } from './ports.js'
import type { PinGiven } from './seal.js'
import type { Platform, StorageRoom } from './platform.js'
import type { DirectiveRow, TargetRow, TextRow, TopicRow, WantRow } from './sync_changes.js'
import type { What } from './sync.js'
import type { Report } from './sync_run.js'

/* ---- workers of this phone ---- */

export interface WorkerInfo {
  /** names the database; [a-z0-9]{8} */
  id: string
  /** as typed in, to choose by; never sent */
  name: string
  /** a device of an account; where two are, each needs a PIN */
  enrolled: boolean
  hasPin: boolean
  /** a spare code was made: who forgot the PIN opens with it */
  hasSpare: boolean
  /** the PIN was set by somebody who need not have been this worker: a code of the office replaces it */
  officeOpens: boolean
  /** somebody else was enrolled, and then this PIN was set; until the worker has answered (givenHeard) */
  given?: PinGiven | undefined
  /** after wrong PINs: no attempt before this time (0: now) */
  retryMs: number
}

export interface OpenOptions {
  worker: string
  /** `forbidden`: wrong, or missing; `quota-exceeded`: wait until WorkerInfo.retryMs */
  pin?: string | undefined
  platform: Platform
  /** of `word` and `todo` in the lists; default zh */
  lang?: Lang | undefined
  /** Called with the first round: a client of the same worker in another thread, whose rounds do not hold the
   * screen up; closed with this one.  undefined: there is none after all, this client does them itself. */
  elsewhere?: (() => Promise<SyncPlace | undefined>) | undefined
}

/* ---- recording ---- */

type Door = 'id' | 'seq' | 'at' | 'p' | 'kind' | 'grid'
type Loose<E, Optional extends keyof E = never> = Omit<E, Door | Optional> & Partial<Pick<E, Optional>> & { grid?: string }

/** Members of each kind.  grid: that of the household, or the only one of this worker.  A new
 * household or resident gets its pseudonym here.  text: the newest one of its kind.  A visit's near is
 * `unknown`, its topics [], its secs 0 unless said; evidence [] ; the app's alerts false. */
export interface RecordMembers {
  visit: Loose<Visit, 'topics' | 'near' | 'secs'>
  notice: Loose<Notice, 'text' | 'evidence'>
  pledge: Loose<Pledge, 'text' | 'evidence'>
  app: Loose<App, 'real_name' | 'call_alert' | 'sms_alert' | 'evidence'>
  household: Loose<Household, 'household'>
  resident: Loose<Resident, 'resident'>
}
export type RecordKind = keyof RecordMembers
export type RecordDraft = { [K in RecordKind]: { kind: K; members: RecordMembers[K]; hidden?: PrivateDraft | undefined } }[RecordKind]

export interface RecordedAs {
  event: string
  household: string
  /** '' if none */
  resident: string
  seq: number
  at: number
  /** the household's copy (section 7); undefined without a private part */
  link?: string | undefined
}

/* ---- the list of doors ---- */

export type NoticeWord = 'none' | 'signed' | 'left' | 'refused'
export type PledgeWord = 'none' | 'signed' | 'refused' | 'later' | 'withdrawn'
/** "none_yet": nobody was there so far */
export type DoorWord = Visit['outcome'] | 'none_yet'
export type AppWord = App['state'] | 'none_yet'

export interface HouseholdState {
  visited: boolean
  reached: boolean
  notice: NoticeWord
  pledge: PledgeWord
  door: DoorWord
}
export interface ResidentState {
  state: AppWord
  real_name: boolean
  call_alert: boolean
  sms_alert: boolean
}
/** What is still to do at a door. */
export type OpenTask = 'visit' | 'notice' | 'pledge' | 'app'

/** States are the office's, with what this phone recorded since laid over them (section 5). */
export interface ResidentView extends ResidentState {
  resident: string
  household: string
  name: string
  /** the middle is masked, unless it was typed in here */
  phone: string
  /** yyyy-mm-dd, '' unknown */
  born: string
  status: string
  groups: string[]
  /** 16-60 on this day, as counted by the office */
  inAge: boolean
  waiting: number
  local: boolean
}
export interface HouseholdView extends HouseholdState {
  household: string
  grid: string
  place: string
  status: string
  group: string
  lane: string
  door_label: string
  head: string
  phone: string
  residents: ResidentView[]
  open: OpenTask[]
  /** records about it that have no receipt yet, that the office holds, and that somebody has to fill in again */
  waiting: number
  held: number
  rejected: number
  /** a correction (void) of what the office counts is on its way */
  correcting: boolean
  /** made on this phone, not in the office's list yet */
  local: boolean
  /** `at` of this phone's last record about it; 0: none */
  lastAt: number
}
export interface HouseholdFilter {
  /** only with something open */
  left?: boolean
  group?: string
  /** part of the head's or a resident's name, lane, door or phone */
  text?: string
}

/* ---- where the records stand ---- */

export interface RecordView {
  event: string
  content: QmEvent
  /** undefined: none, or deleted 14 days after its receipt */
  hidden?: Private | undefined
  state: RecordState
  /** of a reject, hold or decision; flags with commas; else '' */
  code: string
  /** the office decided about it; `state` says what */
  decided: boolean
  /** 待上传, 已入账, … and what it means or what to do, in the client's language */
  word: string
  todo: string
  /** entry of the log that first recorded it */
  entry?: bigint | undefined
  /** undo would take it away without a trace */
  undoable: boolean
  /** a void of it was recorded here */
  voided: boolean
  /** rejected, and needs nobody any more: put away, taken back or filled in again */
  done: boolean
}
export interface RecordFilter {
  state?: RecordState
  household?: string
  /** `at` at or after */
  sinceMs?: number
  /** true: only those that name a photo */
  withPhotos?: boolean
  /** only those that are done, or only those that are not */
  done?: boolean
}
export interface PhotoView {
  sha256: string
  bytes: number
  state: 'waiting' | 'confirmed' | 'rejected'
  code: string
}
export interface Status {
  worker: string
  /** undefined: not enrolled */
  account?: string | undefined
  grids: string[]
  device?: string | undefined
  /** the key is software, wrapped (key soft) */
  softKey?: boolean | undefined
  /** rejected: without those that are done */
  counts: Record<RecordState, number>
  /** rejected ones that need nobody any more */
  done: number
  /** next: as below, of photos alone, which hold up nothing else */
  photos: { waiting: number; refused: number; missing: number; next?: { ms: number; why: ErrCode } | undefined }
  /** records in files of other phones that wait here, and that were posted */
  others: { waiting: number; done: number; refused: number }
  /** `at` of the oldest record without a receipt; 0: none */
  oldestWaitingMs: number
  /** numbers below the last one that no record here has */
  gaps: number[]
  /** a call of `sync` in this tab */
  syncing: boolean
  lastSyncMs: number
  /** not before this time, and why; undefined: any time */
  next?: { ms: number; why: ErrCode } | undefined
  /** for good, until tryAgain or a new enrolment: `revoked`, `forbidden`, `unknown-key`, … */
  stopped?: ErrCode | undefined
  /** something that a person must look at: `proof`, `log-regressed` */
  alarm?: { why: ErrCode; atMs: number } | undefined
  /** metrics for which only records with a photo count, by the ranking's rule or a target of the day */
  evidence: string[]
  /** clock of the server minus this phone's, as last seen */
  clockOffsetMs: number
}
export interface EventReceipt {
  /** tlog-proof of the batch's entry, and of the event in its batch */
  batch: Uint8Array
  single: Uint8Array
  entry: bigint
  log: string
  /** verifier keys to check the two with; of the device undefined after a rotation since */
  logKey: string
  deviceKey?: string | undefined
}
export interface SyncCall {
  what?: readonly What[]
  /** ends after the exchange that is under way */
  signal?: AbortSignal
  progress?: (report: Report) => void
  /** also before the time of `Status.next` */
  now?: boolean
}
export type Target = Omit<TargetRow, 't'>
export type Text = Omit<TextRow, 't'>
export type Want = Omit<WantRow, 't'> & { here: boolean }
export type Topic = Omit<TopicRow, 't'>
export type Directive = Omit<DirectiveRow, 't'>

/** records: recorded, undone, settled; photos: one was settled; mirror: the office's list; state: enrolment,
 * stop, pace. */
export type Change = 'records' | 'photos' | 'mirror' | 'state'

/** Where rounds are done. */
export type SyncPlace = Pick<QmClientApi, 'sync' | 'keepSyncing' | 'close'>

export interface QmClientApi {
  readonly worker: string

  /** link: https://HOST/app/#enrol=CODE, or the code alone with `server` given.  Resolves 'ok', or why
   * not: `forbidden` (used, expired), `offline`, `unknown-outcome` (the same code again is safe),
   * `key-taken`, `proof`.  `invalid`: no such link.  `exists`: enrolled already.  `conflict`: somebody else is
   * enrolled on this phone, and one of the two has no PIN. */
  enrol(link: string, server?: string, host?: string): Promise<ErrCode>

  /** In the order group, lane, door. */
  households(filter?: HouseholdFilter): Promise<HouseholdView[]>
  household(household: string): Promise<HouseholdView | undefined>

  /** `invalid` (the message names the member), `not-enrolled`. */
  record<K extends RecordKind>(kind: K, members: RecordMembers[K], hidden?: PrivateDraft): Promise<RecordedAs>
  /** A whole door: all of them or none, in one transaction. */
  recordAll(drafts: readonly RecordDraft[]): Promise<RecordedAs[]>
  /** JPEG, PNG or WebP of at most 1 MiB (`too-large`, `invalid`); gives the name for `evidence`. */
  attach(photo: Blob | Uint8Array): Promise<string>
  /** The bytes of a photo that is still here. */
  photo(sha256: string): Promise<{ bytes: Uint8Array; type: string } | undefined>
  /** Takes back: without a trace while no batch holds it, else by a void (which goes out like a
   * record).  `conflict`: it made a household or person that later records name; undo those first.
   * `not-found`.  A void is not taken back once it is in a batch: `conflict`. */
  undo(event: string, reason?: string): Promise<'removed' | 'voided'>
  /** A rejected record that nobody will fill in again: it stays, and counts no more among the rejected ones.  is: false
   * takes that back.  `not-found`; `conflict`: it was not rejected. */
  putAway(event: string, is?: boolean): Promise<void>

  /** One round.  `err` of the report says how it ended; `busy`: another tab is at it.  It never throws
   * for what the network or the server did. */
  sync(options?: SyncCall): Promise<Report>
  /** Rounds in the background: soon after each record, when a network or the screen comes back, and
   * when the pace allows again.  The result ends it. */
  keepSyncing(): () => void
  /** Forgets stop, alarm and waiting time. */
  tryAgain(): Promise<void>
  /** Another key with the next round; what is unsent is signed anew. */
  rotateKey(): Promise<void>

  status(): Promise<Status>
  /** Newest first. */
  records(filter?: RecordFilter): Promise<RecordView[]>
  photos(): Promise<PhotoView[]>
  /** undefined: not confirmed yet, or not of this phone. */
  receipt(event: string): Promise<EventReceipt | undefined>
  /** https://HOST/r/#…; undefined without a private part (or after 14 days). */
  link(event: string): Promise<string | undefined>

  /** The unsent queue, sealed by a passphrase of at least 8 bytes (`invalid`).  The records stay here
   * too: whoever posts them, they count once.  Takes some seconds; progress 0..1.  Photos that wait go along, and
   * what other phones' files brought (`others`, records). */
  exportQueue(passphrase: string, progress?: (done: number) => void): Promise<{ file: Uint8Array; records: number; photos: number; others: number }>
  /** Takes in such a file of another phone, all or nothing; the next sync posts it.  `corrupt`: wrong
   * passphrase, cut, damaged, or of another host.  A second time adds nothing. */
  importQueue(file: Uint8Array, passphrase: string, progress?: (done: number) => void): Promise<{ records: number }>

  texts(kind?: string): Promise<Text[]>
  targets(): Promise<Target[]>
  /** In the office's order. */
  topics(): Promise<Topic[]>
  /** Newest first. */
  directives(): Promise<Directive[]>
  /** Read and acknowledged; the next round tells the office, and none begins for it within ten seconds, so that it can
   * be taken back.  `not-found`. */
  acknowledge(directive: string): Promise<void>
  /** Not read after all.  `conflict`: the office knows already. */
  acknowledgeBack(directive: string): Promise<void>
  /** Photos that the server has not got. */
  wants(): Promise<Want[]>

  /** `forbidden`: the old one is wrong.  '' takes the PIN away: `conflict` while somebody else is enrolled on
   * this phone.  A PIN has at least 4 characters (`invalid`). */
  setPin(old: string, pin: string): Promise<void>
  /** The worker knows of `WorkerInfo.given`. */
  givenHeard(): Promise<void>
  /** A new spare code of 16 digits, to be kept on paper; the one before is void.  `forbidden`,
   * `quota-exceeded`: as with the PIN at opening. */
  spareCode(pin: string): Promise<string>
  room(): Promise<StorageRoom>
  /** Asks the browser to keep the data even when space gets short. */
  persist(): Promise<boolean>

  /** Called after something changed, here or in another tab.  The result ends that. */
  on(heard: (change: Change) => void): () => void
  close(): void
}
