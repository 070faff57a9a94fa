/* The fault table of the contract's section 3, row by row, over real HTTP: what is refused keeps
 * nothing, and what is rejected hurts only itself. */
import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { ask, Batch, Device, Line, problem } from './lib/device'
import { raw } from './lib/raw'
import { homes, HOST, Site } from './lib/site'
import { leafHash, pseudonym, sha256, signatureLine, SigningKey, uuid } from './lib/wire'

let site: Site
let device: Device
let other: Device
const household = homes[0]!.household

before(async () => {
  site = await Site.start()
  device = await site.device('W0001')
  other = await site.device('W0003')
})
after(() => site?.stop())

/** Posts it, expects this refusal, that nothing was kept, and that the origin stays free. */
async function refused(body: string | Buffer, status: number, type: string, good?: Batch): Promise<void> {
  const size = await site.logSize()
  const a = await device.post(body)
  assert.deepEqual([a.status, problem(a)], [status, type], a.body)
  assert.equal(await site.logSize(), size)
  if (good) await device.sync(good)
}

describe('a body that is refused as a whole', () => {
  const cases: [string, (b: Batch) => string][] = [
    ['no note at all', () => 'hello\n'],
    ['an empty body', () => ''],
    ['no empty line behind the text', (b) => b.body.replace('\n\n', '\n')],
    ['no empty line behind the note', (b) => b.note + b.lines.map((l) => l.e + '\n').join('')],
    ['the last line feed missing', (b) => b.body.slice(0, -1)],
    ['a line more than signed', (b) => b.body + b.lines[0]!.e + '\n'],
    ['a line less than signed', (b) => b.body.slice(0, b.body.lastIndexOf('\n', b.body.length - 2) + 1)],
    ['two signature lines', (b) => b.body.replace(/(\u2014 .*\n)\n/, '$1$1\n')],
    ['no signature line', (b) => b.body.replace(/\u2014 .*\n/, '')],
    ['a hyphen instead of the dash', (b) => b.body.replace('\u2014', '-')],
    ['a carriage return', (b) => b.body.replace('\n', '\r\n')],
    ['an extension line', (b) => b.body.replace(/\n\n/, '\nmore\n\n')],
    ['size with a leading zero', (b) => b.body.replace(/\n(\d+)\n/, '\n0$1\n')],
    ['size with a plus sign', (b) => b.body.replace(/\n(\d+)\n/, '\n+$1\n')],
    ['size 2^64', (b) => b.body.replace(/\n(\d+)\n/, '\n18446744073709551616\n')],
    ['root with other trailing bits', (b) => b.body.replace(/\n([A-Za-z0-9+/]{42})[A-Za-z0-9+/]=\n/, '\n$1B=\n')],
  ]
  for (const [what, spoil] of cases) {
    test(what, async () => {
      const good = device.batch([device.visit(household), device.visit(household)])
      await refused(spoil(good), 400, 'malformed', good)
    })
  }

  test('no event', () => refused(device.batch([]).body, 400, 'malformed'))

  test('257 events', () => {
    const lines = Array.from({ length: 257 }, () => device.visit(household))
    return refused(device.batch(lines).body, 400, 'malformed')
  })

  test('256 events are taken', async () => {
    const { entry } = await device.send(...Array.from({ length: 256 }, () => device.visit(household)))
    assert.deepEqual(entry.verdicts, [])
  })

  test("the origin of another device's batch", () => {
    const good = device.batch([device.visit(household)])
    const text = good.note.slice(0, good.note.indexOf('\n\n') + 1).replace(device.name, other.name)
    const line = signatureLine(device.name, device.vkey.id, device.key.sign(text))
    return refused(`${text}\n${line}\n${good.lines[0]!.e}\n`, 400, 'malformed')
  })

  test('a signature of 63 and of 65 bytes', async () => {
    const good = device.batch([device.visit(household)])
    const text = good.note.slice(0, good.note.indexOf('\n\n') + 1)
    const signature = device.key.sign(text)
    for (const wrong of [signature.subarray(0, 63), Buffer.concat([signature, Buffer.from([0])])]) {
      const line = signatureLine(device.name, device.vkey.id, wrong)
      await refused(`${text}\n${line}\n${good.lines[0]!.e}\n`, 400, 'malformed')
    }
    await device.sync(good)
  })

  test('lines that do not give the signed root', async () => {
    const good = device.batch([device.visit(household), device.visit(household)])
    await refused(good.body.replace('"secs":300', '"secs":301'), 422, 'root-mismatch', good)
  })

  test('lines in another order', async () => {
    const good = device.batch([device.visit(household), device.visit(household)])
    const swapped = `${good.note}\n${good.lines[1]!.e}\n${good.lines[0]!.e}\n`
    await refused(swapped, 422, 'root-mismatch', good)
  })

  test('a signature of another key', () => {
    const forged = device.batch([device.visit(household)], { key: new SigningKey() })
    return refused(forged.body, 401, 'unknown-key')
  })

  test('a signature that does not hold under the right key id', async () => {
    const good = device.batch([device.visit(household)])
    const text = good.note.slice(0, good.note.indexOf('\n\n') + 1)
    const line = signatureLine(device.name, device.vkey.id, device.key.sign(text + 'x'))
    await refused(`${text}\n${line}\n${good.lines[0]!.e}\n`, 401, 'bad-signature', good)
  })

  test('a device that nobody enrolled', () => {
    const stranger = new Device(site.url, HOST)
    stranger.grids = device.grids
    return refused(stranger.batch([stranger.visit(household)]).body, 401, 'unknown-key')
  })
})

describe('what HTTP itself says about a body', () => {
  test('another media type', async () => {
    const good = device.batch([device.visit(household)])
    const a = await device.post(good.body, 'text/plain')
    assert.deepEqual([a.status, problem(a)], [415, 'media-type'])
    await device.sync(good)
  })

  test('more than 1 MiB', async () => {
    const a = await device.post(Buffer.alloc(1048577, 0x61))
    assert.deepEqual([a.status, problem(a)], [413, 'too-large'])
  })

  test('no Content-Length', async () => {
    const head = `POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Type: application/vnd.qiaomen.batch.v1\r\nTransfer-Encoding: chunked\r\n\r\n`
    const a = await raw(site.port, `${head}3\r\nabc\r\n0\r\n\r\n`)
    assert.equal(a.status, 411)
  })

  test('GET, and a path that does not exist', async () => {
    const get = await ask(`${site.url}/v1/sync`)
    assert.deepEqual([get.status, problem(get)], [405, 'method'])
    const gone = await ask(`${site.url}/v1/nothing`)
    assert.deepEqual([gone.status, problem(gone)], [404, 'not-found'])
  })

  const framing: [string, string][] = [
    ['Content-Length with Transfer-Encoding', 'POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc'],
    ['two Content-Lengths', 'POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc'],
    ['two Hosts', 'GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'],
    ['a space before the colon', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-A : 1\r\n\r\n'],
    ['a bare carriage return', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: 1\rX-B: 2\r\n\r\n'],
    ['a bad version', 'GET /healthz HTTP/1.2\r\nHost: x\r\n\r\n'],
  ]
  for (const [what, bytes] of framing) {
    test(`${what}: 400 and close`, async () => {
      const a = await raw(site.port, bytes)
      assert.deepEqual([a.status, a.closed], [400, true], a.text)
    })
  }

  test('another major version: refused and closed, by the library itself', async () => {
    const a = await raw(site.port, 'GET /healthz HTTP/3.7\r\nHost: x\r\n\r\n')
    assert.ok([400, 505].includes(a.status) && a.closed, a.text)
  })

  test('headers above 16 KiB: 431', async () => {
    const a = await raw(site.port, `GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(17000)}\r\n\r\n`)
    assert.equal(a.status, 431, a.text.slice(0, 200))
  })
})

/** Sends one spoilt line between two good ones; gives its verdict, and checks that these are in. */
async function verdictOf(line: Line): Promise<string> {
  const first = device.visit(household)
  const last = device.visit(household)
  const { entry } = await device.send(first, line, last)
  assert.ok(entry.verdicts.length <= 1, entry.verdicts.join('; '))
  const [i, ...verdict] = (entry.verdicts[0] ?? '').split(' ')
  assert.equal(i === '' ? '1' : i, '1')
  return verdict.join(' ')
}

describe('E that breaks its schema is rejected alone', () => {
  const respell = (change: (e: string) => string) => (): Line => {
    const line = device.visit(household)
    return { ...line, e: change(line.e) }
  }
  const cases: [string, () => Line][] = [
    ['a member too much', () => device.visit(household, { more: 1 })],
    ['a member missing', respell((e) => e.replace('"near":"yes",', ''))],
    ['a member twice', respell((e) => e.replace('"near":"yes"', '"near":"yes","near":"no"'))],
    ['an unknown outcome', () => device.visit(household, { outcome: 'hit' })],
    ['an unknown kind', () => device.event('dance', { household })],
    ['another version', respell((e) => e.replace('"v":1', '"v":2'))],
    ['seq 0', () => device.visit(household, { seq: 0 })],
    ['seq 2^53', respell((e) => e.replace(/"seq":\d+/, '"seq":9007199254740992'))],
    ['a leading zero', respell((e) => e.replace('"secs":300', '"secs":0300'))],
    ['a minus sign', respell((e) => e.replace('"secs":300', '"secs":-1'))],
    ['a fraction', respell((e) => e.replace('"secs":300', '"secs":3.0'))],
    ['an exponent', respell((e) => e.replace('"secs":300', '"secs":3e2'))],
    ['secs 86401', () => device.visit(household, { secs: 86401 })],
    ['a space', respell((e) => e.replace('"secs":300', '"secs": 300'))],
    ['a backslash', respell((e) => e.replace('"near":"yes"', '"near":"y\\u0065s"'))],
    ['a byte above 0x7E', respell((e) => e.replace('"yes"', '"是"'))],
    ['a grid of 14 digits', () => device.visit(household, { grid: '14052211020400' })],
    ['an upper-case id', respell((e) => e.replace(/"id":"([^"]+)"/, (_, id: string) => `"id":"${id.toUpperCase().replace(/^[0-9]{8}/, 'ABCDEF01')}"`))],
    ['an id of version 4', () => device.visit(household, { id: uuid(4) })],
    ['a pseudonym with trailing bits', () => device.visit(household.slice(0, 21) + 'B')],
    ['a topic twice', () => device.visit(household, { topics: ['a', 'a'] })],
    ['17 topics', () => device.visit(household, { topics: Array.from({ length: 17 }, (_, i) => `t${i}`) })],
    ['an empty with', () => device.visit(household, { with: [] })],
    ['a done that is no day', () => device.visit(household, { done: '20260230' })],
    ['2,049 bytes', () => device.visit(household, { topics: Array.from({ length: 16 }, (_, i) => `t${i}`.padEnd(40, 'x')), extra: 'y'.repeat(1600) })],
    ['no object', respell(() => '[]')],
    ['split without from', () => device.event('household', { household: pseudonym(), place: 'home', why: 'split' }, { door: '1' })],
    ['from equal to household', () => device.event('household', { household, place: 'home', why: 'split', from: household }, { door: '1' })],
    ['alerts without installed', () => device.event('app', { household, resident: homes[0]!.people[0]!.resident, state: 'refused', real_name: true, call_alert: false, sms_alert: false, evidence: [] })],
  ]
  for (const [what, make] of cases) {
    test(what, async () => assert.equal(await verdictOf(make()), 'reject schema'))
  }
})

describe('P that does not fit is rejected alone', () => {
  const withP = (p: string): Line => {
    const line = device.visit(household, { p: sha256(p).toString('base64url') })
    return { ...line, p }
  }
  const salt = 'AAECAwQFBgcICQoLDA0ODw'
  const cases: [string, () => Line][] = [
    ['P without p', () => ({ ...device.visit(household), p: `{"s":"${salt}"}` })],
    ['p without P', () => device.visit(household, { p: sha256('x').toString('base64url') })],
    ['another hash', () => ({ ...withP(`{"s":"${salt}"}`), p: `{"s":"${salt}","note":"x"}` })],
    ['no salt', () => withP('{"note":"x"}')],
    ['salt not first', () => withP(`{"note":"x","s":"${salt}"}`)],
    ['a member too much', () => withP(`{"s":"${salt}","id_number":"1"}`)],
    ['a member twice', () => withP(`{"s":"${salt}","note":"a","note":"b"}`)],
    ['a name of 501 bytes', () => withP(`{"s":"${salt}","name":"${'x'.repeat(501)}"}`)],
    ['a birthday that does not exist', () => withP(`{"s":"${salt}","born":"2001-02-29"}`)],
    ['an escaped NUL', () => withP(`{"s":"${salt}","note":"\\u0000"}`)],
    ['a lone surrogate', () => withP(`{"s":"${salt}","note":"\\ud800"}`)],
    ['a raw TAB', () => withP(`{"s":"${salt}","note":"a\tb"}`)],
    ['no JSON', () => withP('hello')],
  ]
  for (const [what, make] of cases) {
    test(what, async () => assert.equal(await verdictOf(make()), 'reject private'))
  }

  test('spaces between members and 500 bytes after unescaping are fine', async () => {
    assert.equal(await verdictOf(withP(`{ "s" : "${salt}", "name": "${'\\u4e00'.repeat(166)}" }`)), '')
  })

  test('a pledge without p', async () => {
    const line = device.event('pledge', {
      household, resident: homes[0]!.people[0]!.resident, text: 'pledge-2026-1', evidence: [sha256('photo').toString('hex')],
    })
    assert.equal(await verdictOf(line), 'reject schema')
  })
})

test('a rejected line keeps its place in the tree: the receipt holds, the proofs of the others too', async () => {
  const bad = device.visit(household, { outcome: 'hit' })
  const { receipt, entry } = await device.send(bad, device.visit(household))
  assert.deepEqual(entry.verdicts, ['0 reject schema'])
  assert.ok(receipt.size > receipt.index)
  assert.equal(leafHash(bad.e).length, 32)
})
