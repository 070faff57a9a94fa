/* Figures day by day, and how fast they grow: days are closed by the nightly job and by nothing else. */
import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ask, Device } from './lib/device'
import { Description } from './lib/shape'
import { COUNTY, homes, Site } from './lib/site'

const VILLAGE = '140522110204'
const TOWNSHIP = '140522110'
const DAY_MS = 86_400_000

interface DayFigure { state: string; num: number; den: number }
interface Trend { within: string; days: { day: string; size: number; figures: Record<string, DayFigure> }[] }
interface PaceFigure { state: string; week: number | null; needed: number | null; forecast: string | null; in_time: boolean | null; at_due: number | null; since: string | null; next: { state: string; forecast: string | null; in_time: boolean | null; at_due: number | null } | null }
interface Pace { rows: { code: string; figures: Record<string, PaceFigure> }[] }

let site: Site
let api: Description
let device: Device
let secretary: string, township: string

const today = new Date(Date.now() + 8 * 3_600_000)
const day = (ago: number): string => new Date(today.getTime() - ago * DAY_MS).toISOString().slice(0, 10)

async function read<T>(token: string, path: string, schema: string): Promise<T> {
  const a = await ask(site.url + path, { headers: { Authorization: `Bearer ${token}` } })
  assert.equal(a.status, 200, a.body)
  const value = JSON.parse(a.body) as T
  assert.deepEqual(api.faults(value, api.schema(schema)), [])
  return value
}
const status = async (token: string, path: string): Promise<number> =>
  (await ask(site.url + path, { headers: { Authorization: `Bearer ${token}` } })).status

/** Sets the county back to a day and closes it, as the night after that day does. */
async function closeDay(ago: number): Promise<void> {
  // In one transaction, and today is left behind: the server's own night must find nothing to close.
  await site.pg.sql(`UPDATE qm.log_head SET age_day = '${day(ago)}'; SELECT * FROM qm.birthdays(${COUNTY}, '${day(ago - 1)}');
    UPDATE qm.log_head SET age_day = '${day(0)}'`)
}

before(async () => {
  site = await Site.start()
  api = new Description(JSON.parse((await ask(`${site.url}/v1/openapi.json`)).body) as Record<string, unknown>)
  device = await site.device('W0001')
  secretary = await site.token('S0001', 'secretary', VILLAGE)
  township = await site.token('A0001', 'township', TOWNSHIP)
  const targets = [{ metric: 'visited', prefix: TOWNSHIP, basis: 'door', threshold: 10000, from: day(30), due: day(-30), assurance: 'reported' }]
  writeFileSync(join(site.dir, 'targets.json'), JSON.stringify(targets))
  await site.admin('targets', 'set', join(site.dir, 'targets.json'), '--county', COUNTY, '--by', 'C0001')
  await device.send(...homes.slice(0, 4).map((h) => device.visit(h.household)))
  await closeDay(12)
  await device.send(...homes.slice(4, 10).map((h) => device.visit(h.household)))
  await closeDay(9)
  await device.send(...homes.slice(10, 16).map((h) => device.visit(h.household)))
  await closeDay(1)
})
after(() => site?.stop())

describe('the trend', () => {
  test('has the figures that stood when each day was closed, for the village and above', async () => {
    for (const [token, within] of [[secretary, VILLAGE], [township, TOWNSHIP]] as const) {
      const t = await read<Trend>(token, `/v1/trend?within=${within}`, 'Trend')
      assert.deepEqual(t.days.map((d) => [d.day, d.figures['visited']!.num]), [[day(12), 4], [day(9), 10], [day(1), 16]])
      assert.ok(t.days[0]!.size < t.days[2]!.size)
    }
  })

  test('is closed once a day: asked again it changes nothing', async () => {
    await site.pg.sql(`UPDATE qm.log_head SET age_day = '${day(9)}'`)
    await site.pg.sql(`SELECT * FROM qm.birthdays(${COUNTY}, '${day(0)}')`)
    const t = await read<Trend>(secretary, `/v1/trend?from=${day(9)}&until=${day(9)}`, 'Trend')
    assert.deepEqual(t.days.map((d) => d.figures['visited']!.num), [10])
  })

  test('keeps to the caller\'s area and to sound questions', async () => {
    assert.equal(await status(secretary, `/v1/trend?within=${TOWNSHIP}`), 403)
    for (const bad of ['from=2026-02-30', `from=${day(0)}&until=${day(1)}`, 'until=2026-11-21&from=2020-01-01', `within=${VILLAGE}001`]) {
      assert.equal(await status(secretary, `/v1/trend?${bad}`), 400, bad)
    }
  })
})

describe('the pace', () => {
  test('says what the week brought, what is needed a day, and when it will be done', async () => {
    const rows = (await read<Pace>(township, `/v1/pace?within=${TOWNSHIP}`, 'Pace')).rows
    const f = rows.find((r) => r.code === VILLAGE)!.figures['visited']!
    const den = (await read<Trend>(secretary, '/v1/trend', 'Trend')).days[0]!.figures['visited']!.den
    const gap = den - 16
    assert.equal(f.state, 'ok')
    assert.equal(f.needed, Math.ceil(gap / 30))
    assert.equal(f.forecast, day(-Math.ceil((gap * 12) / 12))) // twelve doors in twelve days
    assert.equal(f.in_time, gap <= 30)
    assert.equal(f.at_due, Math.floor((10000 * Math.min(den, 16 + 30)) / den))
    assert.deepEqual([f.since, f.next], [day(12), null])
  })

  test('counts what is carried over and tells none of it as a gain', async () => {
    const figure = async (): Promise<PaceFigure> => (await read<Pace>(secretary, '/v1/pace', 'Pace')).rows[0]!.figures['visited']!
    const before = await figure()
    const counted = (await site.counters())['visited']!
    await device.send(...homes.slice(30, 35).map((h) => device.visit(h.household, { via: 'carried', done: '20260305' })))
    const after = await figure()
    const den = (await read<Trend>(secretary, '/v1/trend', 'Trend')).days[0]!.figures['visited']!.den
    const gap = den - 16 - 5
    assert.equal((await site.counters())['visited'], counted + 5)
    assert.deepEqual([after.week, after.needed, after.forecast], [before.week, Math.ceil(gap / 30), day(-gap)])
    await device.send(device.visit(homes[35]!.household, { via: 'carried' }))
    await device.send(device.visit(homes[36]!.household))
    assert.equal((await figure()).forecast, day(-Math.ceil(((gap - 2) * 12) / 13)), 'a door of today is a gain, thirteen in twelve days')
  })

  test('of a stage that is met it tells the next, by the same days', async () => {
    const set = async (threshold: number): Promise<void> => {
      const stage = (t: number, due: string): object => ({ metric: 'visited', prefix: COUNTY, basis: 'door', threshold: t, from: '2020-01-01', due, assurance: 'reported' })
      writeFileSync(join(site.dir, 'stages.json'), JSON.stringify([stage(threshold, day(-30)), stage(10000, day(-60))]))
      await site.admin('targets', 'set', join(site.dir, 'stages.json'), '--county', COUNTY, '--by', 'C0001')
    }
    const figure = async (): Promise<PaceFigure> => (await read<Pace>(secretary, '/v1/pace', 'Pace')).rows[0]!.figures['visited']!
    await set(10000)
    const whole = await figure()
    await set(100)
    const met = await figure()
    assert.deepEqual([whole.next, met.state, met.forecast, met.since], [null, 'done', null, day(12)])
    assert.deepEqual([met.next!.state, met.next!.forecast], ['ok', whole.forecast])
    await set(10000)
  })

  test('tells no target apart from too little to go by', async () => {
    const before = await read<Pace>(secretary, '/v1/pace', 'Pace')
    assert.deepEqual([before.rows.length, before.rows[0]!.figures['app']!.state], [1, 'no_target'])
    await site.pg.sql(`DELETE FROM qm.area_day WHERE day < '${day(5)}'`)
    const after = await read<Pace>(secretary, '/v1/pace', 'Pace')
    assert.deepEqual([after.rows[0]!.figures['visited']!.state, after.rows[0]!.figures['visited']!.forecast], ['too_little', null])
  })

  test('keeps to the caller\'s area', async () => {
    assert.equal(await status(secretary, `/v1/pace?within=${TOWNSHIP}`), 403)
    assert.equal(await status(secretary, '/v1/pace?level=township'), 400)
    assert.equal(await status(secretary, '/v1/pace?level=grid'), 400)
  })
})

describe('what opens', () => {
  const rows = async (token: string, kind: string, query: string, schema: string): Promise<Record<string, unknown>[]> => {
    const all: Record<string, unknown>[] = []
    for (let next: string | null = ''; next !== null; ) {
      const page: { rows: Record<string, unknown>[]; next: string | null } = await read(token, `/v1/lists/${kind}?limit=3&${query}${next && `&after=${next}`}`, schema)
      all.push(...page.rows)
      next = page.next
    }
    return all
  }

  test('the number of visits, into who went where and when, and never how it went', async () => {
    const withPolice = device.visit(homes[40]!.household, { with: ['police'] })
    await device.send(withPolice, device.visit(homes[40]!.household, { outcome: 'refused', via: 'paper', done: '20260305' }))
    const visits = (await site.counters())['visits']!
    const all = await rows(secretary, 'visits', `within=${VILLAGE}`, 'VisitPage')
    assert.deepEqual([all.length, new Set(all.map((v) => v['event'])).size], [visits, visits])
    const [police] = await rows(secretary, 'visits', 'part=police', 'VisitPage')
    assert.deepEqual([police!['event'], police!['household'], police!['police'], police!['worker'], police!['head'], police!['via']], [withPolice.id, homes[40]!.household, true, 'W0001', '王**', 'door'])
    const told = JSON.stringify(all)
    assert.ok(!told.includes('refused') && !told.includes('met"'))
    assert.equal(all.find((v) => v['via'] === 'paper')!['done'], '2026-03-05')
    const auditor = await site.token('U0001', 'auditor', COUNTY)
    const nameless = await rows(auditor, 'visits', '', 'VisitPage')
    assert.deepEqual([nameless.length, Object.keys(nameless[0]!).sort()], [visits, ['at', 'done', 'event', 'grid', 'household', 'police', 'via']])
    assert.equal(await status(secretary, `/v1/lists/visits?within=${TOWNSHIP}`), 403)
    for (const bad of ['part=refused', 'after=AAAA', 'limit=0']) assert.equal(await status(secretary, `/v1/lists/visits?${bad}`), 400, bad)
  })

  test('what the week brought, into as many rows', async () => {
    const sunday = ((today.getUTCDay() + 6) % 7) + 1 // how many days ago last week ended
    await site.pg.sql(`DELETE FROM qm.area_day WHERE day >= '${day(sunday)}'`)
    await closeDay(sunday)
    await site.pg.sql('DELETE FROM qm.carried_gain') // it came before the day that was just closed
    const came = homes.slice(50, 57)
    await device.send(...came.map((h) => device.visit(h.household)), device.visit(homes[57]!.household, { via: 'carried' }), device.visit(homes[0]!.household))
    await device.send(...came.slice(0, 2).map((h) => device.event('app', { household: h.household, resident: h.people[0]!.resident, state: 'installed', real_name: true, call_alert: true, sms_alert: true, evidence: [] })))
    const week = (await read<Pace>(secretary, '/v1/pace', 'Pace')).rows[0]!.figures
    const brought = await rows(secretary, 'households', 'part=week:visited', 'HouseholdPage')
    assert.deepEqual(brought.map((r) => r['household']).sort(), came.map((h) => h.household).sort())
    assert.deepEqual([week['visited']!.week, week['app']!.week], [came.length, 2])
    assert.equal((await rows(secretary, 'residents', 'part=week:app', 'ResidentPage')).length, 2)
    assert.equal(await status(secretary, `/v1/lists/households?part=week:visited&within=${TOWNSHIP}`), 403)
  })
})
