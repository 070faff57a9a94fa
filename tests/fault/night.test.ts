/* The night: birthdays, what freezes left, groups that nobody needs, and the recount, county by county. Nights
 * pass quickly here: seconds of regular work are short, and the clock moves on from one night to the next. */
import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { COUNTY, Site } from '../integration/lib/site'
import { until } from '../integration/lib/until'

const NEXT = '140525'
const DAY_MS = 86_400_000
const ZONE_MS = 8 * 3_600_000
/** Noon of today in Shanghai: at every hour at which this test runs the day's night lies behind it. */
const NOON_MS = Math.floor((Date.now() + ZONE_MS) / DAY_MS) * DAY_MS + DAY_MS / 2 - ZONE_MS
let site: Site

/** Starts the server at noon so many days ahead, waits until both counties were recounted, and ends it. */
async function night(days: number): Promise<{ metrics: string; log: Record<string, unknown>[] }> {
  process.env['QM_CLOCK_SECOND_MS'] = '10'
  process.env['QM_CLOCK_OFFSET_MS'] = String(NOON_MS + days * DAY_MS - Date.now())
  try {
    await site.restart()
    for (const county of [COUNTY, NEXT]) await site.logLine((line) => line['event'] === 'recount' && String(line['county']) === county)
    // The last county's recount is noted behind its line.
    const recounted = `SELECT count(DISTINCT county) FROM qm.recount WHERE at > ${NOON_MS + days * DAY_MS - DAY_MS / 2}`
    await until('both were recounted', async () => (await site.pg.sql(recounted))[0] === '2')
    const metrics = await (await fetch(`${site.url}/metrics`)).text()
    const log = site.log.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>)
    return { metrics, log }
  } finally {
    delete process.env['QM_CLOCK_SECOND_MS']
    delete process.env['QM_CLOCK_OFFSET_MS']
  }
}
const differences = (): Promise<string[]> =>
  site.pg.sql('SELECT DISTINCT ON (county) county, differences FROM qm.recount ORDER BY county, at DESC')
const groups = (): Promise<string[]> => site.pg.sql(`SELECT groups FROM qm.resident_card WHERE county = ${COUNTY} AND groups <> '{}' ORDER BY 1`)
const parts = (): Promise<string[]> => site.pg.sql(`SELECT encode(sha256, 'escape') FROM qm.object_part WHERE put_ms < ${NOON_MS + DAY_MS} AND octet_length(body) = 1 ORDER BY 1`)
const ages = (): Promise<string[]> => site.pg.sql('SELECT age_day FROM qm.log_head ORDER BY county')

before(async () => {
  site = await Site.start()
  await site.admin('divisions', 'import', site.csv('divisions', 'code,name,parent_code,level', [`${NEXT},泽州县,1405,county`, `${NEXT}100,南村镇,${NEXT},township`, `${NEXT}100201,南村,${NEXT}100,village`]))
  await site.admin('county', 'add', NEXT, '--name', '泽州县', '--by', 'C0002')
  await site.admin('grids', 'import', site.csv('grids2', 'grid,name,population,population_source,population_date', [`${NEXT}100201001,网格001,900,test,2026-06-30`]), '--county', NEXT, '--by', 'C0002')
})
after(() => site?.stop())

describe('at night', () => {
  test('what is wrong in one county is said of that one, and counted once', async () => {
    await site.pg.sql(`UPDATE qm.grid_counter SET v[2] = v[2] + 7 WHERE county = ${NEXT}`)
    const { metrics, log } = await night(0)
    assert.deepEqual(await differences(), [`${COUNTY}|0`, `${NEXT}|2`])
    const said = log.filter((line) => line['event'] === 'recount-difference')
    assert.deepEqual(said.map((line) => [String(line['county']), line['subject'], line['kept'], line['counted']]), [
      [NEXT, `grid ${NEXT}100201001`, 7, 0],
      [NEXT, `village ${NEXT}100201`, 0, 7],
    ])
    assert.match(metrics, /^qm_recount_differences 2$/m)
    assert.match(metrics, /^qm_recount_last_ok_ms [1-9]/m, 'the other county is in order')
  })

  test('mended, the next night finds nothing, and parts and groups that nobody needs are gone', async () => {
    await site.pg.sql(`UPDATE qm.grid_counter SET v[2] = v[2] - 7 WHERE county = ${NEXT}`)
    await site.pg.sql(`INSERT INTO qm.object_part VALUES (${COUNTY}, sha256('left'), 0, 'x', ${NOON_MS - DAY_MS}), (${COUNTY}, sha256('under way'), 0, 'x', ${NOON_MS + DAY_MS - 60_000})`)
    await site.pg.sql(`UPDATE qm.resident_card SET groups = '{student}' WHERE county = ${COUNTY} AND resident = (SELECT min(resident::text)::uuid FROM qm.resident WHERE county = ${COUNTY})`)
    assert.equal((await groups()).length, 1)
    const were = await ages()
    const { metrics, log } = await night(1)
    assert.deepEqual(await differences(), [`${COUNTY}|0`, `${NEXT}|0`])
    assert.match(metrics, /^qm_recount_differences 0$/m)
    assert.deepEqual(log.filter((line) => line['event'] === 'recount-difference'), [])
    const did = (event: string): unknown[] => log.filter((line) => line['event'] === event && String(line['county']) === COUNTY).map((line) => line['removed'] ?? line['people'])
    assert.deepEqual([did('parts-swept'), did('groups-removed')], [[1], [1]])
    assert.equal((await parts()).length, 1, 'what a freeze has just put stays')
    assert.deepEqual(await groups(), [])
    assert.deepEqual((await ages()).map((day, i) => day > were[i]!), [true, true], 'people are a day older in both counties')
  })
})
