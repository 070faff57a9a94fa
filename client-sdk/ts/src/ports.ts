/* ports.ts - what the sync core needs from its surroundings: a store (OutboxPort), device keys
 * (KeyPort) and, to move bytes, nothing: the caller does that.
 *
 * The implementations are elsewhere (IndexedDB, memory); the core is tested with any of them.  Every
 * call that changes something is ONE commit: after it resolved, the change survives the death of the
 * tab; if it rejects, nothing has changed.  Several tabs may use one store: calls that could meet say
 * below what the second one gets.
 * Rejections: QmError with `disk-full`, `busy`, `corrupt` or `io`.
 */
import type { Verdict } from './wire/entry.js'
import type { ErrCode } from './wire/err.js'
import type { Sign, VerifierKey } from './wire/note.js'
import type { ChangeRow } from './sync_changes.js'

/* ---- named values ---- */

/** Who this device is, since its enrolment. */
export interface Identity {
  /** "https://qm.example.gov.cn", no slash at the end */
  server: string
  /** the authority that names and proofs are made of */
  host: string
  /** "<host>/d/<UUIDv4>" */
  device: string
  account: string
  grids: string[]
  county: string
  /** of the signing key in the KeyPort */
  slot: number
  /** verifier key of the log, as text */
  logKey: string
}

/** The largest checkpoint of a log that this device has verified. */
export interface Seen {
  log: string
  size: bigint
  root: Uint8Array
}

/** When to ask again after failures. */
export interface Pace {
  failures: number
  nextMs: number
  why?: ErrCode | undefined
}

/** An enrolment that was begun; kept so that a lost answer is followed by the same device. */
export interface Candidate {
  host: string
  device: string
  slot: number
}

/** All that sync remembers beside records; one value, read and written as a whole. */
export interface SyncState {
  identity?: Identity | undefined
  candidate?: Candidate | undefined
  /** largest slot number ever given to a key */
  lastSlot: number
  /** slot of the key of a rotation that was begun */
  rotating?: number | undefined
  /** slot of a key that was taken up without a good answer to its rotation, until it has proved good */
  adopted?: number | undefined
  /** the log goes on under another name: its key is needed */
  needLog: boolean
  seen?: Seen | undefined
  /** of `changes`; '' before the first */
  cursor: string
  /** metrics for which only records with a photo count, as the last answer of `changes` said; undefined: none */
  evidence?: string[] | undefined
  /** clock of the server minus clock of this device */
  offsetMs: number
  pace: Pace
  /** of photos alone, which hold up nothing else; undefined: none failed */
  photoPace?: Pace | undefined
  /** why sync stopped for good */
  stopped?: ErrCode | undefined
  alarm?: { why: ErrCode; atMs: number } | undefined
  /** 0: never */
  lastSyncMs: number
}
export const newState = (): SyncState => ({
  lastSlot: 0,
  needLog: false,
  cursor: '',
  offsetMs: 0,
  pace: { failures: 0, nextMs: 0 },
  lastSyncMs: 0,
})

/** What a commit does to the state: called inside the transaction with the state as it is there (it
 * may be called again if the store has to repeat), gives the members to replace.  Synchronous, no
 * side effects. */
export type StateChange = (now: SyncState) => Partial<SyncState>

/* ---- records and batches ---- */

/** waiting: on this device only; the others as the receipt or a later decision says. */
export type RecordState = 'waiting' | 'confirmed' | 'held' | 'rejected' | 'flagged'

/** A record of this device that is in no batch yet. */
export interface WaitingRecord {
  /** UUID of the event */
  id: string
  e: Uint8Array
  /** opened */
  p?: Uint8Array | undefined
  /** after a refused batch: to be sent in a batch of its own */
  alone: boolean
}

/** A batch that was formed and has no receipt yet.  Order, note and lines never change; the same
 * bytes go out until there is an answer. */
export interface OpenBatch {
  /** key in the store */
  n: number
  origin: string
  /** the signed note, verbatim */
  note: Uint8Array
  /** id of the key that signed it, 8 hex digits */
  keyId: string
  /** of this device: in the order of the batch, P opened */
  lines: { e: Uint8Array; p?: Uint8Array | undefined }[]
  /** of another device, from an imported file: the whole body, never signed anew */
  foreignBody?: Uint8Array | undefined
}

export interface NewBatch {
  origin: string
  note: Uint8Array
  keyId: string
  /** ids of the events, in the order of the lines */
  events: string[]
}

/** What a verified receipt says about a batch. */
export interface Settlement {
  log: string
  /** index of the entry */
  index: bigint
  treeSize: bigint
  /** the tlog-proof, verbatim */
  receipt: Uint8Array
  /** one an event, in the order of the lines */
  verdicts: Verdict[]
  nowMs: number
}

/** State and code of an event by its verdict, and the entry that recorded it (none if rejected). */
export function verdictState(v: Verdict, index: bigint): { state: RecordState; code: string; index?: bigint } {
  switch (v.kind) {
    case 'accept':
      return { state: 'confirmed', code: '', index }
    case 'dup':
      return { state: 'confirmed', code: '', index: v.index }
    case 'hold':
      return { state: 'held', code: v.code, index }
    case 'flag':
      return { state: 'flagged', code: v.flags.join(','), index }
    case 'reject':
      return { state: 'rejected', code: v.code }
  }
}

/** How a record of this device stands since its batch was settled. */
export interface Outcome {
  id: string
  seq: number
  state: RecordState
  code: string
  /** number of the entry that recorded it */
  entry?: bigint | undefined
  /** 1 until the office's list has it in its states */
  ahead?: 1 | undefined
}

export interface WaitingPhoto {
  /** hex */
  sha256: string
  bytes: Uint8Array
  /** image/jpeg, image/png or image/webp, by the magic bytes */
  type: string
}

export interface OutboxPort {
  state(): Promise<SyncState>
  change(change: StateChange): Promise<void>

  /** The oldest batch without a receipt (or refusal): own ones first, then those of other devices. */
  openBatch(): Promise<OpenBatch | undefined>
  /** Waiting records of no batch, in the order of seq, at most `max`. */
  waiting(max: number): Promise<WaitingRecord[]>
  /** Fixes a batch.  false, and nothing done: one of the events waits no longer, or is in a batch. */
  formBatch(batch: NewBatch): Promise<boolean>
  /** The same batch under another signature, after the device's key changed. */
  resignBatch(n: number, note: Uint8Array, keyId: string): Promise<void>
  /** Stores the receipt and gives each event its state (see verdictState): those of this device, as they stand
   * now.  A batch that was settled in between is left alone: undefined, and `change` is not called. */
  settle(n: number, settlement: Settlement, change: StateChange): Promise<readonly Outcome[] | undefined>
  /** `regroup`: the events wait again and join new batches.  `bytes`: of several events each is to be
   * sent alone; a single one is rejected with `code`.  A batch of another device cannot be made anew:
   * it keeps its code and is not sent again. */
  refuseBatch(n: number, how: 'regroup' | 'bytes', code: string): Promise<void>
  /** Another device from now on: the events of unsettled own batches wait again. */
  releaseAll(change: StateChange): Promise<void>
  /** The log goes on under another name: what was confirmed under an older one and still has its P
   * is open again, in the same batches; old receipts stay.  Nothing stands under another: no effect. */
  resend(log: string, change: StateChange): Promise<void>
  /** Deletes P and photos whose receipt is older than 14 days; true: there were some. */
  sweep(nowMs: number): Promise<boolean>

  nextPhoto(): Promise<WaitingPhoto | undefined>
  /** fault undefined: the server has it. */
  photoDone(sha256: string, fault: ErrCode | undefined, nowMs: number): Promise<void>
  /** Behind the other photos that wait; one that waits no longer stays as it is. */
  photoLater(sha256: string, change: StateChange): Promise<void>

  /** A directive that was acknowledged here and that the server does not know to be. */
  nextAcknowledged(): Promise<string | undefined>
  acknowledgeDone(directive: string): Promise<void>

  /** Takes over a whole answer of `changes`.  full: the mirror is replaced.  Texts and targets come as
   * whole lists, and so do topics: the first row of a kind clears that kind.  A `want` makes a photo that is here wait
   * again; a `verdict` row (a decision of the office) changes what a record that has its receipt is
   * shown as.  false, and nothing done: the cursor is no longer `since`, because another tab was
   * faster. */
  applyChanges(since: string, full: boolean, rows: ChangeRow[], change: StateChange): Promise<boolean>
}

/* ---- keys ---- */

export interface DeviceKey {
  publicKey: Uint8Array
  /** true: the secret was made in software and lies wrapped in the store */
  soft: boolean
  sign: Sign
}

export interface KeyPort {
  /** The key of this slot, made if it is not there; stored, read back and tried before it counts. */
  make(slot: number): Promise<DeviceKey>
  /** undefined if there is none. */
  get(slot: number): Promise<DeviceKey | undefined>
  remove(slot: number): Promise<void>
}

/** A device key under its name. */
export interface Signer {
  key: VerifierKey
  sign: Sign
}
