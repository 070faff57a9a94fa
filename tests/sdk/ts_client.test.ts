/* The two client SDKs on one real server: each records, each verifies what the other was given, and
 * both judge altered receipts and unusual signatures alike. */
import { strict as assert } from 'node:assert'
import { createHash, randomBytes, webcrypto } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ed25519 } from '@noble/curves/ed25519.js'
import { doorList, ownWork } from '../../client-sdk/ts/src/client_list.js'
import * as qm from '../../client-sdk/ts/src/index.js'
import { MemoryKeys, MemoryOutbox, StoredRecord } from '../../client-sdk/ts/test/lib/memory.js'
import { run } from '../integration/lib/command'
import { COUNTY, GRID, homes, HOST, Site } from '../integration/lib/site'
import { long, qiaomen, root } from '../integration/lib/where'
import { vkeyText } from '../integration/lib/wire'

type Json = Record<string, unknown>
type Draft = { kind: string } & Record<string, unknown>

let site: Site
let logKey: qm.VerifierKey
before(async () => {
  site = await Site.start()
  logKey = qm.vkeyRead(vkeyText(site.logKey))
})
after(() => site?.stop())

const random: qm.Random = (n) => new Uint8Array(randomBytes(n))
const DAY_MS = 86_400_000
const uuidOf = (pseudonym: string): string => Buffer.from(pseudonym, 'base64url').toString('hex')
const PNG = Buffer.from('89504e470d0a1a0a0000000d4948445200', 'hex')

/* ---- a phone of each kind ---- */

class TsPhone {
  readonly outbox = new MemoryOutbox()
  readonly keys: qm.DeviceKeys
  readonly sync: qm.Sync
  /** gets each answer, and may replace it */
  network: (said: qm.Said) => qm.Said = (said) => said

  /** withEd25519: false: the platform has none, the key is soft. */
  constructor(withEd25519 = true) {
    const subtle = webcrypto.subtle as unknown as SubtleCrypto
    const old = new Proxy(subtle, {
      get: (target, name) => (...args: unknown[]) =>
        args[0] === 'Ed25519' ? Promise.reject(new Error('none')) : (Reflect.get(target, name) as (...a: unknown[]) => unknown).apply(target, args),
    })
    this.keys = new qm.DeviceKeys(new MemoryKeys(), withEd25519 ? subtle : old, random)
    this.sync = new qm.Sync(this.outbox, this.keys, { random, batchEvents: 7 })
  }

  private readonly transport: qm.Transport = async (url, ask) => this.network(await qm.fetchTransport(fetch)(url, ask))

  async enrol(account: string): Promise<void> {
    const enrolment = new qm.Enrolment(this.outbox, this.keys, random)
    assert.equal(await qm.runEnrol(enrolment, this.transport, site.url, await site.code(account), HOST), 'ok')
  }

  record(draft: Draft, p?: qm.PrivateDraft): StoredRecord {
    return this.outbox.record({ ...draft, grid: GRID } as unknown as qm.EventDraft, p, random, Date.now())
  }

  visit(household: string, p?: qm.PrivateDraft): StoredRecord {
    return this.record({ kind: 'visit', household, outcome: 'met', topics: ['fake-loan'], near: 'yes', secs: 90 }, p)
  }

  round(): Promise<qm.Report> {
    return qm.runSync(this.sync, this.outbox, this.transport, Date.now)
  }

  async deviceKey(): Promise<qm.VerifierKey> {
    const { identity } = await this.outbox.state()
    return (await qm.signerOf(this.keys, identity!.device, identity!.slot)).key
  }

  /** The two texts of one record, as on a household's receipt. */
  receipts(r: StoredRecord): { batch: Uint8Array; single: Uint8Array } {
    const batch = this.outbox.batches[r.batch! - 1]!
    const lines = this.outbox.records.filter((other) => other.batch === r.batch).sort((a, b) => a.line! - b.line!)
    return { batch: batch.settlement!.receipt, single: qm.eventReceipt(batch.note, lines.map((line) => line.e), r.line!) }
  }
}

class CPhone {
  constructor(readonly home: string) {}

  async ok(...args: string[]): Promise<Json> {
    const got = await run(qiaomen, [...args, '--home', this.home, '--json'])
    assert.equal(got.code, 0, `${args.join(' ')}: ${got.stdout}${got.stderr}`)
    return JSON.parse(got.stdout) as Json
  }
  async enrol(account: string): Promise<void> {
    await this.ok('enrol', '--server', site.url, '--host', HOST, '--code', await site.code(account))
  }
}

/** What the C command says about a receipt: "holds" or the fault. */
async function judgeC(key: qm.VerifierKey, receipt: Uint8Array): Promise<string> {
  const file = join(site.dir, 'receipt')
  writeFileSync(file, receipt)
  const got = await run(qiaomen, ['verify', '--key', qm.vkeyWrite(key), file, '--json'])
  return (JSON.parse(got.stdout) as { result: string }).result
}
function judgeTs(key: qm.VerifierKey, receipt: Uint8Array): string {
  const code = qm.outcome(() => qm.receiptVerify(receipt, key))
  return code === 'ok' ? 'holds' : code
}
async function bothSay(key: qm.VerifierKey, receipt: Uint8Array, want: string): Promise<void> {
  assert.deepEqual([await judgeC(key, receipt), judgeTs(key, receipt)], [want, want])
}

/* ---- tests ---- */

const phone = new TsPhone()
let command: CPhone

describe('the TypeScript SDK on a real server', () => {
  test('enrols with a key of WebCrypto, another phone with a soft one', async () => {
    await phone.enrol('W0001')
    const soft = new TsPhone(false)
    await soft.enrol('W0002')
    const kinds = await site.pg.sql(`SELECT hard FROM qm.device WHERE county = ${COUNTY} ORDER BY 1`)
    assert.deepEqual(kinds, ['f', 't'])
    soft.visit(homes[6]!.household)
    assert.deepEqual((await soft.round()).confirmed, 1)
    assert.equal(qm.vkeyWrite(logKey), (await phone.outbox.state()).identity!.logKey)
  })

  test('every kind of record is confirmed and counted', async () => {
    const [home] = homes
    const { household } = home!
    const { resident } = home!.people[0]!
    const evidence = [phone.outbox.attach(PNG, 'image/png')]
    phone.visit(household, { met: '王五', note: '电话打过 "两次"' })
    phone.record({ kind: 'notice', household, text: 'notice-2026-1', evidence, done: '20260102', via: 'paper' })
    phone.record({ kind: 'pledge', household, resident, text: 'pledge-2026-1', evidence }, { signer: '王五', relation: 'self' })
    phone.record({ kind: 'app', household, resident, state: 'installed', real_name: true, call_alert: true, sms_alert: false, evidence: [], na: ['sms_alert'] })
    const found = qm.pseudonymMake(random)
    phone.record({ kind: 'household', household: found, place: 'home', why: 'found' }, { name: '新户主', door: '新1号' })
    phone.record({ kind: 'resident', household: found, resident: qm.pseudonymMake(random), why: 'found' }, { name: '新人', born: '1990-02-28' })
    const wrong = phone.visit(homes[1]!.household)
    phone.record({ kind: 'void', target: wrong.id, reason: 'wrong-door' })
    const report = await phone.round()
    assert.deepEqual([report.err, report.confirmed, report.photos], ['ok', 8, 1])
    const now = await site.counters()
    assert.deepEqual([now['visited'], now['notice_signed'], now['pledge'], now['app_all']], [2, 1, 1, 1])
    await site.recount()
  })

  test('lost answers count nothing twice', async () => {
    for (let i = 10; i < 20; i++) phone.visit(homes[i]!.household)
    const before = await site.counters()
    let lost = 0
    phone.network = (said) => (lost++ < 3 ? { failed: 'unknown-outcome' } : said)
    for (;;) {
      const report = await phone.round()
      if (report.err === 'ok') break
      assert.equal(report.err, 'unknown-outcome')
      await phone.sync.tryAgain()
    }
    assert.ok(phone.outbox.records.every((r) => r.state === 'confirmed'))
    assert.equal((await site.counters())['visited'], before['visited']! + 10)
  })

  test('a rotation keeps the device, and what was unsent goes out under the new key', async () => {
    const old = await phone.deviceKey()
    phone.visit(homes[20]!.household)
    await phone.sync.rotate()
    assert.deepEqual((await phone.round()).confirmed, 1)
    const now = await phone.deviceKey()
    assert.deepEqual([now.name, now.id === old.id], [old.name, false])
  })

  test('`changes` brings the office\u2019s list', async () => {
    await phone.round()
    const own = homes.filter((h) => h.grid === GRID)
    for (const home of own) assert.ok(phone.outbox.households.has(home.household), home.household)
    assert.deepEqual(phone.outbox.households.get(homes[0]!.household)!.state, { visited: true, reached: true, notice: 'signed', pledge: 'signed', door: 'met' })
    const again = await phone.round()
    assert.deepEqual([again.err, again.full], ['ok', false])
  })
})

describe('C and TypeScript', () => {
  before(async () => {
    command = new CPhone(join(site.dir, 'c'))
    await command.enrol('W0001')
  })

  test('the command verifies the receipts of the TypeScript phone', async () => {
    const recent = phone.outbox.records[phone.outbox.records.length - 1]!
    for (const r of [phone.outbox.records[2]!, recent]) await bothSay(logKey, phone.receipts(r).batch, 'holds')
    await bothSay(await phone.deviceKey(), phone.receipts(recent).single, 'holds')
    await bothSay(await phone.deviceKey(), phone.receipts(recent).batch, 'unknown-key')
  })

  test('TypeScript verifies the receipts of the command', async () => {
    await command.ok('sync')
    const visit = await command.ok('visit', homes[30]!.household, '--outcome', 'met', '--near', 'yes', '--met', '王五')
    await command.ok('sync')
    const { batch, single } = (await command.ok('receipt', visit['event'] as string)) as { batch: string; single: string }
    const deviceKey = qm.vkeyRead((await command.ok('status'))['device_key'] as string)
    await bothSay(logKey, qm.utf8(batch), 'holds')
    await bothSay(deviceKey, qm.utf8(single), 'holds')
    const event = qm.eventRead(qm.receiptVerify(qm.utf8(single), deviceKey).extra)
    assert.equal(event.id, visit['event'])
    const entry = qm.entryRead(qm.receiptVerify(qm.utf8(batch), logKey).extra)
    qm.noteVerify(qm.noteRead(entry.payload), deviceKey)
  })

  test('both have the same list of doors in the same states', async () => {
    await command.ok('sync')
    await phone.round()
    const rows = (await command.ok('list'))['households'] as Json[]
    const inC = rows.map((row) => [row['household'], row['visited'], row['pledge'], row['head']].join(' '))
    const inTs = [...phone.outbox.households.values()].map((h) => [h.household, h.state.visited, h.state.pledge, h.head].join(' '))
    assert.deepEqual(inTs.sort(), inC.sort())
  })

  test('both ask for the same at each door: ages, apps, who is away, who refused', async () => {
    const day = (ms: number, years: number): string => qm.yearsBefore(qm.dayOfMs(ms), years)
    const now = Date.now()
    // 16 today and 16 tomorrow; 61 today and 61 tomorrow; at each the other adult is of age no more.
    const born = [day(now, 16), day(now + DAY_MS, 16), day(now, 61), day(now + DAY_MS, 61)]
    for (const [i, date] of born.entries()) {
      const [one, other] = homes[40 + i]!.people
      await site.pg.sql(`UPDATE qm.resident SET born = '${date}' WHERE resident = '${uuidOf(one!.resident)}'`)
      await site.pg.sql(`UPDATE qm.resident SET born = '1900-01-01' WHERE resident = '${uuidOf(other!.resident)}'`)
    }
    const ts = new TsPhone()
    await ts.enrol('W0001')
    const inC = new CPhone(join(site.dir, 'left'))
    await inC.enrol('W0001')
    const door = (at: number): string => homes[at]!.household
    const away = homes.find((home) => home.status === 'away')!.household
    const person = (at: number): string => homes[at]!.people[0]!.resident
    const records: [string, ...string[]][] = [
      ['visit', door(44), '--outcome', 'refused'],
      ['visit', door(45), '--outcome', 'absent'],
      ['notice', door(45), '--state', 'left', '--text', 'notice-2026-1'],
      ['pledge', door(45), '--resident', person(45), '--state', 'later', '--text', 'pledge-2026-1'],
      ['notice', door(46), '--state', 'refused', '--text', 'notice-2026-1'],
      ['pledge', door(46), '--resident', person(46), '--state', 'withdrawn', '--text', 'pledge-2026-1'],
      ...homes[47]!.people.map((p): [string, ...string[]] => ['app', door(47), '--resident', p.resident, '--state', 'installed']),
      ...homes[48]!.people.map((p): [string, ...string[]] => ['app', door(48), '--resident', p.resident, '--state', 'removed']),
      ...homes[49]!.people.map((p): [string, ...string[]] => ['app', door(49), '--resident', p.resident, '--state', 'feature_phone']),
    ]
    const compared = async (): Promise<Map<string, string>> => {
      await inC.ok('sync')
      assert.equal((await ts.round()).err, 'ok')
      const known = {
        households: [...ts.outbox.households.values()].map((row) => ({ ...row, local: false })),
        residents: [...ts.outbox.residents.values()].map((row) => ({ ...row, local: false })),
      }
      const ofTs = doorList(known, ownWork([]), qm.dayOfMs(Date.now())).map((h) => [h.household, h.open.join()] as const)
      const rows = (await inC.ok('list'))['households'] as Json[]
      const ofC = new Map(rows.map((row) => [row['household'] as string, (row['open'] as string[]).join()]))
      assert.deepEqual(new Map([...ofTs].sort()), new Map([...ofC].sort()))
      const left = (await inC.ok('list', '--left'))['households'] as Json[]
      assert.equal(left.length, ofTs.filter(([, open]) => open !== '').length)
      return ofC
    }
    const before = await compared()
    assert.deepEqual([40, 41, 42, 43].map((at) => before.get(door(at))!.endsWith(',app')), [true, false, false, true])
    assert.equal(before.get(away), 'visit')
    await inC.ok('sync')
    for (const record of records) await inC.ok(...record)
    await inC.ok('visit', away, '--outcome', 'met', '--near', 'yes')
    const after = await compared()
    assert.deepEqual(
      [44, 45, 46, 47, 48, 49].map((at) => after.get(door(at))),
      ['notice,pledge,app', 'visit,pledge,app', 'visit,app', 'visit,notice,pledge', 'visit,notice,pledge,app', 'visit,notice,pledge'],
    )
    assert.equal(after.get(away), '')
  })

  test('both are told what must have a photo to count, and when nothing must any more', async () => {
    const rule = JSON.parse(readFileSync(join(root, 'deploy/sample/rule.json'), 'utf8')) as Json
    for (const [assurance, asked] of [['evidenced', 'notice_signed,pledge,visited'], ['reported', '']] as const) {
      const file = join(site.dir, 'rule.json')
      writeFileSync(file, JSON.stringify({ ...rule, assurance }))
      await site.admin('rule', 'set', '--county', COUNTY, '--by', 'C0001', file)
      assert.equal((await phone.round()).err, 'ok')
      assert.equal(((await phone.outbox.state()).evidence ?? []).join(), asked)
      await command.ok('sync')
      assert.equal((await command.ok('status'))['evidence'], asked)
    }
  })

  test('a target that was set comes, and goes with the last one that the office takes away', async () => {
    const target = { metric: 'visited', prefix: GRID.slice(0, 12), basis: 'door', threshold: 9000, from: '2026-01-01', due: '2099-12-31', assurance: 'reported' }
    const file = join(site.dir, 'targets.json')
    for (const targets of [[target], []]) {
      writeFileSync(file, JSON.stringify(targets))
      await site.admin('targets', 'set', '--county', COUNTY, '--by', 'C0001', file)
      const round = await phone.round()
      assert.deepEqual([round.err, round.full, round.unknownRows], ['ok', false, 0])
      assert.deepEqual(phone.outbox.targets.map((t) => [t.metric, t.threshold]), targets.map((t) => [t.metric, t.threshold]))
      await command.ok('sync')
    }
  })

  test('altered receipts get the same judgement', async () => {
    const { batch, single } = phone.receipts(phone.outbox.records[phone.outbox.records.length - 1]!)
    const faults = new Set<string>()
    for (let i = 0; i < (long ? 2000 : 120); i++) {
      const [text, key] = i % 2 ? ([batch, logKey] as const) : ([single, await phone.deviceKey()] as const)
      const altered = altering(text, i)
      const inC = await judgeC(key, altered)
      assert.equal(judgeTs(key, altered), inC, Buffer.from(altered).toString('hex'))
      assert.notEqual(inC, 'holds')
      faults.add(inC)
    }
    assert.ok(faults.size >= 3, [...faults].join())
  })

  test('signatures on which implementations disagree get the same judgement', async () => {
    for (const { name, key, receipt, want } of unusualReceipts()) {
      const inC = await judgeC(key, receipt)
      assert.deepEqual([inC, judgeTs(key, receipt)], [want, want], name)
    }
  })
})

/* ---- lines that the server judges ---- */

/** The server's reject of each line, '' for none, by a batch that this device signs as it is. */
async function judgedByServer(lines: qm.BatchItem[]): Promise<string[]> {
  const { identity } = await phone.outbox.state()
  const device = await qm.signerOf(phone.keys, identity!.device, identity!.slot)
  const top = qm.merkleRoot(lines.map((line) => qm.leafHash(line.e)))
  const origin = `${identity!.device}/b/${qm.uuid7(random, Date.now())}`
  const text = qm.checkpointWrite({ origin, size: BigInt(lines.length), root: top })
  const note = qm.utf8(await qm.noteSign(text, device.key, device.sign))
  const said = await qm.fetchTransport(fetch)(`${site.url}/v1/sync`, qm.askBatch(qm.batchBody(note, lines)))
  if ('failed' in said || said.status !== 200) throw new Error(JSON.stringify(said))
  const found = qm.receiptCheck(said.body, logKey, undefined, note)
  if (found === 'later-tree') throw new Error(found)
  return found.verdicts.map((v) => (v.kind === 'reject' && (v.code === 'schema' || v.code === 'private') ? v.code : ''))
}

interface Case {
  what: string
  text?: string
  hex?: string
}
const isLine = (bytes: Uint8Array): boolean => !bytes.includes(0x0a)

/** Every case of tests/vectors that can stand in a line; a P stands behind an E that commits to it. */
function linesOfVectors(): qm.BatchItem[] {
  const cases = JSON.parse(readFileSync(join(root, 'tests/vectors/negative.json'), 'utf8')) as Case[]
  return cases.flatMap((c): qm.BatchItem[] => {
    const bytes = c.hex === undefined ? qm.utf8(c.text ?? '') : qm.hexRead(c.hex)
    if (!isLine(bytes)) return []
    const tab = bytes.indexOf(0x09)
    if (c.what === 'line' || c.what === 'E') return [tab < 0 ? { e: bytes } : { e: bytes.slice(0, tab), p: bytes.slice(tab + 1) }]
    return c.what === 'P' ? [{ e: committing(bytes), p: bytes }] : []
  })
}

/** A visit that commits to these bytes, whatever they are. */
function committing(p: Uint8Array): Uint8Array {
  return qm.eventWrite({
    id: qm.uuid7(random, Date.now()), kind: 'visit', seq: 1, at: Date.now(), grid: GRID, household: homes[0]!.household,
    outcome: 'absent', topics: ['fake-loan', 'fake-police'], near: 'no', secs: 5, via: 'phone', with: ['police'], done: '20260101', p: qm.commitment(p),
  })
}

/** Texts whose bytes are like those of E and P, so that many changes stay near the limits. */
function changedLine(seed: number): qm.BatchItem {
  const chance = createHash('sha256').update(`line ${seed}`).digest()
  const p = qm.privateWrite({ met: '王"五', born: '1980-02-29', note: 'x\\y' }, random)
  const alphabet = qm.utf8('"\\{}[]:,0123456789abcdefghijklmnopqrstuvwxyz_-AQgw +.\u00e9')
  const change = (bytes: Uint8Array): Uint8Array => {
    const at = chance.readUInt16BE(0) % bytes.length
    const other = alphabet[chance[2]! % alphabet.length]!
    const tail = bytes.slice(at + (chance[3]! % 3 === 0 ? 0 : 1))
    return qm.concat(bytes.slice(0, at), chance[3]! % 3 === 1 ? new Uint8Array(0) : Uint8Array.of(other), tail)
  }
  if (seed % 3 === 0) return { e: change(committing(p)), p }
  const altered = change(p)
  return { e: committing(altered), p: altered }
}

async function sameJudgement(lines: qm.BatchItem[]): Promise<Record<string, number>> {
  const count: Record<string, number> = { schema: 0, private: 0, '': 0 }
  for (let at = 0; at < lines.length; at += 200) {
    const part = lines.slice(at, at + 200)
    const byServer = await judgedByServer(part)
    part.forEach((line, i) => {
      const found = qm.lineCheck(line.e, line.p)
      const here = typeof found === 'string' ? found : ''
      assert.equal(here, byServer[i], `${qm.latin1(line.e)}\t${line.p ? qm.latin1(line.p) : '(no P)'}`)
      count[here]!++
    })
  }
  return count
}

describe('the server and TypeScript judge alike', () => {
  test('every line of the vectors', async () => {
    const count = await sameJudgement(linesOfVectors())
    assert.ok(count['schema']! > 400 && count['private']! > 80 && count['']! > 20, JSON.stringify(count))
  })
  test('lines with a byte changed', async () => {
    const count = await sameJudgement(Array.from({ length: long ? 20000 : 1200 }, (_, i) => changedLine(i)))
    assert.ok(count['schema']! > 100 && count['private']! > 100 && count['']! > 100, JSON.stringify(count))
  })
})

/* ---- altered texts ---- */

/** Deterministic: flips, drops, doubles, cuts, swaps of lines, other numbers; never the text itself. */
function altering(text: Uint8Array, seed: number): Uint8Array {
  const chance = createHash('sha256').update(`altering ${seed}`).digest()
  const at = chance.readUInt32BE(0) % text.length
  const lines = Buffer.from(text).toString('utf8').split('\n')
  const line = chance.readUInt32BE(4) % (lines.length - 1)
  switch (seed % 7) {
    case 0:
      return text.map((b, i) => (i === at ? b ^ (1 << chance[8]! % 8) : b))
    case 1:
      return qm.concat(text.slice(0, at), text.slice(at + 1))
    case 2:
      return qm.concat(text.slice(0, at), Uint8Array.of(chance[9]!), text.slice(at))
    case 3:
      return text.slice(0, at)
    case 4:
      return qm.utf8([...lines.slice(0, line), ...lines.slice(line + 1)].join('\n'))
    case 5:
      return qm.utf8(lines.map((l, i) => (i === line ? `${l} ` : l)).join('\n'))
    default:
      return qm.utf8(lines.map((l) => l.replace(/^index ([0-9]+)$/, (_, n: string) => `index ${Number(n) + 1 + (chance[10]! % 3)}`)).join('\n'))
  }
}

/* ---- signatures made from the curve's points ---- */

const Point = ed25519.Point
const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n
const number = (littleEndian: Uint8Array): bigint => BigInt(`0x${Buffer.from(littleEndian).reverse().toString('hex')}`)
const little = (v: bigint): Uint8Array => new Uint8Array(Buffer.from(v.toString(16).padStart(64, '0'), 'hex').reverse())

interface Unusual {
  name: string
  key: qm.VerifierKey
  receipt: Uint8Array
  want: string
}

function* unusualReceipts(): Generator<Unusual> {
  const eighth = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')
  const secret = 123456789n
  const r = 987654321n
  const extra = qm.utf8('x')
  const key = qm.vkeyMake('test.example/key', Point.BASE.multiply(secret).toBytes())
  const text = qm.checkpointWrite({ origin: key.name, size: 1n, root: qm.leafHash(extra) })
  const receipt = (signature: Uint8Array): Uint8Array => {
    const line = qm.base64(qm.concat(qm.hexRead(key.id), signature))
    return qm.receiptWrite(extra, 0n, [], qm.utf8(`${text}\n\u2014 ${key.name} ${line}\n`))
  }
  const signed = (R: Uint8Array, nonce: bigint, more = 0n): Uint8Array => {
    const h = createHash('sha512').update(R).update(key.key).update(text).digest()
    return qm.concat(R, little(((nonce + (number(h) % ORDER) * secret) % ORDER) + more))
  }
  const honest = Point.BASE.multiply(r)
  yield { name: 'as it should be', key, receipt: receipt(signed(honest.toBytes(), r)), want: 'holds' }
  yield { name: 'S + L', key, receipt: receipt(signed(honest.toBytes(), r, ORDER)), want: 'bad-signature' }
  for (let i = 0n; i < 8n; i++) {
    const small = eighth.multiplyUnsafe(i)
    yield { name: `R of small order ${i}`, key, receipt: receipt(signed(small.toBytes(), 0n)), want: 'bad-signature' }
    const mixed = receipt(signed(honest.add(small).toBytes(), r))
    yield { name: `R with a part of small order ${i}`, key, receipt: mixed, want: i === 0n ? 'holds' : 'bad-signature' }
  }
  for (let y = 0n; y < 19n; y++) {
    const bytes = little((1n << 255n) - 19n + y)
    yield { name: `R = p + ${y}`, key, receipt: receipt(signed(bytes, 0n)), want: 'bad-signature' }
  }
}
