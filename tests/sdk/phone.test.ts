/* The phone's client where it lives: IndexedDB, WebCrypto and locks of a real browser, a real server,
 * tabs that die, a network that loses answers, a full disk, clocks that are off. */
import { strict as assert } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Browser } from 'playwright-core'
import { must, run } from '../integration/lib/command'
import { COUNTY, homes, HOST, Site } from '../integration/lib/site'
import { until } from '../integration/lib/until'
import { qiaomen } from '../integration/lib/where'
import { InPage, launch, Phone, Way } from './lib/tab'

const DAY_MS = 86400000
let site: Site
let way: Way
let browser: Browser
let phone: Phone

before(async () => {
  site = await Site.start()
  way = await Way.open(site)
  browser = await launch()
  phone = await fresh()
})
after(async () => {
  await browser?.close()
  way?.close()
  await site?.stop()
})

async function fresh(account = 'W0001', quotaBytes?: number): Promise<Phone> {
  const one = await Phone.make(browser, way, quotaBytes)
  await one.enrol(await site.code(account))
  assert.equal((await one.sync()).err, 'ok')
  return one
}
const recorded = async (event: string): Promise<boolean> =>
  (await site.pg.sql(`SELECT count(*) FROM qm.event WHERE id = '${event}'`))[0] === '1'
let next = 0
const home = (): string => homes[next++ % 60]!.household

describe('a tab that dies', () => {
  test('in the middle of saves: what was said to be saved is there, each number once', async () => {
    const said: string[] = []
    await phone.page.exposeFunction('said', (event: string) => said.push(event))
    for (let i = 0; i < 5; i++) {
      const saving = phone.page
        .evaluate(async (household) => {
          const { client, said } = window as unknown as InPage & { said: (event: string) => Promise<void> }
          for (let n = 0; n < 500; n++) await said((await client.record('visit', { household, outcome: 'absent' }, { note: 'x'.repeat(200) })).event)
        }, home())
        .catch(() => undefined)
      await until('some were said to be saved', () => said.length >= 4 * (i + 1))
      await phone.kill()
      await saving
      await phone.page.exposeFunction('said', (event: string) => said.push(event))
    }
    const kept = await phone.do(async (client) => (await client.records()).map((r) => [r.event, r.content.seq] as const), null)
    const ids = new Set(kept.map(([event]) => event))
    assert.deepEqual(said.filter((event) => !ids.has(event)), [])
    assert.deepEqual(kept.map(([, seq]) => seq).sort((a, b) => a - b), Array.from({ length: kept.length }, (_, i) => i + 1))
    await phone.settle()
    for (const event of said) assert.ok(await recorded(event), event)
  })

  test('in the middle of a sync: the same batches go again, nothing counts twice', async () => {
    for (let i = 0; i < 30; i++) await phone.visit(home())
    const before = await site.pg.sql('SELECT count(*) FROM qm.event')
    for (const weather of ['answers lost', 'fine'] as const) {
      way.weather = weather
      const from = way.passed
      const syncing = phone.sync().catch(() => undefined)
      while (way.passed === from) await new Promise((r) => setTimeout(r, 1))
      await phone.kill()
      await syncing
    }
    await phone.settle()
    const after = await site.pg.sql('SELECT count(*) FROM qm.event')
    assert.equal(Number(after[0]) - Number(before[0]), 30)
    assert.equal((await phone.status()).counts.waiting, 0)
    await site.recount()
  })
})

describe('two tabs', () => {
  test('never give a number twice, and one of them syncs', async () => {
    const second = await phone.secondTab()
    const many = (household: string): Promise<number[]> =>
      phone.do(async (client, id) => {
        const made = []
        for (let i = 0; i < 15; i++) made.push((await client.record('visit', { household: id, outcome: 'absent' })).seq)
        return made
      }, household)
    const [one, two] = [phone.page, second]
    const first = many(home())
    phone.page = two
    const other = many(home())
    const all = [...(await first), ...(await other)]
    assert.equal(new Set(all).size, 30)
    const rounds = [phone.sync()]
    phone.page = one
    rounds.push(phone.sync())
    const ends = (await Promise.all(rounds)).map((r) => r.err)
    assert.ok(ends.includes('ok') && ends.every((err) => err === 'ok' || err === 'busy'), ends.join())
    assert.deepEqual((await phone.status()).gaps, [])
    await second.close()
  })
})

describe('receipts', () => {
  test('are checked by the command, both texts', async () => {
    const made = await phone.visit(home())
    await phone.settle()
    const got = await phone.do(async (client, event) => {
      const r = (await client.receipt(event))!
      const text = new TextDecoder()
      return { batch: text.decode(r.batch), single: text.decode(r.single), logKey: r.logKey, deviceKey: r.deviceKey! }
    }, made.event)
    for (const [text, key] of [[got.batch, got.logKey], [got.single, got.deviceKey]] as const) {
      const file = join(site.dir, 'receipt')
      writeFileSync(file, text)
      assert.equal((await run(qiaomen, ['verify', '--key', key, file])).code, 0)
      writeFileSync(file, text.replace(/index ([0-9]+)/, (_, n: string) => `index ${Number(n) + 1}`))
      assert.notEqual((await run(qiaomen, ['verify', '--key', key, file])).code, 0)
    }
  })
  test('a link opens its receipt on the server', async () => {
    const made = await phone.visit(home())
    await phone.settle()
    const [id, s] = made.link!.split('#')[1]!.split('.')
    const answer = await fetch(`${site.url}/v1/receipt`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ id, s }) })
    assert.equal(answer.status, 200)
    const { event } = (await answer.json()) as { event: string }
    const key = await phone.do(async (client, id) => (await client.receipt(id))!.deviceKey!, made.event)
    const file = join(site.dir, 'receipt')
    writeFileSync(file, event)
    assert.equal((await run(qiaomen, ['verify', '--key', key, file])).code, 0)
    assert.ok(Buffer.from(/^extra (.*)$/m.exec(event)?.[1] ?? '', 'base64').toString().includes(made.event), event)
  })
})

describe('hard days', () => {
  test('storage full: the record is refused, all before is kept, and it goes on when there is room', async () => {
    const one = await fresh('W0001', 800_000)
    const kept = await one.visit(home())
    const code = await one.do(async (client, household) => {
      try {
        for (let i = 0; i < 400; i++) await client.record('visit', { household, outcome: 'met' }, { note: 'x'.repeat(1900) })
        return 'none'
      } catch (e) {
        return (e as { code: string }).code
      }
    }, home())
    assert.equal(code, 'disk-full')
    await one.quota(one.page)
    await one.visit(home())
    await one.settle()
    assert.ok(await recorded(kept.event))
    assert.deepEqual((await one.status()).gaps, [])
    await one.close()
  })

  test('a clock two days ahead, then two days back', async () => {
    const one = await fresh('W0002')
    await one.skew(2 * DAY_MS)
    await one.visit(home())
    await one.settle()
    const status = await one.status()
    assert.equal(status.counts.flagged, 1)
    assert.ok(Math.abs(status.clockOffsetMs + 2 * DAY_MS) < 60000, String(status.clockOffsetMs))
    const said = await one.do(async (client) => (await client.records())[0]!, null)
    assert.deepEqual([said.state, said.code], ['flagged', 'future'])
    await one.skew(-2 * DAY_MS)
    await one.visit(home())
    await one.settle()
    assert.deepEqual((await one.status()).gaps, [])
    assert.equal((await one.status()).counts.waiting, 0)
    await one.close()
  })

  test('31 days offline: everything arrives, marked late, and counts', async () => {
    const one = await fresh('W0002')
    way.weather = 'none'
    await one.skew(-31 * DAY_MS)
    const household = homes[59]!.household
    const old = await one.visit(household)
    await one.skew(0)
    const recent = await one.visit(household, 'absent')
    assert.equal((await one.sync()).err, 'offline')
    way.weather = 'fine'
    await one.settle()
    const states = await one.do(async (client) => Object.fromEntries((await client.records()).map((r) => [r.event, `${r.state} ${r.code}`])), null)
    assert.deepEqual([states[old.event], states[recent.event]], ['flagged late', 'confirmed '])
    await one.close()
  })

  test('revoked in mid-work: what was done before is held, then it stops and keeps everything', async () => {
    const one = await fresh()
    way.weather = 'none'
    await one.visit(home())
    const { device } = await one.status()
    await site.admin('revoke', '--county', COUNTY, '--by', 'A0001', '--device', device!, '--lost', String(Date.now() - 1000))
    way.weather = 'fine'
    await one.sync()
    const status = await one.status()
    assert.deepEqual([status.counts.held, status.stopped], [1, 'revoked'])
    await one.visit(home())
    assert.equal((await one.do((client) => client.records(), null)).length, 2)
    assert.equal((await one.sync()).err, 'revoked')
    await one.close()
  })
})

describe('what the office sends', () => {
  test('topics and directives arrive; an acknowledgement without a network gets there later', async () => {
    const one = await fresh()
    const id = '01999000-0000-7000-8000-00000000000a'
    writeFileSync(join(site.dir, 'topics.json'), JSON.stringify([{ code: 'fake-boss', zh: '冒充领导' }]))
    await site.admin('topics', 'set', join(site.dir, 'topics.json'), '--county', COUNTY, '--by', 'C0001')
    await site.pg.sql(`SELECT qm.directive_publish(${COUNTY}, 'A0001', ${Date.now()}, '${id}', '140522110', '入户安排', '本周入户', NULL)`)
    await one.settle()
    assert.deepEqual((await one.do((client) => client.topics(), null)).map((row) => row.zh), ['冒充领导'])
    way.weather = 'none'
    const titles = await one.do(async (client, directive) => {
      await client.acknowledge(directive)
      return (await client.directives()).map((row) => [row.title, row.acknowledged])
    }, id)
    assert.deepEqual(titles, [['入户安排', true]])
    await one.sync()
    way.weather = 'fine'
    await one.settle()
    assert.deepEqual(await site.pg.sql(`SELECT account FROM qm.directive_ack WHERE directive = '${id}'`), ['W0001'])
    await one.close()
  })
})

describe('the queue as a file', () => {
  const PASS = '雨天也要走访'
  test('of the command is posted by the page', async () => {
    const at = join(site.dir, 'c-queue')
    const ok = (...args: string[]): Promise<string> => must(qiaomen, [...args, '--home', at, '--json'])
    await ok('enrol', '--server', site.url, '--host', HOST, '--code', await site.code('W0001'))
    await ok('sync')
    const made = JSON.parse(await ok('visit', home(), '--outcome', 'met', '--met', '王五')) as { event: string }
    const file = join(site.dir, 'from-c')
    const pass = join(site.dir, 'pass')
    writeFileSync(pass, `${PASS}\n`)
    await ok('outbox', 'export', file, '--passphrase-file', pass)
    const bytes = [...readFileSync(file)]
    const take = (): Promise<{ records: number }> =>
      phone.do((client, [file, word]) => client.importQueue(Uint8Array.from(file as number[]), word as string), [bytes, PASS])
    assert.deepEqual(await take(), { records: 1 })
    assert.deepEqual(await take(), { records: 0 })
    await phone.settle()
    assert.ok(await recorded(made.event))
    assert.deepEqual((await phone.status()).others, { waiting: 0, done: 1, refused: 0 })
  })

  test('of the page is posted by the command; both phones together count once', async () => {
    way.weather = 'none'
    const made = await phone.visit(home())
    const got = await phone.do(async (client, word) => {
      const { file, records } = await client.exportQueue(word)
      return { file: [...file], records }
    }, PASS)
    way.weather = 'fine'
    assert.equal(got.records, 1)
    const at = join(site.dir, 'c-taker')
    const ok = (...args: string[]): Promise<string> => must(qiaomen, [...args, '--home', at, '--json'])
    await ok('enrol', '--server', site.url, '--host', HOST, '--code', await site.code('W0002'))
    writeFileSync(join(site.dir, 'from-ts'), Uint8Array.from(got.file))
    await ok('outbox', 'import', join(site.dir, 'from-ts'), '--passphrase-file', join(site.dir, 'pass'))
    await ok('sync')
    assert.ok(await recorded(made.event))
    const before = await site.counters()
    await phone.settle()
    assert.deepEqual(await site.counters(), before)
    assert.equal((await phone.status()).counts.waiting, 0)
  })
})

describe('a restore of the server to an older backup', () => {
  test('the log goes on under another name, and what it lost is there again', async () => {
    const one = await fresh('W0002')
    const early = await one.visit(home())
    await one.settle()
    const dump = join(site.dir, 'older.dump')
    await must('pg_dump', ['-Fc', '-n', 'qm', '-f', dump, '-d', site.pg.conninfo])
    const lost = await one.visit(home())
    await one.settle()
    await site.end('SIGTERM')
    await site.pg.sql('DROP SCHEMA qm CASCADE')
    await must('pg_restore', ['-d', site.pg.conninfo, dump])
    await site.serve()
    const waiting = await one.visit(home())
    assert.equal((await one.sync()).err, 'log-stopped')
    await site.admin('log', 'continue', '--county', COUNTY, '--by', 'A0001')
    await one.settle()
    for (const made of [early, lost, waiting]) {
      assert.ok(await recorded(made.event), made.event)
      const log = await one.do(async (client, event) => (await client.receipt(event))?.log, made.event)
      assert.equal(log, `${HOST}/log/${COUNTY}-2`)
    }
    assert.equal((await one.status()).counts.confirmed, 3)
    await site.recount()
    await one.close()
  })
})
