/* An outbox and a key store in memory, written from ports.ts alone: what a store must do, without
 * what makes one durable. */
import * as qm from '../../src/index.js'

export interface StoredRecord extends qm.Recorded {
  state: qm.RecordState
  code: string
  index?: bigint | undefined
  batch?: number | undefined
  line?: number | undefined
  alone: boolean
  decided?: { in: boolean; code: string }
}
interface StoredBatch {
  n: number
  origin: string
  note: Uint8Array
  keyId: string
  foreignBody?: Uint8Array | undefined
  open: boolean
  code: string
  settlement?: qm.Settlement | undefined
}
export interface StoredPhoto extends qm.WaitingPhoto {
  waiting: boolean
  fault?: qm.ErrCode | undefined
}

export class MemoryOutbox implements qm.OutboxPort {
  private value = qm.newState()
  records: StoredRecord[] = []
  batches: StoredBatch[] = []
  photos: StoredPhoto[] = []
  receipts: qm.Settlement[] = []
  households = new Map<string, qm.HouseholdRow>()
  residents = new Map<string, qm.ResidentRow>()
  texts: qm.TextRow[] = []
  targets: qm.TargetRow[] = []
  sweeps = 0
  /** Called before each call that changes something; throws to make it fail. */
  fault: () => void = () => undefined

  state(): Promise<qm.SyncState> {
    return Promise.resolve({ ...this.value })
  }

  private commit(change: qm.StateChange): void {
    this.value = { ...this.value, ...change({ ...this.value }) }
  }

  async change(change: qm.StateChange): Promise<void> {
    this.fault()
    this.commit(change)
  }

  /** What a phone does at the door. */
  record(draft: qm.EventDraft, hidden: qm.PrivateDraft | undefined, random: qm.Random, nowMs: number): StoredRecord {
    const last = this.records[this.records.length - 1]
    const made = qm.compose(draft, hidden, last ?? { seq: 0, at: 0 }, random, nowMs)
    const stored: StoredRecord = { ...made, state: 'waiting', code: '', alone: false }
    this.records.push(stored)
    return stored
  }

  private linesOf(n: number): StoredRecord[] {
    return this.records.filter((r) => r.batch === n).sort((a, b) => a.line! - b.line!)
  }

  async openBatch(): Promise<qm.OpenBatch | undefined> {
    const open = this.batches.filter((b) => b.open)
    const found = open.find((b) => !b.foreignBody) ?? open[0]
    return found && { ...found, lines: this.linesOf(found.n).map(({ e, p }) => ({ e, p })) }
  }

  async waiting(max: number): Promise<qm.WaitingRecord[]> {
    return this.records.filter((r) => r.state === 'waiting' && r.batch === undefined).slice(0, max)
  }

  async formBatch(batch: qm.NewBatch): Promise<boolean> {
    this.fault()
    const records = batch.events.map((id) => this.records.find((r) => r.id === id)!)
    if (records.some((r) => r.state !== 'waiting' || r.batch !== undefined)) return false
    const n = this.batches.length + 1
    this.batches.push({ ...batch, n, open: true, code: '' })
    records.forEach((r, line) => Object.assign(r, { batch: n, line }))
    return true
  }

  addForeign(body: Uint8Array, host: string): void {
    const head = qm.batchHeadRead(body, host)
    this.batches.push({
      n: this.batches.length + 1, origin: head.checkpoint.origin, note: head.noteBytes, keyId: head.keyId, foreignBody: body, open: true, code: '',
    })
  }

  async resignBatch(n: number, note: Uint8Array, keyId: string): Promise<void> {
    this.fault()
    Object.assign(this.batches[n - 1]!, { note, keyId })
  }

  async settle(n: number, s: qm.Settlement, change: qm.StateChange): Promise<readonly qm.Outcome[] | undefined> {
    this.fault()
    const batch = this.batches[n - 1]!
    if (!batch.open) return undefined
    Object.assign(batch, { open: false, settlement: s })
    this.receipts.push(s)
    this.linesOf(n).forEach((r, line) => Object.assign(r, { index: undefined }, qm.verdictState(s.verdicts[line]!, s.index)))
    this.commit(change)
    return this.linesOf(n).map(({ id, seq, state, code, index }) => ({ id, seq, state, code, entry: index }))
  }

  async refuseBatch(n: number, how: 'regroup' | 'bytes', code: string): Promise<void> {
    this.fault()
    const batch = this.batches[n - 1]!
    Object.assign(batch, { open: false, code })
    const records = this.linesOf(n)
    if (how === 'bytes' && records.length === 1) {
      Object.assign(records[0]!, { state: 'rejected', code })
      return
    }
    for (const r of records) Object.assign(r, { batch: undefined, line: undefined, alone: r.alone || how === 'bytes' })
  }

  async releaseAll(change: qm.StateChange): Promise<void> {
    this.fault()
    for (const batch of this.batches.filter((b) => b.open && !b.foreignBody)) {
      batch.open = false
      for (const r of this.linesOf(batch.n)) Object.assign(r, { batch: undefined, line: undefined })
    }
    this.commit(change)
  }

  async resend(log: string, change: qm.StateChange): Promise<void> {
    this.fault()
    for (const batch of this.batches.filter((b) => b.settlement && b.settlement.log !== log)) {
      const records = this.linesOf(batch.n)
      if (records.some((r) => qm.eventRead(r.e).p !== undefined && r.p === undefined)) continue
      Object.assign(batch, { open: true, settlement: undefined })
      for (const r of records) Object.assign(r, { state: 'waiting', code: '', index: undefined })
    }
    this.commit(change)
  }

  async sweep(): Promise<boolean> {
    this.sweeps++
    return false
  }

  attach(bytes: Uint8Array, type: string): string {
    const sha256 = qm.hex(qm.sha256(bytes))
    this.photos.push({ sha256, bytes, type, waiting: true })
    return sha256
  }

  async nextPhoto(): Promise<qm.WaitingPhoto | undefined> {
    return this.photos.find((photo) => photo.waiting)
  }

  async photoDone(sha256: string, fault: qm.ErrCode | undefined): Promise<void> {
    this.fault()
    Object.assign(this.photos.find((photo) => photo.sha256 === sha256)!, { waiting: false, fault })
  }

  async photoLater(sha256: string, change: qm.StateChange): Promise<void> {
    this.fault()
    this.commit(change)
    const later = (photo: StoredPhoto): boolean => photo.sha256 === sha256
    this.photos = [...this.photos.filter((photo) => !later(photo)), ...this.photos.filter(later)]
  }

  unsentAcknowledged: string[] = []
  async nextAcknowledged(): Promise<string | undefined> {
    return this.unsentAcknowledged[0]
  }
  async acknowledgeDone(directive: string): Promise<void> {
    this.unsentAcknowledged = this.unsentAcknowledged.filter((other) => other !== directive)
  }

  async applyChanges(since: string, full: boolean, rows: qm.ChangeRow[], change: qm.StateChange): Promise<boolean> {
    this.fault()
    if (this.value.cursor !== since) return false
    if (full) {
      this.households.clear()
      this.residents.clear()
    }
    const spoken = (kind: string): boolean => rows.some((row) => row.t === kind || (row.t === 'none' && row.of === kind))
    if (spoken('text')) this.texts = []
    if (spoken('target')) this.targets = []
    for (const row of rows) this.apply(row)
    this.commit(change)
    return true
  }

  private apply(row: qm.ChangeRow): void {
    if (row.t === 'household') this.households.set(row.household, row)
    else if (row.t === 'resident') this.residents.set(row.resident, row)
    else if (row.t === 'gone' && row.household !== undefined) this.households.delete(row.household)
    else if (row.t === 'gone') this.residents.delete(row.resident ?? '')
    else if (row.t === 'text') this.texts.push(row)
    else if (row.t === 'target') this.targets.push(row)
    else if (row.t === 'want') this.photos.filter((p) => p.sha256 === row.sha256).forEach((p) => (p.waiting = true))
    else if (row.t === 'verdict')
      this.records
        .filter((r) => r.id === row.event && r.state !== 'waiting')
        .forEach((r) => (r.decided = { in: row.in, code: row.code }))
  }
}

/** Keys in memory; with structured clones, as a real store would keep them. */
export class MemoryKeys implements qm.KeyStore {
  readonly kept = new Map<string, qm.StoredKey>()

  get(name: string): Promise<qm.StoredKey | undefined> {
    return Promise.resolve(this.kept.get(name))
  }
  put(name: string, key: qm.StoredKey): Promise<void> {
    this.kept.set(name, key)
    return Promise.resolve()
  }
  remove(name: string): Promise<void> {
    this.kept.delete(name)
    return Promise.resolve()
  }
}
