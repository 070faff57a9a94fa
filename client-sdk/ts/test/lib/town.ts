/* A township's server as far as the client can see one: enrols one device, judges nothing, logs and
 * signs everything.  Verdict lines and faults are what a test asks for. */
import { createHash } from 'node:crypto'
import * as qm from '../../src/index.js'
import { HOST } from './vectors.js'

export const COUNTY = '140522'
export const GRID = '140522110204001'
export const HOUSEHOLD = 'ewN5FqXIVXT7T-Os6zNFFw'
export const CODE = `${COUNTY}.AAECAwQFBgcICQoLDA0ODw`
export const SERVER = 'https://qm.example.gov.cn'
const EPOCH_MS = Date.UTC(2026, 10, 2)

/** Deterministic bytes. */
export function seeded(seed: string): qm.Random {
  let n = 0
  return (bytes) => {
    const parts: Uint8Array[] = []
    for (let got = 0; got < bytes; got += 32)
      parts.push(createHash('sha256').update(`${seed}/${n++}`).digest())
    return qm.concat(...parts).slice(0, bytes)
  }
}

export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

export function problem(name: qm.ErrCode, more: Record<string, unknown> = {}): qm.Said {
  const body = JSON.stringify({ type: `/problems/${name}`, title: 't', status: qm.errHttp(name), detail: '', ...more })
  return { status: qm.errHttp(name), contentType: 'application/problem+json', body: qm.utf8(body) }
}
export const good = (body: string | Uint8Array, contentType = 'text/plain; charset=utf-8'): qm.Said => ({
  status: 200, contentType, body: typeof body === 'string' ? qm.utf8(body) : body,
})

export class Town {
  nowMs = EPOCH_MS
  tree = 1
  entries: Uint8Array[] = []
  /** verdict lines of the next batch */
  verdicts: string[] = []
  rows: string[] = []
  cursor = 0
  /** bodies of the batches that arrived, by origin */
  arrived = new Map<string, Uint8Array>()
  acknowledged: string[] = []
  photos = new Map<string, Uint8Array>()
  deviceKey: qm.VerifierKey | undefined
  /** whose code it is */
  account = 'W0123'

  get seed(): Uint8Array {
    return qm.sha256(qm.utf8(`log key ${this.tree}`))
  }
  get origin(): string {
    return `${HOST}/log/${COUNTY}${this.tree === 1 ? '' : `-${this.tree}`}`
  }
  get logKey(): qm.VerifierKey {
    return qm.vkeyMake(this.origin, qm.publicKey(this.seed))
  }

  async checkpoint(size = this.entries.length, entries = this.entries): Promise<Uint8Array> {
    const root = qm.merkleRoot(entries.slice(0, size).map(qm.leafHash))
    const c = qm.checkpointWrite({ origin: this.origin, size: BigInt(size), root })
    return qm.utf8(await qm.noteSign(c, this.logKey, (m) => qm.signWithSeed(this.seed, m)))
  }

  async receipt(index: number): Promise<Uint8Array> {
    const proof = qm.merklePath(this.entries.map(qm.leafHash), index)
    return qm.receiptWrite(this.entries[index]!, BigInt(index), proof, await this.checkpoint())
  }

  append(entry: string): number {
    this.entries.push(qm.utf8(entry))
    return this.entries.length - 1
  }

  /** A restore: the tree keeps `size` entries and goes on under another name and key. */
  restore(size: number): void {
    this.entries = this.entries.slice(0, size)
    this.arrived.clear()
    this.tree++
    this.append(`config/v1\nrecv ${this.nowMs}\nby A0001\n\nafter x\n`)
  }

  private enrol(body: Uint8Array, rotate: boolean): qm.Said {
    const asked = JSON.parse(text(body)) as { code?: string; note: string; key: string }
    const note = qm.noteRead(qm.utf8(asked.note))
    const key = qm.vkeyRead(note.text.split('\n')[2]!)
    if (rotate && this.deviceKey?.id !== note.signatures[0]?.id) return problem('unknown-key')
    qm.noteVerify(note, key)
    if (rotate) qm.noteVerify(note, this.deviceKey!)
    else if (asked.code !== CODE) return problem('forbidden')
    this.deviceKey = key
    this.append(`device/v1\nrecv ${this.nowMs}\nby A0001\naccount ${this.account}\nkey ${asked.key}\n\n${asked.note}`)
    const answer = { account: this.account, grids: [GRID], log: qm.vkeyWrite(this.logKey) }
    return good(JSON.stringify(answer), 'application/json')
  }

  private async sync(body: Uint8Array): Promise<qm.Said> {
    const head = qm.batchHeadRead(body, HOST)
    if (head.keyId !== this.deviceKey?.id) return problem('unknown-key')
    qm.noteVerify(head.note, this.deviceKey)
    qm.batchLinesRead(body, head)
    const payload = text(head.noteBytes)
    const known = this.entries.findIndex((entry) => text(entry).includes(`\n\n${head.note.text}`))
    const verdicts = this.verdicts.map((line) => `${line}\n`).join('')
    const index = known >= 0 ? known : this.append(`batch/v1\nrecv ${this.nowMs}\n${verdicts}\n${payload}`)
    this.arrived.set(head.checkpoint.origin, body)
    return good(await this.receipt(index))
  }

  changes(full: boolean, rows = this.rows): string {
    const head = { t: 'head', log: this.origin, size: this.entries.length, now: this.nowMs, full }
    const end = { t: 'end', cursor: String(++this.cursor), rows: rows.length }
    return [JSON.stringify(head), ...rows, JSON.stringify(end), ''].join('\n')
  }

  /** What the server says to a request. */
  async answer(ask: qm.Ask): Promise<qm.Said> {
    switch (ask.kind) {
      case 'enrol':
        return this.enrol(ask.body!, false)
      case 'rotate':
        return this.enrol(ask.body!, true)
      case 'batch':
        return this.sync(ask.body!)
      case 'photo':
        this.photos.set(ask.target.slice('/v1/blobs/'.length), ask.body!)
        return { status: 201, contentType: '', body: new Uint8Array(0) }
      case 'acknowledge':
        this.acknowledged.push(ask.target.split('/')[4]!)
        return good('{}', 'application/json')
      case 'changes':
        return good(this.changes(!ask.target.includes('since=')), 'application/x-ndjson')
    }
  }
}
