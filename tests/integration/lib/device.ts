/* A device that can do everything right, and everything wrong, to the byte. */
import { randomBytes } from 'node:crypto'
import { entryRead, Entry, keyId, leafHash, merkleRoot, note, pseudonym, Receipt, receiptVerify, sha256, SigningKey, uuid, VerifierKey, vkeyRead, vkeyText } from './wire'

export type Member = string | number | boolean | string[]
export interface Line {
  e: string
  p?: string
  id: string
}
export interface Batch {
  body: string
  origin: string
  note: string
  lines: Line[]
}
export interface Answer {
  status: number
  type: string
  body: string
  headers: Headers
}

export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const r = await fetch(url, init)
  const body = await r.text()
  return { status: r.status, type: r.headers.get('content-type') ?? '', body, headers: r.headers }
}

/** The last part of the problem type, "" if the answer is none. */
export function problem(a: Answer): string {
  if (!a.type.startsWith('application/problem+json')) return ''
  const found = /^\/problems\/(.+)$/.exec((JSON.parse(a.body) as { type: string }).type)
  return found ? found[1]! : ''
}

export const BATCH_TYPE = 'application/vnd.qiaomen.batch.v1'

export class Device {
  readonly uuid = uuid(4)
  readonly name: string
  key = new SigningKey()
  seq = 0
  account = ''
  grids: string[] = []
  log: VerifierKey | null = null

  constructor(
    readonly url: string,
    readonly host: string,
  ) {
    this.name = `${host}/d/${this.uuid}`
  }

  get vkey(): VerifierKey {
    return { name: this.name, id: keyId(this.name, this.key.key), key: this.key.key }
  }

  enrolNote(key = this.key): string {
    const vkey = vkeyText({ name: this.name, id: keyId(this.name, key.key), key: key.key })
    return note(`${this.host}/device/v1\n${this.name}\n${vkey}\n`, this.name, key)
  }

  async enrol(code: string, change: { note?: string; key?: string } = {}): Promise<Answer> {
    const body = JSON.stringify({ code, note: change.note ?? this.enrolNote(), key: change.key ?? 'soft' })
    const a = await ask(`${this.url}/v1/devices`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    if (a.status === 200) {
      const got = JSON.parse(a.body) as { account: string; grids: string[]; log: string }
      this.account = got.account
      this.grids = got.grids
      this.log = vkeyRead(got.log)
    }
    return a
  }

  /** E with the members in the order of the contract's table; P gets its salt. */
  event(kind: string, members: Record<string, Member>, p?: Record<string, string>): Line {
    const id = (members['id'] as string) ?? uuid(7)
    const all: Record<string, Member> = {
      v: 1,
      id,
      kind,
      seq: ++this.seq,
      at: Date.now(),
      grid: this.grids[0] ?? '',
      ...members,
    }
    if (!p) return { e: JSON.stringify(all), id }
    const text = JSON.stringify({ s: randomBytes(16).toString('base64url'), ...p })
    all['p'] = sha256(text).toString('base64url')
    return { e: JSON.stringify(all), p: text, id }
  }

  visit(household: string, members: Record<string, Member> = {}): Line {
    return this.event('visit', { household, outcome: 'met', topics: [], near: 'yes', secs: 300, ...members })
  }

  void_(target: string): Line {
    return this.event('void', { target, reason: 'wrong-tap' })
  }

  batch(lines: Line[], change: { uuid?: string; size?: number; root?: Buffer; key?: SigningKey } = {}): Batch {
    const origin = `${this.name}/b/${change.uuid ?? uuid(7)}`
    const root = change.root ?? merkleRoot(lines.map((line) => leafHash(line.e)))
    const text = `${origin}\n${change.size ?? lines.length}\n${root.toString('base64')}\n`
    const signed = note(text, this.name, change.key ?? this.key)
    const rows = lines.map((line) => (line.p === undefined ? line.e : `${line.e}\t${line.p}`) + '\n')
    return { body: `${signed}\n${rows.join('')}`, origin, note: signed, lines }
  }

  post(body: string | Buffer, type = BATCH_TYPE): Promise<Answer> {
    return ask(`${this.url}/v1/sync`, { method: 'POST', headers: { 'content-type': type }, body: body as RequestInit['body'] })
  }

  /** Sends a batch, expects a receipt that holds, and returns it with its entry. */
  async sync(batch: Batch): Promise<{ receipt: Receipt; entry: Entry; text: string }> {
    const a = await this.post(batch.body)
    if (a.status !== 200) throw new Error(`sync: ${a.status} ${a.body}`)
    const receipt = receiptVerify(a.body, this.log!)
    const entry = entryRead(receipt.extra)
    if (entry.type !== 'batch/v1' || entry.payload !== batch.note) throw new Error('the entry is of another batch')
    return { receipt, entry, text: a.body }
  }

  async send(...lines: Line[]): Promise<{ receipt: Receipt; entry: Entry; text: string; batch: Batch }> {
    const batch = this.batch(lines)
    return { ...(await this.sync(batch)), batch }
  }

  /** RFC 9421 in the contract's one profile. */
  requestHeaders(
    method: string,
    target: string,
    body?: { type: string; bytes: Buffer },
    change: { created?: number; authority?: string } = {},
  ): Record<string, string> {
    const [path, query] = target.split('?', 2) as [string, string | undefined]
    const names = ['@method', '@authority', '@path', '@query']
    const lines = [
      `"@method": ${method}`,
      `"@authority": ${change.authority ?? this.host}`,
      `"@path": ${path}`,
      `"@query": ?${query ?? ''}`,
    ]
    const headers: Record<string, string> = {}
    if (body) {
      const digest = `sha-256=:${sha256(body.bytes).toString('base64')}:`
      headers['content-type'] = body.type
      headers['content-digest'] = digest
      names.push('content-type', 'content-digest')
      lines.push(`"content-type": ${body.type}`, `"content-digest": ${digest}`)
    }
    const created = change.created ?? Math.floor(Date.now() / 1000)
    const input =
      `(${names.map((n) => `"${n}"`).join(' ')});created=${created};` +
      `keyid="${this.name}+${keyId(this.name, this.key.key).toString('hex')}";tag="qm1"`
    const base = [...lines, `"@signature-params": ${input}`].join('\n')
    headers['signature-input'] = `sig=${input}`
    headers['signature'] = `sig=:${this.key.sign(base).toString('base64')}:`
    return headers
  }

  request(method: string, target: string, body?: { type: string; bytes: Buffer }, change: { created?: number; authority?: string } = {}): Promise<Answer> {
    return ask(this.url + target, {
      method,
      headers: this.requestHeaders(method, target, body, change),
      body: body?.bytes as RequestInit['body'],
    })
  }
}

export { pseudonym }
