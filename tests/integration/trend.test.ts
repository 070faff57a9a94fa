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
  await site.pg.sql(`UPDATE qm.log_head SET age_day = '${day(ago)}'`)
  await site.pg.sql(`SELECT * FROM qm.birthdays(${COUNTY}, '${day(ago - 1)}')`)
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
