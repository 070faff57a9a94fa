/* The connection breaks after each byte of a request and of an answer: the next attempt with the same
 * bytes gets what the first would have got, nothing is there twice, and no connection stays open. */
import { strict as assert } from 'node:assert'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { BATCH_TYPE, Device } from '../integration/lib/device'
import { homes, HOST, Site } from '../integration/lib/site'
import { until } from '../integration/lib/until'
import { long } from '../integration/lib/where'
import { sha256 } from '../integration/lib/wire'
import { chance } from './lib/chance'
import { Ask, Got, metric, once } from './lib/http'
import { allHolds } from './lib/ledger'
import { Load, post, taken } from './lib/load'
import { Cut, Proxy } from './lib/proxy'

const luck = chance()
let site: Site
let device: Device
let proxy: Proxy
let load: Load

before(async () => {
  // A client's end that comes in one piece with its last bytes is only seen at the deadline.
  site = await Site.start(['request_timeout_ms = 3000'])
  device = await site.device('W0001')
  proxy = await Proxy.start(() => site.port)
  load = new Load(() => [site.url], [device], luck.child())
})
after(async () => {
  await proxy?.stop()
  await site?.stop()
})

interface Exchange {
  path: string
  ask: Ask
}

/** Lengths of both directions of this exchange, when nothing is cut. */
async function lengths(e: Exchange): Promise<{ request: number; answer: number }> {
  proxy.set(null)
  await once(proxy.url + e.path, e.ask)
  return { ...proxy.passed }
}

/** The places to cut at: each byte in the long form; otherwise every 97th, and at most so many. */
function places(length: number, most = Infinity): number[] {
  const stride = long ? 1 : Math.max(97, Math.ceil(length / most))
  return Array.from({ length: Math.ceil(length / stride) }, (_, i) => i * stride)
}

/** What comes through a cut connection: nothing, or the whole answer. */
function through(cut: Cut, e: Exchange): Promise<Got | null> {
  proxy.set(cut)
  return once(proxy.url + e.path, e.ask).catch(() => null)
}

const cutsOf = (side: Cut['side'], length: number, most?: number): Cut[] =>
  places(length, most).map((after_, i) => ({ side, after: after_, how: i % 2 ? 'reset' : 'close' }))

/** Gauges that count what is open; the request for them is the one connection. */
async function nothingOpen(): Promise<void> {
  await until('only the connection that asks is open', async () => (await metric(site.url, 'qm_http_connections')) === 1)
  assert.equal(await metric(site.url, 'qm_http_bodies_bytes'), 0)
  await until('no reply is being worked on', async () => (await metric(site.url, 'qm_http_waiting')) <= 1)
}

// First, because each sync below makes the answer longer by a household.
test('a long answer that is cut is never complete, and its connection is freed', async () => {
  const target = '/v1/changes'
  const exchange = (): Exchange => ({ path: target, ask: { headers: device.requestHeaders('GET', target) } })
  const length = await lengths(exchange())
  for (const cut of cutsOf('answer', length.answer, 40)) {
    assert.equal(await through(cut, exchange()), null)
    assert.ok(proxy.passed.answer <= cut.after)
  }
  await nothingOpen()
  const whole = await once(site.url + target, exchange().ask)
  assert.equal((JSON.parse(whole.body.trimEnd().split('\n').at(-1)!) as { t: string }).t, 'end')
})

describe('a sync', () => {
  for (const side of ['request', 'answer'] as const) {
    test(`cut in the ${side}: the same index afterwards`, async () => {
      const fresh = () => device.batch([device.visit(luck.of(homes).household), device.event('household', { household: randomBytes(16).toString('base64url'), place: 'home', why: 'found' }, { door: '1' })])
      const exchange = (body: string): Exchange => ({ path: '/v1/sync', ask: { method: 'POST', headers: { 'content-type': BATCH_TYPE }, body } })
      const probe = fresh()
      const length = await lengths(exchange(probe.body))
      load.sent.push(taken(device, probe, await post(site.url, probe)))
      const before_ = proxy.cuts
      for (const cut of cutsOf(side, length[side])) {
        const batch = fresh()
        const first = await through(cut, exchange(batch.body))
        const again = taken(device, batch, await post(site.url, batch))
        if (first?.status === 200) assert.equal(taken(device, batch, first).receipt.index, again.receipt.index)
        load.sent.push(again)
      }
      assert.ok(proxy.cuts > before_ + 5, `${proxy.cuts - before_} cuts`)
      await nothingOpen()
      await allHolds(site, load, luck)
    })
  }
})

describe('a picture', () => {
  for (const side of ['request', 'answer'] as const) {
    test(`cut in the ${side}: taken the next time, and the budget of bodies is free again`, async () => {
      const picture = () => Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(600)])
      const exchange = (bytes: Buffer): Exchange => {
        const path = `/v1/blobs/${sha256(bytes).toString('hex')}`
        return { path, ask: { method: 'PUT', headers: device.requestHeaders('PUT', path, { type: 'image/png', bytes }), body: bytes } }
      }
      const length = await lengths(exchange(picture()))
      const names: string[] = []
      for (const cut of cutsOf(side, length[side], 12)) {
        const e = exchange(picture())
        const first = await through(cut, e)
        const again = await once(site.url + e.path, e.ask)
        assert.ok(again.status === 200 || (again.status === 201 && first === null), `${first?.status} ${again.status} ${again.body}`)
        names.push(e.path.slice(-64))
      }
      await nothingOpen()
      const list = names.map((name) => `'\\x${name}'`).join(',')
      assert.deepEqual(await site.pg.sql(`SELECT count(*) FROM qm.blob WHERE sha256 IN (${list}) AND bytes = 608`), [String(names.length)])
    })
  }
})

describe('an enrolment', () => {
  for (const side of ['request', 'answer'] as const) {
    test(`cut in the ${side}: the same code and key get the same answer; nobody else gets it`, async () => {
      const make = async (): Promise<{ e: Exchange; phone: Device; code: string }> => {
        const phone = new Device(site.url, HOST)
        const code = await site.code('W0002')
        const body = JSON.stringify({ code, note: phone.enrolNote(), key: 'soft' })
        return { phone, code, e: { path: '/v1/devices', ask: { method: 'POST', headers: { 'content-type': 'application/json' }, body } } }
      }
      const length = await lengths((await make()).e)
      for (const cut of cutsOf(side, length[side], 6)) {
        const { e, phone, code } = await make()
        await through(cut, e)
        const again = await once(site.url + e.path, e.ask)
        assert.equal(again.status, 200, again.body)
        assert.deepEqual(await site.pg.sql(`SELECT count(*) FROM qm.device WHERE device = '${phone.uuid}'`), ['1'])
        assert.equal((await new Device(site.url, HOST).enrol(code)).status, 403)
      }
      await nothingOpen()
    })
  }
})
