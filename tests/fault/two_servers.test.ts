/* Two servers on one database at once: one log, one index for a batch, whoever answers. */
import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { Device, Line } from '../integration/lib/device'
import { COUNTY, homes, Site } from '../integration/lib/site'
import { until } from '../integration/lib/until'
import { chance, ROUNDS } from './lib/chance'
import { metric, once } from './lib/http'
import { allHolds } from './lib/ledger'
import { Load, makeLines, post, taken } from './lib/load'
import { SecondServer } from './lib/server'

const luck = chance()
let site: Site
let second: SecondServer
let devices: Device[]
let load: Load

before(async () => {
  site = await Site.start()
  second = await SecondServer.start(site)
  devices = await Promise.all(['W0001', 'W0002', 'W0003', 'W0004'].map((account) => site.device(account)))
  load = new Load(() => [site.url, second.url], devices, luck.child())
})
after(async () => {
  await second?.stop()
  await site?.stop()
})

describe('load on both, and each batch to both at the same moment', () => {
  for (let round = 1; round <= ROUNDS; round++) {
    test(`round ${round}`, async () => {
      const own: Line[] = []
      load.start()
      for (let i = 0; i < 20; i++) {
        const device = luck.of(devices)
        const batch = device.batch(makeLines(device, luck, own))
        const [a, b] = await Promise.all([site.url, second.url].map(async (url) => taken(device, batch, await post(url, batch))))
        assert.equal(a!.receipt.index, b!.receipt.index, 'two indexes for one batch')
        assert.ok(a!.receipt.extra.equals(b!.receipt.extra))
        load.sent.push(a!)
        own.push(...batch.lines)
      }
      await load.more(20)
      await load.stop()
      await allHolds(site, load, luck)
      const [one, two] = await Promise.all([site.url, second.url].map((url) => once(`${url}/v1/log/${COUNTY}/checkpoint`)))
      assert.equal(one!.body, two!.body, 'two servers sign one head in the same way')
      assert.equal(await metric(second.url, 'qm_bugs_total'), 0)
    })
  }
  test('no deadlock, nothing refused', async () => {
    assert.deepEqual(await site.pg.sql(`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`), ['0'])
    assert.deepEqual([load.cut, load.refused], [0, 0])
  })
})

describe('one of the two goes away in the middle', () => {
  for (let round = 1; round <= ROUNDS; round++) {
    test(`round ${round}: phones go on with the other`, async () => {
      load.start()
      await load.more(luck.between(5, 20))
      if (round % 2) {
        await site.restart('SIGKILL')
      } else {
        assert.equal(await second.stop(), 0)
        second = await SecondServer.start(site)
      }
      await load.more(10)
      await load.stop()
      await allHolds(site, load, luck)
      await until('the second serves the same log', async () => (await once(`${second.url}/v1/log/${COUNTY}/checkpoint`)).body === (await once(`${site.url}/v1/log/${COUNTY}/checkpoint`)).body)
    })
  }
})

test('what one has enrolled and revoked, the other knows', async () => {
  const device = await site.device('W0002')
  const lines: Line[] = []
  const batch = device.batch(makeLines(device, luck, lines))
  load.sent.push(taken(device, batch, await post(second.url, batch)))
  await site.admin('revoke', '--county', COUNTY, '--by', 'A0001', '--device', device.name, '--lost', String(Date.now()))
  const held = device.batch([device.visit(homes[0]!.household)])
  const got = taken(device, held, await post(second.url, held))
  assert.deepEqual(got.entry.verdicts, ['0 hold revoked'])
  load.sent.push(got)
  await allHolds(site, load, luck)
})
