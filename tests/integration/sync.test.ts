/* Verdicts, holds, voids, decisions, revocation and erasure around a real server: what each does to
 * the figures, and that a recount always agrees. */
import { strict as assert } from 'node:assert'
import { after, afterEach, before, describe, test } from 'node:test'
import { Device, problem } from './lib/device'
import { COUNTY, GRID, GRID_FAR, homes, Site } from './lib/site'
import { pseudonym, receiptVerify, sha256, uuid } from './lib/wire'

let site: Site
let device: Device // of W0001
let colleague: Device // of W0002, same grid
let far: Device // of W0004, another village
let next = 0

/** A counted home of the first grid that no other test uses. */
const fresh = (): string => homes[next++]!.household
const photo = (word: string): string => sha256(word).toString('hex')
const figure = async (name: string, grid = GRID): Promise<number> => (await site.counters(grid))[name]!

before(async () => {
  site = await Site.start()
  device = await site.device('W0001')
  colleague = await site.device('W0002')
  far = await site.device('W0004')
})
after(() => site?.stop())
afterEach(() => site.recount())

describe('sent again', () => {
  test('the same batch: the same entry, no second one, a fresh proof', async () => {
    const batch = device.batch([device.visit(fresh())])
    const first = await device.sync(batch)
    const before = await figure('visits')
    const size = await site.logSize()
    const again = await device.sync(batch)
    assert.equal(again.receipt.index, first.receipt.index)
    assert.deepEqual(again.receipt.extra, first.receipt.extra)
    assert.equal(await site.logSize(), size)
    assert.equal(await figure('visits'), before)
  })

  test('the same origin with other lines: 409, and the first stands', async () => {
    const id = uuid(7)
    await device.sync(device.batch([device.visit(fresh())], { uuid: id }))
    const a = await device.post(device.batch([device.visit(fresh())], { uuid: id }).body)
    assert.deepEqual([a.status, problem(a)], [409, 'batch-conflict'])
  })

  test('the same event in another batch: dup with the index that recorded it', async () => {
    const line = device.visit(fresh())
    const first = await device.send(line)
    const before = await figure('visits')
    const again = await device.send(device.visit(fresh()), line)
    assert.deepEqual(again.entry.verdicts, [`1 dup ${first.receipt.index}`])
    assert.equal(await figure('visits'), before + 1)
  })

  test('the same event twice in one batch: the second is in conflict', async () => {
    const line = device.visit(fresh())
    const { entry } = await device.send(line, line)
    assert.deepEqual(entry.verdicts, ['1 reject conflict'])
  })

  test('the id of another event: reject conflict', async () => {
    const line = device.visit(fresh())
    await device.send(line)
    const { entry } = await device.send(device.visit(fresh(), { id: line.id }))
    assert.deepEqual(entry.verdicts, ['0 reject conflict'])
  })

  test("a colleague's copy of an event is a duplicate too", async () => {
    const line = device.visit(fresh())
    const first = await device.send(line)
    const { entry } = await colleague.send(line)
    assert.deepEqual(entry.verdicts, [`0 dup ${first.receipt.index}`])
  })

  test('twenty phones at once, each its batch twice: each event once', async () => {
    const before = await figure('visits')
    const size = await site.logSize()
    const batches = Array.from({ length: 20 }, (_, i) => {
      const who = i % 2 ? device : colleague
      return { who, batch: who.batch([who.visit(homes[i % 5]!.household), who.visit(homes[5]!.household)]) }
    })
    const answers = await Promise.all([...batches, ...batches].map(({ who, batch }) => who.sync(batch)))
    for (let i = 0; i < 20; i++) assert.equal(answers[i]!.receipt.index, answers[i + 20]!.receipt.index)
    assert.equal(await figure('visits'), before + 40)
    assert.equal(await site.logSize(), size + 20)
  })
})

describe('where and when', () => {
  test('a grid of another county is rejected', async () => {
    const { entry } = await device.send(device.visit(pseudonym(), { grid: '320623100001001' }))
    assert.deepEqual(entry.verdicts, ['0 reject county'])
  })

  test('a clock eleven minutes ahead is flagged, nine minutes are not', async () => {
    const ahead = await device.send(device.visit(fresh(), { at: Date.now() + 660_000 }))
    assert.deepEqual(ahead.entry.verdicts, ['0 flag future'])
    const fine = await device.send(device.visit(fresh(), { at: Date.now() + 540_000 }))
    assert.deepEqual(fine.entry.verdicts, [])
  })

  test('31 days old is flagged late; late and an unknown household come in this order', async () => {
    const at = Date.now() - 31 * 86_400_000
    const { entry } = await device.send(device.visit(pseudonym(), { at }))
    assert.deepEqual(entry.verdicts, ['0 flag late,unknown'])
  })

  test('a seq used before is flagged', async () => {
    const line = device.visit(fresh())
    await device.send(line)
    const { entry } = await device.send(device.visit(fresh(), { seq: device.seq }))
    assert.deepEqual(entry.verdicts, ['0 flag seq'])
  })
})

describe('what a visit, a notice, a pledge and an app attestation count', () => {
  test('met counts the home, once, whoever comes', async () => {
    const home = fresh()
    const before = await site.counters()
    await device.send(device.visit(home, { with: ['police'] }))
    await colleague.send(colleague.visit(home))
    const now = await site.counters()
    assert.equal(now['visited'], before['visited']! + 1)
    assert.equal(now['visits'], before['visits']! + 2)
    assert.equal(now['visits_police'], before['visits_police']! + 1)
  })

  test('by phone it is reached, not visited; an away home counts only for reached', async () => {
    const before = await site.counters()
    await device.send(device.visit(fresh(), { via: 'phone' }))
    const away = homes.find((h) => h.status === 'away')!.household
    await device.send(device.visit(away, { via: 'video' }))
    const now = await site.counters()
    assert.equal(now['visited'], before['visited'])
    assert.equal(now['reached'], before['reached']! + 2)
    assert.equal(now['away_reached'], before['away_reached']! + 1)
  })

  test('a notice left is delivered, not signed', async () => {
    const before = await site.counters()
    await device.send(
      device.event('notice', { household: fresh(), text: 'notice-2026-1', evidence: [], state: 'left' }),
      device.event('notice', { household: fresh(), text: 'notice-2026-1', evidence: [] }),
    )
    const now = await site.counters()
    assert.equal(now['notice_delivered'], before['notice_delivered']! + 2)
    assert.equal(now['notice_signed'], before['notice_signed']! + 1)
  })

  test('a pledge signed, withdrawn, signed again', async () => {
    const i = next++
    const pledge = (state: string, at: number) =>
      device.event(
        'pledge',
        {
          household: homes[i]!.household, resident: homes[i]!.people[0]!.resident, text: 'pledge-2026-1',
          evidence: state === 'signed' ? [photo(`pledge ${at}`)] : [], state, at,
        },
        { signer: '王一' },
      )
    const before = await figure('pledge')
    const t = Date.now() - 10_000
    await device.send(pledge('signed', t))
    assert.equal(await figure('pledge'), before + 1)
    await device.send(pledge('withdrawn', t + 10))
    assert.equal(await figure('pledge'), before)
    await device.send(pledge('signed', t + 20))
    assert.equal(await figure('pledge'), before + 1)
    await device.send(pledge('withdrawn', t + 15)) // arrives last and is older
    assert.equal(await figure('pledge'), before + 1)
  })

  test('the latest app attestation decides, whatever arrives last', async () => {
    const i = next++
    const app = (state: string, at: number, more = {}) =>
      device.event('app', {
        household: homes[i]!.household, resident: homes[i]!.people[0]!.resident, state, real_name: state === 'installed',
        call_alert: state === 'installed', sms_alert: false, evidence: [], at, ...more,
      })
    const before = await site.counters()
    const t = Date.now() - 10_000
    await device.send(app('installed', t + 20, { na: ['sms_alert'] }), app('refused', t))
    const now = await site.counters()
    assert.equal(now['app'], before['app']! + 1)
    assert.equal(now['app_all'], before['app_all']! + 1)
    assert.equal(now['app_sms_alert'], before['app_sms_alert'])
    assert.equal(now['app_refused'], before['app_refused'])
    await device.send(app('removed', t + 30))
    assert.equal(await figure('app'), before['app'])
    assert.equal(await figure('app_removed'), before['app_removed']! + 1)
  })

  test('a household and its people found at the door count at once', async () => {
    const before = await site.counters()
    const home = pseudonym()
    const { entry } = await device.send(
      device.event('household', { household: home, place: 'home', why: 'found' }, { name: '新户主', door: '新1号' }),
      device.event('resident', { household: home, resident: pseudonym(), why: 'found' }, { name: '新户主', born: '1990-01-01' }),
      device.visit(home),
    )
    assert.deepEqual(entry.verdicts, [])
    const now = await site.counters()
    assert.equal(now['homes'], before['homes']! + 1)
    assert.equal(now['population'], before['population']! + 1)
    assert.equal(now['visited'], before['visited']! + 1)
  })

  test('a visit to an unknown household counts as soon as the household is there', async () => {
    const before = await figure('visited')
    const home = pseudonym()
    const { entry } = await device.send(device.visit(home))
    assert.deepEqual(entry.verdicts, ['0 flag unknown'])
    assert.equal(await figure('visited'), before)
    await device.send(device.event('household', { household: home, place: 'home', why: 'found' }, { door: '2' }))
    assert.equal(await figure('visited'), before + 1)
  })
})

describe('void', () => {
  test('takes an event back; before the event arrives too', async () => {
    const before = await figure('visited')
    const one = device.visit(fresh())
    await device.send(one)
    assert.equal(await figure('visited'), before + 1)
    await device.send(device.void_(one.id))
    assert.equal(await figure('visited'), before)
    const two = device.visit(fresh())
    await device.send(device.void_(two.id))
    await device.send(two)
    assert.equal(await figure('visited'), before)
  })

  test("of a colleague's event, or of a void, does nothing", async () => {
    const before = await figure('visited')
    const line = device.visit(fresh())
    await device.send(line)
    await colleague.send(colleague.void_(line.id))
    assert.equal(await figure('visited'), before + 1)
    const undo = device.void_(line.id)
    await device.send(undo, device.void_(undo.id))
    assert.equal(await figure('visited'), before)
  })
})

describe('on hold', () => {
  test('a visit in a grid that was never this worker\u2019s: scope; decided in, it counts; out, not', async () => {
    const home = fresh()
    const before = await figure('visited')
    const line = far.visit(home, { grid: GRID })
    const { entry } = await far.send(line)
    assert.deepEqual(entry.verdicts, ['0 hold scope'])
    assert.equal(await figure('visited'), before)
    assert.match(await site.admin('held', 'list', '--county', COUNTY), new RegExp(line.id))
    await site.admin('decide', 'in', '--county', COUNTY, '--by', 'A0001', '--code', 'helped-out', line.id)
    assert.equal(await figure('visited'), before + 1)
    assert.doesNotMatch(await site.admin('held', 'list', '--county', COUNTY), new RegExp(line.id))
    await site.admin('decide', 'out', '--county', COUNTY, '--by', 'A0001', '--code', 'second-look', line.id)
    assert.equal(await figure('visited'), before)
  })

  test('a household in a grid that nobody imported: no decision before the grid is there', async () => {
    const late = '140522110204099'
    const line = device.event('household', { household: pseudonym(), place: 'home', why: 'found', grid: late }, { door: '9' })
    const good = far.visit(fresh(), { grid: GRID })
    assert.deepEqual((await device.send(line)).entry.verdicts, ['0 hold scope'])
    await far.send(good)
    const before = [await site.logSize(), await figure('visited')]
    const decide = (...events: string[]) => site.adminRun('decide', 'in', '--county', COUNTY, '--by', 'A0001', '--code', 'found-it', ...events)
    const refused = await decide(good.id, line.id)
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, new RegExp(`${line.id} .* grid ${late}, .* grids import`))
    assert.deepEqual([await site.logSize(), await figure('visited')], before)
    assert.deepEqual(await site.pg.sql(`SELECT 1 FROM qm.grid_counter WHERE grid = ${late}`), [])
    await site.importCsv('grids', 'grid,name,population,population_source,population_date', [`${late},网格099,10,test,2026-06-30`])
    assert.equal((await decide(good.id, line.id)).code, 0)
    assert.equal(await figure('visited'), before[1]! + 1)
    assert.equal((await site.counters(late))['homes'], 1)
    await site.recount()
  })

  test('an accepted event can be decided out as well', async () => {
    const before = await figure('visited')
    const line = device.visit(fresh())
    await device.send(line)
    await site.admin('decide', 'out', '--county', COUNTY, '--by', 'A0001', '--code', 'not-true', line.id)
    assert.equal(await figure('visited'), before)
  })

  test('a household that moved away from the worker: moved, and counted where it is now', async () => {
    const home = homes[next++]!
    await site.admin('household', 'move', '--county', COUNTY, '--by', 'A0001', '--household', home.household, '--grid', GRID_FAR)
    const { entry } = await device.send(device.visit(home.household))
    assert.deepEqual(entry.verdicts, ['0 hold moved'])
    const before = await figure('visited', GRID_FAR)
    await far.send(far.visit(home.household, { grid: GRID_FAR }))
    assert.equal(await figure('visited', GRID_FAR), before + 1)
  })

  test('after a revocation: hold revoked, the known batch keeps its receipt', async () => {
    const lost = await site.device('W0002')
    const batch = lost.batch([lost.visit(fresh())])
    const first = await lost.sync(batch)
    await site.admin('revoke', '--county', COUNTY, '--by', 'A0001', '--device', lost.name, '--lost', String(Date.now() - 1000))
    const { entry } = await lost.send(lost.visit(fresh()))
    assert.deepEqual(entry.verdicts, ['0 hold revoked'])
    assert.equal((await lost.sync(batch)).receipt.index, first.receipt.index)
    const changes = await lost.request('GET', '/v1/changes')
    assert.deepEqual([changes.status, problem(changes)], [403, 'revoked'])
  })
})

describe('the office changes the register', () => {
  test('away takes a home out of the denominator and leaves it in that of reached', async () => {
    const before = await site.counters()
    await site.admin('status', 'set', '--county', COUNTY, '--by', 'A0001', '--household', fresh(), '--status', 'away')
    const now = await site.counters()
    assert.equal(now['homes'], before['homes']! - 1)
    assert.equal(now['homes_near'], before['homes_near'])
    assert.equal(now['population'], before['population']! - 2)
  })

  test('a merged household\u2019s visits count for the one that stays', async () => {
    const [gone, stays] = [fresh(), fresh()]
    await device.send(device.visit(gone))
    const before = await site.counters()
    await site.admin('household', 'merge', '--county', COUNTY, '--by', 'A0001', '--household', gone, '--into', stays)
    const now = await site.counters()
    assert.equal(now['homes'], before['homes']! - 1)
    assert.equal(now['visited'], before['visited'])
  })
})

describe('erasure', () => {
  test('takes P and names, and leaves every proof and figure', async () => {
    const i = next++
    const line = device.event(
      'visit',
      { household: homes[i]!.household, outcome: 'met', topics: [], near: 'yes', secs: 60 },
      { met: '王一', phone: '10040000099' },
    )
    const sent = await device.send(line)
    const salt = (JSON.parse(line.p!) as { s: string }).s
    const askFor = async () =>
      fetch(`${site.url}/v1/receipt`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ id: line.id, s: salt }),
      })
    const found = await askFor()
    assert.equal(found.status, 200)
    const copy = (await found.json()) as { event: string; batch: string }
    assert.equal(receiptVerify(copy.event, device.vkey).extra.toString('utf8'), line.e)
    receiptVerify(copy.batch, site.logKey)
    const before = await site.counters()
    await site.admin('erase', '--county', COUNTY, '--by', 'A0001', line.id, homes[i]!.people[0]!.resident)
    assert.deepEqual(await site.counters(), before)
    assert.equal((await askFor()).status, 404)
    const again = await device.sync(sent.batch)
    assert.equal(again.receipt.index, sent.receipt.index)
    receiptVerify(sent.text, site.logKey)
    const dup = await device.send(line)
    assert.deepEqual(dup.entry.verdicts, [`0 dup ${sent.receipt.index}`])
  })

  test('of a household takes P and head of those that were merged into it', async () => {
    const [gone, between, stays] = [fresh(), fresh(), fresh()]
    const line = device.event('visit', { household: gone, outcome: 'met', topics: [], near: 'yes', secs: 60 }, { met: '王一' })
    const sent = await device.send(line)
    for (const [from, into] of [[gone, between], [between, stays]] as const)
      await site.admin('household', 'merge', '--county', COUNTY, '--by', 'A0001', '--household', from, '--into', into)
    const body = JSON.stringify({ id: line.id, s: (JSON.parse(line.p!) as { s: string }).s })
    const askFor = async () => (await fetch(`${site.url}/v1/receipt`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status
    assert.equal(await askFor(), 200)
    const before = await site.counters()
    await site.admin('erase', '--county', COUNTY, '--by', 'A0001', stays)
    assert.equal(await askFor(), 404)
    const cards = `SELECT count(head) FROM qm.household_card WHERE household = ANY (ARRAY(SELECT qm.pseudonym_id(u) FROM unnest('{${gone},${between},${stays}}'::text[]) u))`
    assert.deepEqual(await site.pg.sql(cards), ['0'])
    assert.deepEqual(await site.counters(), before)
    await site.recount()
    receiptVerify(sent.text, site.logKey)
    assert.equal((await device.sync(sent.batch)).receipt.index, sent.receipt.index)
  })
})
