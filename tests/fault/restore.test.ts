/* The database is put back to an older backup: the server does not sign a second history; `log
 * continue` goes on under a new name, phones send again what the backup lacks, and what people hold
 * of the old log stays true. */
import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Device } from '../integration/lib/device'
import { COUNTY, homes, HOST, Site } from '../integration/lib/site'
import { until } from '../integration/lib/until'
import { entryRead, receiptVerify, VerifierKey, vkeyRead, vkeyText } from '../integration/lib/wire'
import { chance, ROUNDS } from './lib/chance'
import { backup, placeOf, restore } from './lib/cluster'
import { metric, once, problemOf } from './lib/http'
import { allHolds, placed, recorded } from './lib/ledger'
import { Load, Old, post, Sent, taken } from './lib/load'
import { Phone } from './lib/phone'
import { checkpointRead, leavesRead, rootsAt } from './lib/tiles'

const luck = chance()
const mine = homes.filter((h) => h.worker === 'W0001' && h.people.length > 1)
const old: Old[] = []
let site: Site
let devices: Device[]
let load: Load
let phones: Phone[]

before(async () => {
  site = await Site.start(['db_timeout_ms = 2000'])
  devices = await Promise.all(['W0001', 'W0002', 'W0003', 'W0004'].map((account) => site.device(account)))
  load = new Load(() => [site.url], devices, luck.child())
  phones = [new Phone(site, 'one'), new Phone(site, 'two')]
  for (const p of phones) {
    await p.enrol('W0001')
    await p.syncAll()
  }
})
after(() => site?.stop())

async function work(batches: number): Promise<void> {
  load.start()
  for (const p of phones) {
    for (let i = 0; i < 3; i++) await p.record('visit', luck.of(mine).household, '--outcome', 'met', '--met', '王一')
    await p.record('household', '--name', '新户', '--door', '新')
    await p.syncAll()
  }
  await load.more(batches)
  await load.stop()
}

async function receiptOf(p: Phone): Promise<Old> {
  return { text: (await p.ok('receipt', p.stored.at(-1)!))['batch'] as string, key: site.logKey }
}

const sizeInDatabase = async (): Promise<number> =>
  Number((await site.pg.sql(`SELECT size FROM qm.log_head WHERE county = ${COUNTY}`))[0])

async function refusesToSign(size: number): Promise<void> {
  const d = devices[0]!
  await until('it says that the log is stopped', async () => problemOf(await post(site.url, d.batch([d.visit(homes[0]!.household)]))) === 'log-stopped')
  const a = await post(site.url, d.batch([d.visit(homes[0]!.household)]))
  assert.deepEqual([a.status, problemOf(a)], [503, 'log-stopped'])
  assert.match(a.retryAfter, /^[1-9][0-9]*$/)
  const checkpoint = await once(`${site.url}/v1/log/${COUNTY}/checkpoint`)
  assert.deepEqual([checkpoint.status, problemOf(checkpoint)], [503, 'log-stopped'])
  assert.equal(await metric(site.url, 'qm_log_stopped'), 1)
  const p = phones[0]!
  assert.equal((await p.run('sync', '--now')).code, 4, 'the phone is told to come later')
  const stranger = new Phone(site, `stranger-${size}`)
  const code = await site.adminRun('code', 'new', '--county', COUNTY, '--account', 'W0001', '--by', 'A0001')
  assert.equal(code.code, 1, 'the office writes nothing either')
  assert.match(code.stderr, /log continue/)
  await assert.rejects(stranger.enrol('W0001'))
  const rotation = await p.run('rotate')
  assert.equal(rotation.code, 4, `${rotation.stdout}${rotation.stderr}`)
  assert.equal(await sizeInDatabase(), size, 'nothing was written')
}

/** Goes on, checks the first entry of the new tree, and gives the new key. */
async function goOn(tree: number, size: number, before_: VerifierKey): Promise<VerifierKey> {
  await site.admin('log', 'continue', '--county', COUNTY, '--by', 'A0001')
  const [text] = await site.pg.sql(`SELECT vkey FROM qm.log_tree WHERE county = ${COUNTY} AND tree = ${tree}`)
  const key = vkeyRead(text!)
  assert.equal(key.name, `${HOST}/log/${COUNTY}-${tree}`)
  assert.notDeepEqual(key.key, before_.key)
  site.logKey = key
  await until('it signs again', async () => (await once(`${site.url}/v1/log/${COUNTY}/checkpoint`)).status === 200)
  const { leaves } = await leavesRead(site.url, COUNTY, key)
  const root = rootsAt(leaves, [size]).get(size)!
  const [hex] = await site.pg.sql(`SELECT encode(body, 'hex') FROM qm.log_entry WHERE county = ${COUNTY} AND idx = ${size}`)
  const entry = entryRead(Buffer.from(hex!, 'hex'))
  assert.deepEqual([entry.type, entry.header['by'], entry.payload], ['config/v1', 'A0001', `after ${before_.name} ${size} ${root.toString('base64')}\n`])
  const left = await checkpointRead(site.url, `${COUNTY}-${tree - 1}`, before_)
  assert.deepEqual([left.origin, left.size, left.root], [before_.name, size, root])
  return key
}

/** The devices of the load do what a phone does; receipts of the old log are kept for later. */
async function sendAgain(size: number, key: VerifierKey): Promise<void> {
  const before_ = load.sent.splice(0)
  for (const d of devices) d.log = key
  const lanes = Array.from({ length: 4 }, async () => {
    for (let s = before_.pop(); s; s = before_.pop()) load.sent.push(await again(s, size))
  })
  await Promise.all(lanes)
}

async function again(s: Sent, size: number): Promise<Sent> {
  const now = taken(s.device, s.batch, await post(site.url, s.batch))
  if (s.receipt.index < size) {
    assert.equal(now.receipt.index, s.receipt.index)
    assert.ok(now.receipt.extra.equals(s.receipt.extra))
  } else {
    assert.ok(now.receipt.index > size, 'what was lost comes behind the new beginning')
  }
  return now
}

/** What the phone shows of households; two phones of an account must show the same. */
async function mirror(p: Phone): Promise<unknown> {
  const { households } = (await p.ok('list')) as { households: { household: string }[] }
  return households.sort((a, b) => (a.household < b.household ? -1 : 1))
}

async function oldReceiptsHold(): Promise<void> {
  for (const { text, key } of old) receiptVerify(text, key)
  const { text, key } = old.at(-1)!
  const file = join(site.dir, 'old-receipt')
  writeFileSync(file, text)
  await phones[0]!.ok('verify', '--key', vkeyText(key), file)
  assert.equal((await phones[0]!.run('verify', '--key', vkeyText(site.logKey), file)).code, 1)
}

describe('the database is put back', () => {
  for (let round = 1; round <= ROUNDS; round++) {
    const stopped = round % 2 === 0
    test(`round ${round}: ${stopped ? 'while the server is down' : 'under the server'}`, async () => {
      const copy = join(placeOf(site.pg), 'older')
      await work(luck.between(3, 12))
      await backup(site.pg, copy)
      const size = await sizeInDatabase()
      await until('ready', async () => (await once(`${site.url}/readyz`)).status === 200)
      const late = new Phone(site, `late-${round}`)
      await late.enrol('W0001')
      await late.syncAll()
      await late.record('visit', luck.of(mine).household, '--outcome', 'met')
      await late.syncAll()
      await work(luck.between(5, 15))
      const before_ = site.logKey
      old.push(...load.sent.slice(-3).map((s) => ({ text: s.text, key: before_ })), await receiptOf(phones[0]!))
      assert.ok((await sizeInDatabase()) > size + 5)
      await phones[0]!.record('visit', mine[0]!.household, '--outcome', 'absent')

      if (stopped) await site.end('SIGTERM')
      await restore(site.pg, copy)
      if (stopped) await site.serve()
      for (const p of [...phones, late]) await p.ok('move', '--server', site.url)
      await refusesToSign(size)

      const key = await goOn(round + 1, size, before_)
      for (const p of phones) await p.syncAll()
      await sendAgain(size, key)
      const unknown = await late.run('sync', '--now')
      assert.deepEqual([unknown.code, (JSON.parse(unknown.stdout) as { error: string }).error], [5, 'unknown-key'], 'a phone enrolled since the backup enrols again')
      await late.enrol('W0001')
      await late.syncAll()

      for (const p of [...phones, late]) {
        const s = await p.status()
        assert.deepEqual([s.waiting, s.held, s.rejected, s.alarm, s.stopped], [0, 0, 0, '', ''], p.name)
        assert.deepEqual([s.log, s.log_key], [key.name, vkeyText(key)], p.name)
      }
      for (const p of phones) await p.syncAll()
      const fresh = new Phone(site, `fresh-${round}`)
      await fresh.enrol('W0001')
      await fresh.syncAll()
      for (const p of phones) assert.deepEqual(await mirror(p), await mirror(fresh), `${p.name} shows other states than a new phone`)

      phones.push(late)
      await allHolds(site, load, luck, [...phones.flatMap((p) => p.stored), ...extra])
      phones.pop()
      extra.push(...late.stored)
      await oldReceiptsHold()
    })
  }

  test('the last history holds, and work goes on', async () => {
    await work(5)
    await allHolds(site, load, luck, [...phones.flatMap((p) => p.stored), ...extra])
    placed(load.sent, await recorded(site))
  })
})

/** Events of phones that were needed in one round only. */
const extra: string[] = []
