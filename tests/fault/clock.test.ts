/* Wrong clocks: of the server, of a phone, of both. What arrived when is the server's word; the order
 * of states goes by the earlier of both clocks. */
import { strict as assert } from 'node:assert'
import { after, afterEach, before, describe, test } from 'node:test'
import { Device, Member } from '../integration/lib/device'
import { homes, Site } from '../integration/lib/site'
import { Phone } from './lib/phone'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
let site: Site
let device: Device
let colleague: Device
let next = 0

before(async () => {
  site = await Site.start()
  device = await site.device('W0001')
  colleague = await site.device('W0002')
})
after(() => site?.stop())
afterEach(() => site.recount())

/** Starts the server again with its clock so far ahead of this machine's. */
async function serverAhead(ms: number): Promise<void> {
  process.env['QM_CLOCK_OFFSET_MS'] = String(ms)
  try {
    await site.restart()
  } finally {
    delete process.env['QM_CLOCK_OFFSET_MS']
  }
  const { now } = (await (await fetch(`${site.url}/v1/no-such-thing`)).json()) as { now: number }
  assert.ok(Math.abs(now - Date.now() - ms) < HOUR_MS, 'the server cannot be shifted: build it with -Dtest_hooks=true (meson configure FOLDER -Dtest_hooks=true)')
  for (const d of [device, colleague]) Object.assign(d, { url: site.url })
}

async function verdicts(d: Device, at: number): Promise<string[]> {
  return (await d.send(d.visit(homes[next++]!.household, { at }))).entry.verdicts
}

describe('a phone two days ahead', () => {
  const app = (d: Device, i: number, state: string, at: number) => {
    const on = state === 'installed'
    const members: Record<string, Member> = { household: homes[i]!.household, resident: homes[i]!.people[0]!.resident, state, real_name: on, call_alert: on, sms_alert: on, evidence: [], at }
    return d.event('app', members)
  }

  test('is flagged and counts; a later word with a right clock replaces it', async () => {
    const i = next++
    const before_ = (await site.counters())['app']!
    const { entry } = await device.send(app(device, i, 'installed', Date.now() + 2 * DAY_MS))
    assert.deepEqual(entry.verdicts, ['0 flag future'])
    assert.equal((await site.counters())['app'], before_ + 1)
    await colleague.send(app(colleague, i, 'removed', Date.now() + 5))
    assert.equal((await site.counters())['app'], before_, 'the phone that was ahead has the last word for two days')
  })

  test('its own order stays: of two events that came together the later one counts', async () => {
    const i = next++
    const before_ = (await site.counters())['app']!
    const at = Date.now() + 2 * DAY_MS
    const { entry } = await device.send(app(device, i, 'installed', at + 1), app(device, i, 'refused', at))
    assert.deepEqual(entry.verdicts, ['0 flag future', '1 flag future'])
    assert.equal((await site.counters())['app'], before_ + 1)
  })

  test('the time of arrival is the server\u2019s', async () => {
    const began = Date.now()
    const { entry } = await device.send(device.visit(homes[next++]!.household, { at: began + 2 * DAY_MS }))
    const recv = Number(entry.header['recv'])
    assert.ok(recv >= began && recv <= Date.now())
  })
})

describe('a server whose clock is wrong', () => {
  test('an hour behind: right phones are flagged as ahead, and nothing is lost', async () => {
    await serverAhead(-HOUR_MS)
    assert.deepEqual(await verdicts(device, Date.now()), ['0 flag future'])
    const { entry } = await device.send(device.visit(homes[next++]!.household, { at: Date.now() - HOUR_MS }))
    assert.deepEqual(entry.verdicts, [])
    assert.ok(Math.abs(Number(entry.header['recv']) - (Date.now() - HOUR_MS)) < 60_000)
  })

  test('40 days ahead: what is recorded now is late', async () => {
    await serverAhead(40 * DAY_MS)
    assert.deepEqual(await verdicts(device, Date.now()), ['0 flag late'])
    assert.deepEqual(await verdicts(device, Date.now() + 40 * DAY_MS), [])
  })

  test('the log\u2019s times may go back: right again, all receipts hold', async () => {
    const batch = device.batch([device.visit(homes[next++]!.household)])
    const ahead = await device.sync(batch)
    await serverAhead(0)
    const again = await device.sync(batch)
    assert.ok(again.receipt.extra.equals(ahead.receipt.extra), 'the time of arrival is that of the first attempt')
    const { entry, receipt } = await device.send(device.visit(homes[next++]!.household))
    assert.deepEqual(entry.verdicts, [])
    assert.ok(receipt.index > ahead.receipt.index)
    assert.ok(Number(entry.header['recv']) < Number(ahead.entry.header['recv']))
  })

  test('a signed request is stale: the phone takes the server\u2019s time from the answer and goes on', async () => {
    const phone = new Phone(site, 'clock')
    await phone.enrol('W0001')
    for (const offset of [3 * HOUR_MS, -3 * HOUR_MS, 0]) {
      await serverAhead(offset)
      const stale = await device.request('GET', '/v1/changes')
      assert.equal(stale.status, offset === 0 ? 200 : 401)
      if (offset !== 0) {
        const said = JSON.parse(stale.body) as { type: string; now: number }
        assert.equal(said.type, '/problems/stale-signature')
        assert.ok(Math.abs(said.now - Date.now() - offset) < 60_000)
      }
      await phone.ok('move', '--server', site.url)
      await phone.syncAll()
      await phone.record('visit', homes[1]!.household, '--outcome', 'met')
      await phone.syncAll()
      assert.equal((await phone.status()).waiting, 0)
    }
  })
})
