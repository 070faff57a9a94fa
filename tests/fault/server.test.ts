/* The server and its database are killed, stopped and told to reload in the middle of the work: what
 * was answered is there once, and the rest comes with the next attempt. */
import { strict as assert } from 'node:assert'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { ask, BATCH_TYPE, Device, problem } from '../integration/lib/device'
import { homes, Site } from '../integration/lib/site'
import { sleep, until } from '../integration/lib/until'
import { chance, ROUNDS } from './lib/chance'
import { killCluster } from './lib/cluster'
import { metric, once, problemOf } from './lib/http'
import { allHolds } from './lib/ledger'
import { Load, post, taken } from './lib/load'

const luck = chance()
let site: Site
let devices: Device[]
let load: Load

before(async () => {
  site = await Site.start(['db_timeout_ms = 2000'])
  devices = await Promise.all(['W0001', 'W0001', 'W0002', 'W0003', 'W0004', 'W0004'].map((account) => site.device(account)))
  load = new Load(() => [site.url], devices, luck.child())
})
after(() => site?.stop())

describe('the server is killed in the middle of syncs', () => {
  for (let round = 1; round <= ROUNDS; round++) {
    test(`round ${round}`, async () => {
      load.start()
      await load.more(luck.between(5, 30))
      await sleep(luck.between(0, 25))
      await site.restart('SIGKILL')
      await load.more(10)
      await load.stop()
      await allHolds(site, load, luck)
    })
  }
  test('connections were really lost', () => assert.ok(load.cut > 0))
})

describe('PostgreSQL is killed in the middle of syncs; the server stays', () => {
  for (let round = 1; round <= ROUNDS; round++) {
    test(`round ${round}`, async () => {
      load.start()
      await load.more(luck.between(5, 30))
      await sleep(luck.between(0, 25))
      await killCluster(site.pg)
      const asked = post(site.url, devices[0]!.batch([devices[0]!.visit(homes[0]!.household)]))
      await until('not ready', async () => (await once(`${site.url}/readyz`)).status === 503)
      const refused = await asked
      assert.deepEqual([refused.status, problemOf(refused)], [503, 'overload'], refused.body)
      assert.match(refused.retryAfter, /^[1-9][0-9]*$/)
      assert.equal((await once(`${site.url}/healthz`)).status, 200)
      await site.pg.restart()
      await until('ready again', async () => (await once(`${site.url}/readyz`)).status === 200)
      await load.more(10)
      await load.stop()
      await allHolds(site, load, luck)
    })
  }
})

describe('the server is stopped in the middle of syncs', () => {
  for (let round = 1; round <= ROUNDS; round++) {
    test(`round ${round}: what was answered is there, exit code 0`, async () => {
      load.start()
      await load.more(luck.between(5, 20))
      await sleep(luck.between(0, 25))
      const code = await site.end('SIGTERM')
      assert.equal(code, 0, site.log)
      await site.serve()
      await load.more(5)
      await load.stop()
      await allHolds(site, load, luck)
    })
  }

  test('a request that had begun is answered, new ones are not taken', async () => {
    const device = devices[0]!
    const batch = device.batch([device.visit(homes[1]!.household)])
    const length = Buffer.byteLength(batch.body)
    const bytes = Buffer.from(`POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Type: ${BATCH_TYPE}\r\nContent-Length: ${length}\r\n\r\n${batch.body}`)
    const socket = connect(site.port, '127.0.0.1')
    const answer = new Promise<string>((resolve, reject) => {
      const parts: Buffer[] = []
      socket.on('data', (b) => parts.push(b))
      socket.on('error', reject)
      socket.on('close', () => resolve(Buffer.concat(parts).toString('utf8')))
    })
    socket.write(bytes.subarray(0, bytes.length - 50))
    await until('the server knows of it', async () => (await metric(site.url, 'qm_http_connections')) > 1)
    const ended = site.end('SIGTERM')
    await until('nobody new gets in', async () => (await once(`${site.url}/healthz`).catch(() => null))?.status !== 200)
    socket.write(bytes.subarray(bytes.length - 50))
    const got = await answer
    assert.equal(await ended, 0)
    await site.serve()
    const again = taken(device, batch, await post(site.url, batch))
    load.sent.push(again)
    const status = Number(/^HTTP\/1\.1 (\d+)/.exec(got)?.[1] ?? 0)
    assert.ok(status === 200 || status === 503, got)
    if (status === 200) assert.match(got, new RegExp(`^index ${again.receipt.index}$`, 'm'))
    await allHolds(site, load, luck)
  })
})

describe('settings are read again at SIGHUP, in the middle of syncs', () => {
  test('a budget takes effect and goes again; a file that does not parse changes nothing', async () => {
    load.start()
    const reloaded = async (settings: string[] | undefined, event: string): Promise<void> => {
      const before = site.log.split('\n').filter((line) => line.includes(`"${event}"`)).length
      site.writeConfig(settings)
      site.signal('SIGHUP')
      await until(event, () => site.log.split('\n').filter((line) => line.includes(`"${event}"`)).length > before)
    }
    await load.more(5)
    await reloaded(['no_such_setting = 1'], 'not-reloaded')
    await load.more(5)
    await load.stop()
    await reloaded(['address_per_minute = 1'], 'reloaded')
    await until('the budget is used up', async () => (await once(`${site.url}/v1/openapi.json`)).status === 429)
    await reloaded(undefined, 'reloaded')
    await until('the budget is back', async () => (await once(`${site.url}/v1/openapi.json`)).status === 200)
    load.start()
    await load.more(5)
    await load.stop()
    await allHolds(site, load, luck)
  })
})

test('a change of the office that could not begin, because somebody else keeps the county, is not made later either', async () => {
  const office = await site.token('A0001', 'township', '140522110')
  const door = homes[0]!
  const worker = async (): Promise<string> =>
    (await site.pg.sql(`SELECT worker FROM qm.household WHERE household = qm.pseudonym_id('${door.household}')`))[0]!
  const give = (account: string) =>
    ask(`${site.url}/v1/register/households/${door.household}/worker`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${office}`, 'content-type': 'application/json' },
      body: JSON.stringify({ account }),
    })
  const release = await site.hold()
  const answers = await Promise.all([give('W0001'), give('W0001')])
  assert.deepEqual(answers.map((a) => [a.status, problem(a)]), [[503, 'overload'], [503, 'overload']])
  const waiting = await site.pg.sql(`SELECT count(*) FROM pg_stat_activity WHERE application_name = 'qiaomend' AND state <> 'idle'`)
  await release()
  assert.deepEqual(waiting, ['0'], 'nobody waits on for the county')
  assert.equal(await worker(), door.worker)
  assert.equal((await give('W0001')).status, 200)
  assert.equal(await worker(), 'W0001')
})
