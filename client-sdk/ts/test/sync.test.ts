/* The core against a township in memory: what answers do, what lost, altered and false ones do not. */
import { beforeEach, describe, expect, test } from 'vitest'
import * as qm from '../src/index.js'
import { Phone, wire } from './lib/phone.js'
import { good, GRID, problem, seeded, text, Town } from './lib/town.js'
import { HOST } from './lib/vectors.js'

let town: Town
let phone: Phone
beforeEach(async () => {
  town = new Town()
  phone = await Phone.enrolled(town, 'phone')
})

const confirmed = (n: number): string[] => Array.from({ length: n }, () => 'confirmed')

describe('enrolment', () => {
  test('leaves a device with a key that signs', async () => {
    const { identity, candidate } = await phone.outbox.state()
    expect(identity).toMatchObject({ host: HOST, account: 'W0123', grids: [GRID], county: '140522' })
    expect(candidate).toBeUndefined()
    expect(qm.vkeyRead(identity!.logKey)).toEqual(town.logKey)
    await expect(phone.enrol()).rejects.toMatchObject({ code: 'exists' })
  })
  test('a lost answer is followed by the same device', async () => {
    const other = new Phone(new Town(), 'other')
    other.network = async (_, answer) => {
      await answer()
      return { failed: 'unknown-outcome' }
    }
    expect(await other.enrol()).toBe('unknown-outcome')
    const first = (await other.outbox.state()).candidate
    other.network = wire
    expect(await other.enrol()).toBe('ok')
    expect((await other.outbox.state()).identity).toMatchObject({ device: first!.device, slot: first!.slot })
  })
  test('a name that was seen before is dropped, once', async () => {
    const other = new Phone(new Town(), 'other')
    const names: string[] = []
    other.network = (ask, answer) => {
      names.push(qm.noteRead(qm.utf8((JSON.parse(text(ask.body!)) as { note: string }).note)).text)
      return names.length === 1 ? Promise.resolve(problem('key-taken')) : answer()
    }
    expect(await other.enrol()).toBe('ok')
    expect(new Set(names).size).toBe(2)
    other.network = () => Promise.resolve(problem('key-taken'))
    const third = new Phone(new Town(), 'third')
    third.network = other.network
    expect(await third.enrol()).toBe('key-taken')
  })
  test('the answer must fit host and county, and be whole', () => {
    const body = qm.utf8(JSON.stringify({ account: 'W17', grids: [GRID], log: qm.vkeyWrite(town.logKey) }))
    expect(qm.enrolledRead(body, HOST, '140522').account).toBe('W17')
    expect(qm.outcome(() => qm.enrolledRead(body, HOST, '140523'))).toBe('proof')
    expect(qm.outcome(() => qm.enrolledRead(body, 'other.test', '140522'))).toBe('proof')
    for (let i = 0; i < body.length; i++)
      expect(qm.outcome(() => qm.enrolledRead(body.subarray(0, i), HOST, '140522'))).toBe('unknown-outcome')
  })
  test.each(['', '140522', '140522.AAECAwQFBgcICQoLDA0OD', '040522.AAECAwQFBgcICQoLDA0ODw', '140522.AAECAwQFBgcICQoLDA0ODx'])(
    'code %s is none',
    async (code) => {
      await expect(new Phone(town, 'x').enrol(code)).rejects.toMatchObject({ code: 'invalid' })
    },
  )
  test.each([
    ['https://a.cn', 'a.cn'],
    ['https://a.cn/', 'a.cn'],
    ['https://a.cn:443', 'a.cn'],
    ['https://a.cn:8443', 'a.cn:8443'],
    ['http://127.0.0.1:8080', '127.0.0.1:8080'],
    ['http://a.cn', 'a.cn:80'],
    ['http://a.cn:443', 'a.cn'],
    ['https://[::1]:9', '[::1]:9'],
  ])('authority of %s', (server, authority) => expect(qm.authorityOf(server)).toBe(authority))
  test.each(['a.cn', 'ftp://a.cn', 'https://', 'https://a.cn/x', 'https://u@a.cn', 'https://A.cn', 'https://a.cn?x'])(
    'no server: %s',
    (server) => expect(qm.outcome(() => qm.authorityOf(server))).toBe('invalid'),
  )
})

describe('records', () => {
  test('are confirmed by a receipt that holds, each provable by itself', async () => {
    const made = [phone.visit(), phone.visit('absent'), phone.visit('refused')]
    const report = await phone.round(['records'])
    expect(report).toMatchObject({ err: 'ok', confirmed: 3, exchanges: 1 })
    expect(phone.states()).toEqual(confirmed(3))
    const [receipt] = phone.outbox.receipts
    expect(qm.receiptVerify(receipt!.receipt, town.logKey).index).toBe(receipt!.index)
    const open = phone.outbox.batches[0]!
    const single = qm.eventReceipt(open.note, made.map((r) => r.e), 1)
    expect(text(qm.receiptVerify(single, town.deviceKey!).extra)).toContain(made[1]!.id)
    expect((await phone.outbox.state()).seen).toMatchObject({ log: town.origin, size: 2n })
    expect((await phone.outbox.state()).lastSyncMs).toBe(town.nowMs)
  })
  test('each verdict gives its state', async () => {
    for (let i = 0; i < 6; i++) phone.visit()
    town.verdicts = ['0 reject county', '1 dup 7', '2 hold moved', '3 flag late,seq', '5 reject private']
    expect(await phone.round(['records'])).toMatchObject({ confirmed: 2, held: 1, flagged: 1, rejected: 2 })
    expect(phone.states()).toEqual(['rejected county', 'confirmed', 'held moved', 'flagged late,seq', 'confirmed', 'rejected private'])
    expect(phone.outbox.records.map((r) => r.index)).toEqual([undefined, 7n, 1n, 1n, 1n, undefined])
  })
  test('batches hold as many as asked, and never more than a body can', async () => {
    const small = await Phone.enrolled(new Town(), 'small', 2)
    for (let i = 0; i < 5; i++) small.visit()
    await small.round(['records'])
    expect(small.outbox.receipts.length).toBe(3)
    const big = await Phone.enrolled(new Town(), 'big', 256)
    const [name, door, met, signer, relation] = ['x', 'y', 'z', 'w', 'v'].map((c) => c.repeat(500)) as [string, string, string, string, string]
    for (let i = 0; i < 256; i++) {
      const household = qm.pseudonymMake(big.random)
      const draft = { kind: 'visit', grid: GRID, household, outcome: 'met', topics: [], near: 'yes', secs: 1 } as const
      big.outbox.record({ ...draft, topics: [] }, { note: '长'.repeat(666), name, door, met, signer, relation }, big.random, 1)
    }
    await big.round(['records'])
    const bodies = big.asked.filter((ask) => ask.kind === 'batch').map((ask) => ask.body!.length)
    expect(bodies.length).toBeGreaterThan(1)
    expect(Math.max(...bodies)).toBeLessThanOrEqual(qm.BATCH_MAX_BYTES)
    expect(big.states()).toEqual(confirmed(256))
  })
  test('of another device go out as they came', async () => {
    const other = await Phone.enrolled(town, 'other device')
    other.visit()
    other.network = () => Promise.resolve({ failed: 'offline' })
    await other.round(['records'])
    const body = other.asked[other.asked.length - 1]!.body!
    phone.outbox.addForeign(body, HOST)
    expect(await phone.round(['records'])).toMatchObject({ err: 'ok', exchanges: 1 })
    expect([...town.arrived.values()]).toEqual([body])
  })
})

describe('an answer that does not hold settles nothing', () => {
  /** The round fails with `err`, nothing is settled; then the same bytes go again and are. */
  async function unsettled(err: qm.ErrCode): Promise<void> {
    const report = await phone.round(['records'])
    expect(report.err).toBe(err)
    expect(phone.states()).toEqual(['waiting'])
    expect(report.nextMs).toBeGreaterThanOrEqual(town.nowMs + qm.PACE_MIN_MS)
    expect(await phone.round(['records'])).toMatchObject({ err, exchanges: 0 }) // not before its time
    const sent = phone.asked[phone.asked.length - 1]!.body!
    phone.network = wire
    await phone.settle()
    expect(phone.states()).toEqual(['confirmed'])
    expect(phone.asked[phone.asked.length - 1]!.body).toEqual(sent)
  }
  const instead = (said: qm.Said | ((s: qm.Said) => qm.Said)): void => {
    phone.visit()
    phone.network = async (_, answer) => {
      const real = await answer()
      return typeof said === 'function' ? said(real) : said
    }
  }
  test.each(['offline', 'unknown-outcome', 'too-large'] as const)('%s', async (failed) => {
    instead({ failed })
    await unsettled(failed)
  })
  test('a login page', async () => {
    instead(good('<html>', 'text/html'))
    await unsettled('unknown-outcome')
  })
  test('a proxy\u2019s error', async () => {
    instead({ status: 403, contentType: 'text/html', body: qm.utf8('<html>') })
    await unsettled('offline')
  })
  test('a receipt of another log', async () => {
    const other = new Town()
    other.tree = 2
    other.append('x')
    const receipt = await other.receipt(0)
    instead(good(qm.utf8(text(receipt).replace(/-2/g, '-1'))))
    await unsettled('proof')
  })
  test('the receipt of another batch', async () => {
    phone.visit()
    await phone.round(['records'])
    phone.outbox.records = []
    instead(good(phone.outbox.receipts[0]!.receipt))
    await unsettled('proof')
    expect((await phone.outbox.state()).alarm).toBeUndefined() // a good one came later
  })
  test('every byte of it changed, cut at every length', async () => {
    phone.visit()
    let receipt = new Uint8Array(0)
    phone.network = async (_, answer) => {
      const said = await answer()
      if (!('failed' in said)) receipt = new Uint8Array(said.body)
      return { failed: 'unknown-outcome' }
    }
    await phone.round(['records'])
    const note = (await phone.outbox.openBatch())!.note
    const check = (bytes: Uint8Array): qm.ErrCode =>
      qm.outcome(() => {
        if (qm.receiptCheck(bytes, town.logKey, undefined, note) === 'later-tree') throw new qm.QmError('proof')
      })
    expect(check(receipt)).toBe('ok')
    for (let i = 0; i < receipt.length; i++) {
      const changed = receipt.slice()
      changed[i] = changed[i]! ^ (1 << i % 7)
      expect(['proof', 'unknown-outcome']).toContain(check(changed))
      expect(['proof', 'unknown-outcome']).toContain(check(receipt.slice(0, i)))
    }
  }, 120_000)
  test('verdicts that do not fit the number of records', async () => {
    town.verdicts = ['1 reject schema']
    instead((said) => said)
    await expect(phone.round(['records'])).resolves.toMatchObject({ err: 'proof' })
    expect(phone.states()).toEqual(['waiting'])
    expect((await phone.outbox.state()).alarm).toMatchObject({ why: 'proof' })
  })
})

describe('a log that shrank or forked', () => {
  test('raises an alarm that stays, and settles nothing', async () => {
    phone.visit()
    await phone.round(['records'])
    const before = town.entries
    town.entries = before.slice(0, 1)
    town.arrived.clear()
    phone.visit()
    // The new tree is as large as the old one, but another.
    expect(await phone.round(['records'])).toMatchObject({ err: 'proof' })
    expect(phone.states()).toEqual(['confirmed', 'waiting'])
    town.entries = []
    town.nowMs += qm.PACE_MAX_MS
    expect(await phone.round(['records'])).toMatchObject({ err: 'log-regressed' })
    expect((await phone.outbox.state()).alarm).toMatchObject({ why: 'log-regressed' })
    town.entries = before
    town.nowMs += qm.PACE_MAX_MS
    await phone.settle()
    expect(phone.states()).toEqual(confirmed(2))
    expect((await phone.outbox.state()).alarm).toMatchObject({ why: 'log-regressed' })
    await phone.sync.tryAgain()
    expect((await phone.outbox.state()).alarm).toBeUndefined()
  })
  test('is seen in `changes` too', async () => {
    phone.visit()
    await phone.round()
    town.entries = []
    expect(await phone.round(['changes'])).toMatchObject({ err: 'log-regressed' })
  })
})

describe('faults that the server names', () => {
  const first = (said: qm.Said): void => {
    let asked = 0
    phone.network = (_, answer) => (asked++ === 0 ? Promise.resolve(said) : answer())
  }
  test.each(['batch-conflict', 'root-mismatch'] as const)('%s: a new batch with a new UUID, at once', async (name) => {
    phone.visit()
    first(problem(name))
    expect(await phone.round(['records'])).toMatchObject({ err: 'ok', confirmed: 1, exchanges: 2 })
    const [one, two] = phone.asked.slice(-2).map((ask) => qm.batchHeadRead(ask.body!, HOST))
    expect(one!.checkpoint.origin).not.toBe(two!.checkpoint.origin)
    expect(one!.checkpoint.root).toEqual(two!.checkpoint.root)
  })
  test('a conflict that goes on is paced', async () => {
    phone.visit()
    phone.network = () => Promise.resolve(problem('batch-conflict'))
    expect(await phone.round(['records'])).toMatchObject({ err: 'batch-conflict', exchanges: 2 })
  })
  test.each(['malformed', 'too-large', 'media-type'] as const)('%s: each alone, the one at fault is rejected', async (name) => {
    for (const met of ['a', 'bad', 'c']) phone.visit('met', met)
    phone.network = (ask, answer) => (text(ask.body!).includes('"bad"') ? Promise.resolve(problem(name)) : answer())
    expect(await phone.round(['records'])).toMatchObject({ err: 'ok', confirmed: 2, exchanges: 4 })
    expect(phone.states()).toEqual(['confirmed', `rejected ${name}`, 'confirmed'])
  })
  test.each(['unknown-key', 'revoked', 'forbidden'] as const)('%s: stops and keeps everything', async (name) => {
    phone.visit()
    first(problem(name))
    expect(await phone.round(['records'])).toMatchObject({ err: name, nextMs: 0 })
    expect(await phone.round(['records'])).toMatchObject({ err: name, exchanges: 0, nextMs: undefined })
    expect(phone.states()).toEqual(['waiting'])
    await phone.sync.tryAgain()
    expect(await phone.round(['records'])).toMatchObject({ err: 'ok', confirmed: 1 })
  })
  test('unknown-key: the device may enrol again, and its records go out under the new name', async () => {
    phone.visit()
    first(problem('unknown-key'))
    await phone.round(['records'])
    const old = (await phone.outbox.state()).identity!.device
    expect(await phone.enrol()).toBe('ok')
    expect((await phone.outbox.state()).identity!.device).not.toBe(old)
    expect(await phone.round(['records'])).toMatchObject({ err: 'ok', confirmed: 1 })
  })
  test('stale-signature: the offset is adjusted, the request signed anew', async () => {
    const ahead = 7 * 3600 * 1000
    first(problem('stale-signature', { now: town.nowMs + ahead }))
    expect(await phone.round(['changes'])).toMatchObject({ err: 'ok', exchanges: 2 })
    const created = phone.asked.slice(-2).map((ask) => qm.reqsigInputRead(ask.headers['Signature-Input']!, HOST).createdS)
    expect(created[1]! - created[0]!).toBe(ahead / 1000)
  })
  test.each([
    ['quota-exceeded', 90],
    ['overload', 0],
    ['overload', 1e9],
  ] as const)('%s: Retry-After %s wins', async (name, s) => {
    phone.visit()
    phone.network = () => Promise.resolve({ ...problem(name), retryAfterS: s })
    expect(await phone.round(['records'])).toMatchObject({ err: name, nextMs: town.nowMs + Math.min(s, 86400) * 1000 })
  })
})

describe('photos and changes', () => {
  test('photos go out signed, refused ones are listed', async () => {
    const jpeg = phone.outbox.attach(Uint8Array.of(0xff, 0xd8, 0xff, 1), 'image/jpeg')
    const none = phone.outbox.attach(Uint8Array.of(1, 2, 3), 'image/png')
    phone.network = (ask, answer) => (ask.target.endsWith(none) ? Promise.resolve(problem('media-type')) : answer())
    expect(await phone.round(['photos'])).toMatchObject({ err: 'ok', photos: 1, exchanges: 2 })
    expect(phone.outbox.photos.map((photo) => photo.fault)).toEqual([undefined, 'media-type'])
    expect([...town.photos.keys()]).toEqual([jpeg])
    const put = phone.asked.find((ask) => ask.target.endsWith(jpeg))!
    const { 'Signature-Input': input, Signature: signature, 'Content-Digest': digest } = put.headers
    const request = { method: 'PUT', authority: HOST, path: put.target, query: '', body: { type: 'image/jpeg', bytes: put.body! } }
    qm.reqsigVerify(request, { input: input!, signature: signature!, digest }, town.deviceKey!, Math.floor(town.nowMs / 1000))
  })
  test('a photo that is wanted goes again in the same round', async () => {
    const sha = phone.outbox.attach(Uint8Array.of(0xff, 0xd8, 0xff), 'image/jpeg')
    const { id } = phone.visit()
    await phone.round()
    town.photos.clear()
    town.rows = [JSON.stringify({ t: 'want', sha256: sha, event: id })]
    expect(await phone.round()).toMatchObject({ err: 'ok', photos: 1, rows: 1 })
    expect([...town.photos.keys()]).toEqual([sha])
  })
  test('a decision of the office arrives', async () => {
    town.verdicts = ['0 hold scope']
    const { id } = phone.visit()
    await phone.round()
    town.rows = [JSON.stringify({ t: 'verdict', event: id, in: true, code: 'checked' })]
    await phone.round()
    expect(phone.outbox.records[0]!.decided).toEqual({ in: true, code: 'checked' })
  })
  test('another tab that was faster leaves the answer unused', async () => {
    phone.network = async (_, answer) => {
      const said = await answer()
      await phone.outbox.change(() => ({ cursor: 'newer' }))
      return said
    }
    expect(await phone.round(['changes'])).toMatchObject({ err: 'ok', rows: 0, exchanges: 1 })
    expect((await phone.outbox.state()).cursor).toBe('newer')
  })
  test('the cursor is sent encoded', async () => {
    await phone.outbox.change(() => ({ cursor: "a b/+&=é!'()*" }))
    await phone.round(['changes'])
    expect(phone.asked[phone.asked.length - 1]!.target).toBe('/v1/changes?since=a%20b%2F%2B%26%3D%C3%A9%21%27%28%29%2A')
  })
})

describe('keys of device and log', () => {
  const keyId = async (): Promise<string> => {
    const { identity } = await phone.outbox.state()
    return (await qm.signerOf(phone.keys, identity!.device, identity!.slot)).key.id
  }
  test('a rotation signs what is unsent anew, over the same text', async () => {
    phone.visit()
    phone.network = () => Promise.resolve({ failed: 'offline' })
    await phone.round(['records'])
    const before = qm.batchHeadRead(phone.asked[phone.asked.length - 1]!.body!, HOST)
    const old = await keyId()
    phone.network = wire
    town.nowMs += qm.PACE_MAX_MS
    await phone.sync.rotate()
    expect(await phone.round(['records'])).toMatchObject({ err: 'ok', confirmed: 1, exchanges: 2 })
    const after = qm.batchHeadRead(phone.asked[phone.asked.length - 1]!.body!, HOST)
    expect([after.note.text, after.keyId]).toEqual([before.note.text, await keyId()])
    expect(after.keyId).not.toBe(old)
    expect(phone.stored.kept.size).toBe(1)
  })
  test('a rotation whose answer was lost is taken up, once', async () => {
    await phone.sync.rotate()
    phone.network = async (_, answer) => {
      await answer()
      return { failed: 'unknown-outcome' }
    }
    await phone.round(['records'])
    phone.network = wire
    town.nowMs += qm.PACE_MAX_MS
    phone.visit()
    expect(await phone.round(['records'])).toMatchObject({ err: 'ok', confirmed: 1 })
    expect(await keyId()).toBe(town.deviceKey!.id)
    expect((await phone.outbox.state()).adopted).toBeUndefined()
  })
  test('when both keys are unknown it stops', async () => {
    await phone.sync.rotate()
    phone.network = () => Promise.resolve(problem('unknown-key'))
    expect(await phone.round([])).toMatchObject({ err: 'unknown-key', exchanges: 2 })
    expect((await phone.outbox.state()).stopped).toBe('unknown-key')
  })
  test('two lost answers in a row do not stop it', async () => {
    phone.visit()
    for (let i = 0; i < 2; i++) {
      await phone.sync.rotate()
      phone.network = async (ask, answer) => {
        const said = await answer()
        return ask.kind === 'rotate' ? { failed: 'unknown-outcome' } : said
      }
      await phone.round([])
      town.nowMs += qm.PACE_MAX_MS
      phone.network = wire
    }
    expect(await phone.round(['records'])).toMatchObject({ err: 'ok', confirmed: 1 })
    expect(await keyId()).toBe(town.deviceKey!.id)
  })
  test('after a restore it asks for the log\u2019s new key and sends again what was lost', async () => {
    for (let i = 0; i < 3; i++) {
      phone.visit()
      await phone.round(['records'])
    }
    town.restore(2)
    phone.visit()
    expect(await phone.round(['records'])).toMatchObject({ err: 'ok' })
    expect(phone.states()).toEqual(confirmed(4))
    expect(town.arrived.size).toBe(4)
    expect((await phone.outbox.state()).seen!.log).toBe(`${HOST}/log/140522-2`)
    for (const batch of phone.outbox.batches) expect(batch.settlement?.log).toBe(town.origin)
  })
  test('a rotation never accepts another key of the same tree', async () => {
    await phone.sync.rotate()
    const false_ = qm.vkeyMake(town.origin, qm.publicKey(qm.sha256(qm.utf8('another'))))
    phone.network = () =>
      Promise.resolve(good(JSON.stringify({ account: 'W0123', grids: [GRID], log: qm.vkeyWrite(false_) }), 'application/json'))
    expect(await phone.round([])).toMatchObject({ err: 'proof' })
    expect(qm.vkeyRead((await phone.outbox.state()).identity!.logKey)).toEqual(town.logKey)
  })
})

describe('any order of faults', () => {
  /** Lost, cut, altered, refused, repeated answers and failing commits, then a quiet network. */
  test.each(Array.from({ length: process.env['QM_LONG'] ? 300 : 20 }, (_, i) => i))('ends with every record confirmed once (%i)', async (seed) => {
    const chance = seeded(`chance ${seed}`)
    const below = (n: number): number => chance(1)[0]! % n
    const disturbed = await Phone.enrolled(new Town(), `disturbed ${seed}`, 1 + below(7))
    disturbed.network = async (ask, answer) => {
      switch (below(8)) {
        case 0:
          return { failed: 'offline' }
        case 1:
          await answer()
          return { failed: 'unknown-outcome' }
        case 2: {
          const said = await answer()
          return 'failed' in said ? said : { ...said, body: said.body.slice(0, below(250)) }
        }
        case 3:
          return problem(ask.kind === 'batch' && below(2) ? 'batch-conflict' : 'overload')
        case 4:
          await answer()
          return good('<html>', 'text/html')
        default:
          return answer()
      }
    }
    disturbed.outbox.fault = () => {
      if (below(15) === 0) throw new qm.QmError('busy')
    }
    for (let i = 0; i < 40; i++) {
      if (below(2)) disturbed.visit()
      if (below(9) === 0) await disturbed.sync.rotate().catch(() => undefined)
      const { nextMs } = await disturbed.round(['records']).catch(() => ({ nextMs: undefined }))
      if (below(2) && nextMs !== undefined) disturbed.town.nowMs = Math.max(disturbed.town.nowMs, nextMs)
    }
    disturbed.network = wire
    disturbed.outbox.fault = () => undefined
    await disturbed.settle()
    expect(disturbed.states()).toEqual(confirmed(disturbed.outbox.records.length))
    expect(disturbed.outbox.records.length).toBeGreaterThan(8)
    for (const settled of disturbed.outbox.receipts) qm.receiptVerify(settled.receipt, disturbed.town.logKey)
  }, 120_000)
})
