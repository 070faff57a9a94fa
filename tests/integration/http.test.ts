/* Probes, description, the log in public, coverage and lists for token holders, blobs. */
import { strict as assert } from 'node:assert'
import { readdirSync, readFileSync } from 'node:fs'
import { get as httpGet, IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { run } from './lib/command'
import { Answer, ask, Device, problem } from './lib/device'
import { COUNTY, GRID, GRID_FAR, homes, HOST, Site } from './lib/site'
import { until } from './lib/until'
import { qiaomend, root } from './lib/where'
import { inclusionRoot, leafHash, merkleRoot, receiptVerify, sha256, SigningKey } from './lib/wire'

let site: Site
let device: Device

before(async () => {
  site = await Site.start()
  device = await site.device('W0001')
})
after(() => site?.stop())

const get = (path: string, token?: string): Promise<Answer> =>
  ask(site.url + path, token ? { headers: { authorization: `Bearer ${token}` } } : {})

describe('probes', () => {
  test('alive and ready', async () => {
    assert.equal((await get('/healthz')).status, 200)
    assert.equal((await get('/readyz')).status, 200)
  })

  test('not ready, but alive, while the database is away; ready again by itself', async () => {
    await site.pg.stop()
    assert.equal((await get('/healthz')).status, 200)
    assert.equal((await get('/readyz')).status, 503)
    const batch = device.batch([device.visit(homes[0]!.household)])
    const a = await device.post(batch.body)
    assert.equal(a.status, 503)
    assert.match(a.headers.get('retry-after') ?? '', /^[1-9][0-9]*$/)
    await site.pg.restart()
    await until('the server has found its database again', async () => (await get('/readyz')).status === 200)
    await device.sync(batch)
  })

  test('an address that nothing answers is a page with the doors for a browser, and problem details for a program', async () => {
    const browser = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' }
    for (const path of ['/nothing', '/nothing/at/all?x=1', '/%3Cb%3E', '/office/assets/none.js']) {
      const page = await ask(site.url + path, { headers: browser })
      assert.deepEqual([page.status, page.type], [404, 'text/html; charset=utf-8'], path)
      assert.match(page.body, /<html lang="zh-CN">[^]*<h1>没有找到<\/h1>[^]*<a href="\/office\/">[^]*<a href="\/app\/">/)
      assert.doesNotMatch(page.body, /nothing|<b>/)
      assert.match(String(page.headers.get('content-security-policy')), /default-src 'none'/)
      const english = await ask(site.url + path, { headers: { ...browser, 'accept-language': 'en' } })
      assert.match(english.body, /<html lang="en">[^]*<a href="\/app\/">Grid workers/)
      assert.equal(problem(await get(path)), 'not-found')
    }
    assert.equal(problem(await ask(`${site.url}/v1/nothing`, { headers: browser })), 'not-found', 'the API stays for programs')
    const posted = await ask(`${site.url}/nothing`, { method: 'POST', headers: browser, body: 'x' })
    assert.equal(problem(posted), 'not-found', 'what brings a body is refused before it is read')
  })

  test('an address to listen at that is none is refused with how one is written, one that is taken with what to do', async () => {
    const told = async (listen: string): Promise<string> => {
      const got = await run(qiaomend, ['--config', join(site.dir, 'qiaomend.conf'), `--listen=${listen}`, 'serve'])
      assert.equal(got.code, 3)
      return got.stderr
    }
    for (const none of ['localhost:8080', '127.0.0.1', '127.0.0.1:99999', '[::1]:x'])
      assert.match(await told(none), /"what":"listen".*no address.*write 127\.0\.0\.1:8080/)
    assert.match(await told(`127.0.0.1:${site.port}`), /"what":"listen".*end the program that has this address/)
  })

  test('another method than there is: with or without a body the answer names those there are', async () => {
    const refused = async (path: string, method: string, body?: string): Promise<string | null> => {
      const a = await ask(site.url + path, { method, body })
      assert.deepEqual([a.status, problem(a), a.headers.get('cache-control')], [405, 'method', 'no-store'], `${method} ${path}`)
      return a.headers.get('allow')
    }
    for (const body of [undefined, 'x']) {
      assert.equal(await refused('/v1/sync', 'DELETE', body), 'POST')
      assert.equal(await refused('/healthz', 'POST', body), 'GET, HEAD')
      assert.equal(await refused('/v1/session', 'PATCH', body), 'POST, GET, HEAD, DELETE')
      assert.equal(await refused(`/v1/log/${COUNTY}/tile/entries/000`, 'PUT', body), 'GET, HEAD', 'two rows fit this path')
    }
  })

  test('metrics are Prometheus text and hold no personal data', async () => {
    const a = await get('/metrics')
    assert.equal(a.status, 200)
    assert.match(a.body, /^# TYPE qm_/m)
    assert.doesNotMatch(a.body, /王/)
  })

  test('metrics are for this machine: what a proxy on it hands on is somebody else\u2019s, and is warned of once', async () => {
    const warnings = (): number => site.log.split('\n').filter((line) => line.includes('"event":"proxy-not-trusted"')).length
    assert.equal(warnings(), 0)
    const handedOn = (path: string): Promise<Answer> => ask(site.url + path, { headers: { 'X-Forwarded-For': '203.0.113.7' } })
    for (let i = 0; i < 3; i++) {
      const a = await handedOn('/metrics')
      assert.deepEqual([a.status, problem(a)], [403, 'forbidden'])
      assert.doesNotMatch(a.body, /qm_/)
    }
    assert.equal((await handedOn('/healthz')).status, 200)
    await site.logLine((line) => line['event'] === 'proxy-not-trusted')
    assert.equal(warnings(), 1)
    assert.equal((await get('/metrics')).status, 200)
  })
})

/** The bytes of an answer as they came, with node's own client, which unpacks nothing. */
function asSent(path: string, headers: Record<string, string>): Promise<{ headers: IncomingHttpHeaders; body: Buffer }> {
  return new Promise((resolve, reject) => {
    httpGet(site.url + path, { headers }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (d: Buffer) => parts.push(d))
      answer.on('end', () => resolve({ headers: answer.headers, body: Buffer.concat(parts) }))
    }).on('error', reject)
  })
}

test('texts go out compressed to those who take it, and mean the same', async () => {
  const plain = await asSent('/v1/openapi.json', {})
  const packed = await asSent('/v1/openapi.json', { 'accept-encoding': 'br;q=1, gzip;q=0.5' })
  assert.deepEqual([plain.headers['content-encoding'], packed.headers['content-encoding']], [undefined, 'gzip'])
  // Either form says what chose it: a cache must not hand the one to who takes only the other.
  assert.deepEqual([plain.headers.vary, packed.headers.vary], ['Accept-Encoding', 'Accept-Encoding'])
  assert.equal(Number(packed.headers['content-length']), packed.body.length)
  assert.ok(packed.body.length < plain.body.length / 3)
  assert.ok(gunzipSync(packed.body).equals(plain.body))
  assert.equal((await asSent('/v1/openapi.json', { 'accept-encoding': 'gzip;q=0' })).headers['content-encoding'], undefined)
  const short = await asSent('/healthz', { 'accept-encoding': 'gzip' })
  assert.deepEqual([short.headers['content-encoding'], short.headers.vary], [undefined, undefined])
})

/** Rows {"METHOD", "/path" of the table of routes, wherever they are written; pages are no part of the API. */
function routesInSource(): string[] {
  const edge = join(root, 'server', 'edge')
  const files = readdirSync(edge).filter((name) => /^(routes|api_.*)\.c$/.test(name)).map((name) => join(edge, name))
  const found = files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\{"(GET|POST|PUT|DELETE)",\s*"([^"]+)",\s*QM_WHO_(?!PAGE\b)/g)])
  return found.map(([, method, path]) => `${method} ${path!.replace(/\.\.\.\}/g, '}')}`).sort()
}

test('the OpenAPI description names exactly the routes', async () => {
  const a = await get('/v1/openapi.json')
  assert.equal(a.status, 200)
  const api = JSON.parse(a.body) as { openapi: string; paths: Record<string, Record<string, { responses?: object }>> }
  assert.match(api.openapi, /^3\.1\./)
  const described = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => /^(get|post|put|delete)$/.test(method))
      .map(([method, what]) => {
        assert.ok(what.responses && Object.keys(what.responses).length > 0, `${method} ${path} says no answer`)
        return `${method.toUpperCase()} ${path}`
      }),
  )
  assert.deepEqual(described.sort(), routesInSource())
})

describe('the log in public', () => {
  test('a tile, the checkpoint and a receipt agree', async () => {
    const { receipt } = await device.send(device.visit(homes[1]!.household))
    const checkpoint = (await get(`/v1/log/${COUNTY}/checkpoint`)).body.split('\n')
    assert.equal(checkpoint[0], site.logKey.name)
    const size = Number(checkpoint[1])
    assert.ok(size < 256, 'this test reads one tile')
    const tile = await fetch(`${site.url}/v1/log/${COUNTY}/tile/0/000.p/${size}`)
    assert.equal(tile.status, 200)
    const bytes = Buffer.from(await tile.arrayBuffer())
    assert.equal(bytes.length, size * 32)
    const leaves = Array.from({ length: size }, (_, i) => bytes.subarray(i * 32, i * 32 + 32))
    assert.equal(merkleRoot(leaves).toString('base64'), checkpoint[2])
    assert.deepEqual(leaves[receipt.index], leafHash(receipt.extra))
    assert.ok(inclusionRoot(leafHash(receipt.extra), receipt.index, receipt.size, receipt.proof))
  })

  test('a county, a tile and an object that are not there', async () => {
    for (const path of ['/v1/log/999999/checkpoint', `/v1/log/${COUNTY}/tile/0/999`, `/v1/log/${COUNTY}/object/${'0'.repeat(64)}`, `/v1/log/${COUNTY}/tile/64/000`])
      assert.equal(problem(await get(path)), 'not-found', path)
  })

  test('a token that nobody has is asked for anew as a token, and a device for its signature', async () => {
    const challenge = async (path: string): Promise<[number, string | null]> => {
      const a = await get(path, `${COUNTY}.${'A'.repeat(43)}`)
      return [a.status, a.headers.get('www-authenticate')]
    }
    assert.deepEqual(await challenge(`/v1/log/${COUNTY}/object/${'0'.repeat(64)}`), [401, 'Bearer'])
    assert.deepEqual(await challenge(`/v1/log/${COUNTY}/tile/entries/000`), [401, 'Bearer'])
    assert.deepEqual(await challenge('/v1/changes'), [401, 'Signature'])
  })

  test('entries and batches are for auditors', async () => {
    const bad = device.visit(homes[2]!.household, { outcome: 'hit' })
    const good = device.visit(homes[2]!.household)
    const { receipt } = await device.send(good, bad)
    const path = `/v1/log/${COUNTY}/batch/${receipt.index}`
    assert.equal((await get(path)).status, 401)
    assert.equal((await get(path, `${COUNTY}.${'A'.repeat(43)}`)).status, 401)
    assert.equal((await get(path, await site.token('S0001', 'secretary', '140522110204'))).status, 403)
    const auditor = await site.token('U0001', 'auditor', COUNTY)
    const batch = await get(path, auditor)
    assert.equal(batch.status, 200)
    assert.equal(batch.body, `${good.e}\n~${leafHash(bad.e).toString('base64')}\n`)
    const size = await site.logSize()
    assert.equal((await get(`/v1/log/${COUNTY}/tile/entries/000.p/${size}`, auditor)).status, 200)
    assert.equal((await get(`/v1/log/${COUNTY}/tile/entries/000.p/${size}`)).status, 401)
  })
})

describe('coverage for token holders', () => {
  interface Row {
    code: string
  }
  const rowsOf = (a: Answer): Row[] => (JSON.parse(a.body) as { rows: Row[] }).rows
  const path = (level: string, within: string) => `/v1/coverage?level=${level}&within=${within}`

  test('a secretary sees the own village and no other', async () => {
    const token = await site.token('S0001', 'secretary', '140522110204')
    const own = await get(path('grid', '140522110204'), token)
    assert.equal(own.status, 200, own.body)
    assert.deepEqual(rowsOf(own).map((row) => row.code), [GRID, '140522110204002'])
    const other = await get(path('grid', '140522110205'), token)
    assert.ok(other.status === 403 || rowsOf(other).length === 0, other.body)
    const county = await get(path('village', COUNTY), token)
    assert.ok(county.status === 403 || rowsOf(county).every((row) => row.code === '140522110204'), county.body)
  })

  test('without a token nobody sees anything', async () => {
    const a = await get(path('village', COUNTY))
    assert.deepEqual([a.status, problem(a)], [401, 'unknown-key'])
    assert.doesNotMatch(a.body, new RegExp(GRID_FAR))
  })

  test('the figures are those of the command', async () => {
    const token = await site.token('A0001', 'township', '140522110')
    const http = JSON.parse((await get(path('village', '140522110'), token)).body) as Record<string, unknown>
    const command = await site.adminJson('coverage', '--county', COUNTY, '--prefix', '140522110', '--level', 'village')
    assert.deepEqual(http['rows'], (command['coverage'] as Record<string, unknown>)['rows'])
  })
})

describe('signed requests', () => {
  test('changes hold the own grid only, whole, names in full and numbers masked', async () => {
    const a = await device.request('GET', '/v1/changes')
    assert.equal(a.status, 200, a.body)
    const rows = a.body.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, string | number>)
    assert.equal(rows[0]!['t'], 'head')
    assert.equal(rows.at(-1)!['t'], 'end')
    assert.equal(rows.at(-1)!['rows'], rows.length - 2)
    const households = rows.filter((row) => row['t'] === 'household')
    assert.equal(households.length, homes.filter((home) => home.grid === GRID).length)
    assert.ok(households.every((row) => row['grid'] === GRID))
    assert.equal(households[0]!['phone'], '100****0000')
    const next = await device.request('GET', `/v1/changes?since=${String(rows.at(-1)!['cursor'])}`)
    assert.equal(next.body.trimEnd().split('\n').filter((line) => line.includes('"household"')).length, 0)
  })

  test('six minutes old: stale-signature, with the server\u2019s time', async () => {
    const a = await device.request('GET', '/v1/changes', undefined, { created: Math.floor(Date.now() / 1000) - 360 })
    assert.deepEqual([a.status, problem(a)], [401, 'stale-signature'])
    assert.ok(Math.abs((JSON.parse(a.body) as { now: number }).now - Date.now()) < 60_000)
  })

  test('signed for another authority, for another path, or by another key', async () => {
    const elsewhere = await device.request('GET', '/v1/changes', undefined, { authority: 'qm.other.example' })
    assert.equal(problem(elsewhere), 'bad-signature')
    const a = await ask(`${site.url}/v1/changes?since=0`, { headers: device.requestHeaders('GET', '/v1/changes') })
    assert.equal(problem(a), 'bad-signature')
    const stranger = new Device(site.url, HOST)
    assert.equal(problem(await stranger.request('GET', '/v1/changes')), 'unknown-key')
  })
})

describe('blobs', () => {
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
  const put = (bytes: Buffer, name = sha256(bytes).toString('hex'), type = 'image/png') =>
    device.request('PUT', `/v1/blobs/${name}`, { type, bytes })

  test('201, then 200; evidence counts when the log lists it', async () => {
    const resident = homes[3]!.people[0]!.resident
    const line = device.event('pledge', { household: homes[3]!.household, resident, text: 'pledge-2026-1', evidence: [sha256(png).toString('hex')] }, { signer: '王一' })
    await device.send(line)
    assert.equal((await site.counters())['pledge_evidenced'], 0)
    assert.equal((await put(png)).status, 201)
    assert.equal((await put(png)).status, 200)
    await device.send(device.visit(homes[3]!.household))
    await until('the blob is listed', async () => (await site.counters())['pledge_evidenced'] === 1)
    await site.recount()
  })

  test('other bytes than named, no picture, unsigned', async () => {
    const named = sha256('something else').toString('hex')
    assert.equal(problem(await put(png, named)), 'digest-mismatch')
    const text = Buffer.from('hello')
    assert.equal(problem(await put(text, sha256(text).toString('hex'))), 'media-type')
    const a = await ask(`${site.url}/v1/blobs/${sha256(png).toString('hex')}`, { method: 'PUT', headers: { 'content-type': 'image/png' }, body: png })
    assert.equal(a.status, 401)
  })
})

describe('enrolment', () => {
  test('a code works once, and only for a note that holds', async () => {
    const code = await site.code('W0003')
    const phone = new Device(site.url, HOST)
    const forged = phone.enrolNote().replace(/\u2014 .*\n/, (line) => line.replace(/[A-Za-z0-9+/]{4}=?=?\n$/, 'AAAA\n'))
    assert.ok([400, 401].includes((await phone.enrol(code, { note: forged })).status))
    assert.equal((await phone.enrol(code)).status, 200)
    assert.deepEqual([phone.account, phone.grids], ['W0003', ['140522110204002']])
    const second = new Device(site.url, HOST)
    const again = await second.enrol(code)
    assert.deepEqual([again.status, problem(again)], [403, 'forbidden'])
    const unknown = await second.enrol(`${COUNTY}.${'A'.repeat(22)}`)
    assert.deepEqual([unknown.status, problem(unknown)], [403, 'forbidden'])
  })

  test('a key that was seen before is refused, the code stays good', async () => {
    const code = await site.code('W0003')
    const phone = new Device(site.url, HOST)
    phone.key = device.key
    const taken = await phone.enrol(code)
    assert.deepEqual([taken.status, problem(taken)], [409, 'key-taken'])
    phone.key = new SigningKey()
    assert.equal((await phone.enrol(code)).status, 200)
  })

  test('after a rotation the old key is unknown, the new one gets the old entry', async () => {
    const phone = await site.device('W0003')
    const batch = phone.batch([phone.visit(homes[62]!.household)])
    const first = await phone.sync(batch)
    const old = phone.key
    phone.key = new SigningKey()
    const fresh = phone.enrolNote()
    const text = fresh.slice(0, fresh.indexOf('\n\n') + 1)
    const newLine = fresh.slice(fresh.indexOf('\n\n') + 2)
    const oldDevice = Object.assign(Object.create(Device.prototype) as Device, phone, { key: old })
    const oldLine = `\u2014 ${phone.name} ${Buffer.concat([oldDevice.vkey.id, old.sign(text)]).toString('base64')}\n`
    const a = await ask(`${site.url}/v1/devices/rotate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ note: `${text}\n${oldLine}${newLine}`, key: 'soft' }),
    })
    assert.equal(a.status, 200, a.body)
    assert.equal(problem(await phone.post(batch.body)), 'unknown-key')
    const uuidOf = batch.origin.slice(batch.origin.lastIndexOf('/') + 1)
    const again = await phone.post(phone.batch(batch.lines, { uuid: uuidOf }).body)
    assert.equal(receiptVerify(again.body, site.logKey).index, first.receipt.index)
  })
})

test('SIGTERM answers what is open and ends with 0; after kill -9 everything is there', async () => {
  const batch = device.batch([device.visit(homes[4]!.household)])
  const first = await device.sync(batch)
  assert.equal(await site.end('SIGTERM'), 0)
  await site.serve()
  device = Object.assign(device, { url: site.url })
  const pending = device.post(device.batch([device.visit(homes[5]!.household)]).body).catch(() => null)
  await site.restart('SIGKILL')
  await pending
  device = Object.assign(device, { url: site.url })
  assert.equal((await device.sync(batch)).receipt.index, first.receipt.index)
  await site.recount()
})
