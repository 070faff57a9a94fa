/* What holders of a token read: figures and the lists behind them, within their area; and that every
 * answer has the shape that the API's description promises. */
import { strict as assert } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Answer, ask, Device, problem } from './lib/device'
import { Description } from './lib/shape'
import { COUNTY, GRID, GRID_OTHER, homes, HOST, Site } from './lib/site'
import { root } from './lib/where'

const VILLAGE = '140522110204'
const TOWNSHIP = '140522110'

let site: Site
let api: Description
let device: Device
let secretary: string, township: string, auditor: string, worker: string

interface Stage { threshold: number; gap: number; met: boolean; due: string }
interface Figure { state: string; num: number; den: number; refused: number; percent: number | null; target: Stage | null; next: Stage | null }
interface Row { code: string; figures: Record<string, Figure>; beside: Record<string, number> }
interface Coverage { asof: { size: number; recv: number }; targets: string; rows: Row[] }
type Listed = Record<string, unknown>
interface Page { rows: Listed[]; next: string | null }

const get = (token: string, path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(site.url + path, { headers: { Authorization: `Bearer ${token}`, ...headers } })

async function read<T>(token: string, path: string, schema: string): Promise<T> {
  const a = await get(token, path)
  assert.equal(a.status, 200, a.body)
  const value = JSON.parse(a.body) as T
  assert.deepEqual(api.faults(value, api.schema(schema)), [])
  return value
}
const coverage = (token: string, query = ''): Promise<Coverage> => read(token, `/v1/coverage${query}`, 'Coverage')
const households = (token: string, query: string): Promise<Page> => read(token, `/v1/lists/households?${query}`, 'HouseholdPage')
const residents = (token: string, query: string): Promise<Page> => read(token, `/v1/lists/residents?${query}`, 'ResidentPage')

async function all(list: typeof households, token: string, query: string): Promise<Listed[]> {
  const rows: Listed[] = []
  for (let next: string | null = ''; next !== null; ) {
    const page: Page = await list(token, `${query}&limit=7${next && `&after=${next}`}`)
    rows.push(...page.rows)
    next = page.next
  }
  return rows
}

before(async () => {
  site = await Site.start()
  api = new Description(JSON.parse((await ask(`${site.url}/v1/openapi.json`)).body) as Record<string, unknown>)
  device = await site.device('W0001')
  secretary = await site.token('S0001', 'secretary', VILLAGE)
  township = await site.token('A0001', 'township', TOWNSHIP)
  auditor = await site.token('U0001', 'auditor', COUNTY)
  worker = await site.token('W0001', 'worker', GRID)
})
after(() => site?.stop())

async function refused(a: Promise<Answer>, status: number, type: string): Promise<void> {
  const got = await a
  assert.deepEqual([got.status, problem(got)], [status, type], got.body)
  assert.deepEqual(api.faults(JSON.parse(got.body), api.schema('Problem')), [])
}

describe('coverage', () => {
  test('a visit is in the figures as soon as its receipt is there', async () => {
    const before = (await coverage(secretary)).rows[0]!.figures['visited']!
    await device.send(device.visit(homes[0]!.household))
    const after = await coverage(secretary)
    const figure = after.rows[0]!.figures['visited']!
    assert.deepEqual([figure.num, figure.den], [before.num + 1, before.den])
    assert.equal(figure.percent, Math.floor((10000 * figure.num) / figure.den))
    assert.equal(after.asof.size, await site.logSize())
  })

  test('levels add up, from the grids to the county', async () => {
    const sum = (c: Coverage): number[] =>
      ['visited', 'app'].flatMap((m) => [0, 1].map((k) => c.rows.reduce((n, r) => n + [r.figures[m]!.num, r.figures[m]!.den][k]!, 0)))
    const grids = sum(await coverage(township, '?level=grid'))
    assert.deepEqual(sum(await coverage(township, '?level=village')), grids)
    assert.deepEqual(sum(await coverage(township, '?level=township')), grids)
    assert.deepEqual(sum(await coverage(auditor, '?level=county')), grids)
  })

  test('a village without a grid stands behind the others as not computed, not as nothing', async () => {
    const { rows } = await coverage(township, '?level=village')
    const divisions = readFileSync(join(root, 'deploy/sample/divisions.csv'), 'utf8').match(new RegExp(`^${TOWNSHIP}[0-9]{3}(?=,)`, 'gm'))!
    const grids = (await coverage(township, '?level=grid')).rows.map((r) => r.code.slice(0, 12))
    assert.deepEqual(rows.map((r) => r.code), [...divisions.filter((d) => grids.includes(d)), ...divisions.filter((d) => !grids.includes(d))])
    for (const row of rows)
      assert.equal(row.figures['visited']!.state, grids.includes(row.code) ? 'ok' : 'not_computed', row.code)
    const bare = rows.at(-1)!
    assert.deepEqual([bare.figures['visited']!.num, bare.figures['app']!.percent, bare.beside], [null, null, null])
    assert.deepEqual((await coverage(township, `?within=${bare.code}`)).rows, [bare])
    const pace = await read<{ rows: { code: string; figures: Record<string, { week: number | null }> }[] }>(township, '/v1/pace?level=village', 'Pace')
    assert.deepEqual(pace.rows.map((r) => r.code), rows.map((r) => r.code))
    assert.equal(pace.rows.at(-1)!.figures['visited']!.week, null)
    const command = await site.adminJson('coverage', '--county', COUNTY, '--prefix', TOWNSHIP, '--level', 'village')
    assert.deepEqual((command['coverage'] as Coverage).rows, rows)
    assert.match(await site.admin('coverage', '--county', COUNTY, '--prefix', TOWNSHIP, '--level', 'village'), new RegExp(`^${bare.code} +(not computed +){5}`, 'm'))
  })

  test('the worker sees the own grid, the secretary the own village, and neither more', async () => {
    assert.deepEqual((await coverage(worker)).rows.map((r) => r.code), [GRID])
    assert.deepEqual((await coverage(secretary)).rows.map((r) => r.code), [VILLAGE])
    assert.deepEqual((await coverage(secretary, '?level=grid')).rows.map((r) => r.code), [GRID, GRID_OTHER])
    await refused(get(worker, `/v1/coverage?within=${GRID_OTHER}`), 403, 'forbidden')
    await refused(get(secretary, `/v1/coverage?within=${TOWNSHIP}`), 403, 'forbidden')
    await refused(get(secretary, '/v1/coverage?within=140522110205'), 403, 'forbidden')
    await refused(get(secretary, '/v1/coverage?within=320623'), 403, 'forbidden')
  })

  test('queries that cannot be understood are refused with the reason', async () => {
    for (const query of ['level=world', 'level=county', 'within=14052211020', 'within=x', 'within=140522110204&within=140522110204'])
      await refused(get(secretary, `/v1/coverage?${query}`), 400, 'malformed')
    await refused(get(auditor, '/v1/coverage?level=grid'), 400, 'malformed')
    const misspelt = await get(secretary, '/v1/coverage?levl=grid')
    assert.deepEqual([misspelt.status, problem(misspelt)], [400, 'malformed'])
    assert.match((JSON.parse(misspelt.body) as { detail: string }).detail, /^levl:/)
    await refused(get(secretary, '/v1/accounts?within=140522110204&part=all'), 400, 'malformed')
    await refused(ask(`${site.url}/v1/coverage`), 401, 'unknown-key')
    await refused(get(`${COUNTY}.${'A'.repeat(43)}`, '/v1/coverage'), 401, 'unknown-key')
  })

  test('the same bytes again cost a 304, other figures do not', async () => {
    const first = await get(secretary, '/v1/coverage')
    const etag = first.headers.get('etag')!
    const again = await get(secretary, '/v1/coverage', { 'If-None-Match': `"other", ${etag}` })
    const said = ['etag', 'vary'].map((name) => again.headers.get(name))
    assert.deepEqual([again.status, again.body, ...said], [304, '', etag, 'Accept-Encoding'])
    await site.admin('status', 'set', '--county', COUNTY, '--by', 'A0001', '--household', homes[40]!.household, '--status', 'vacant')
    assert.equal((await get(secretary, '/v1/coverage', { 'If-None-Match': etag })).status, 200)
    await site.admin('status', 'set', '--county', COUNTY, '--by', 'A0001', '--household', homes[40]!.household, '--status', 'counted')
  })

  test('targets give the gap to the stage that is due next', async () => {
    const target = (threshold: number, due: string): object =>
      ({ metric: 'visited', prefix: TOWNSHIP, basis: 'door', threshold, from: '2020-01-01', due, assurance: 'reported' })
    const file = join(site.dir, 'targets.json')
    writeFileSync(file, JSON.stringify([target(5000, '2098-12-31'), target(10000, '2099-12-31')]))
    assert.equal((await coverage(secretary)).targets, 'none')
    await site.admin('targets', 'set', file, '--county', COUNTY, '--by', 'A0001')
    const c = await coverage(secretary)
    const f = c.rows[0]!.figures['visited']!
    assert.equal(c.targets, 'ok')
    assert.deepEqual([f.target!.gap, f.target!.met, f.next!.gap], [Math.ceil(f.den / 2) - f.num, false, f.den - f.num])
    assert.equal(c.rows[0]!.figures['app']!.target, null)
  })

  test('nobody to cover is no zero', async () => {
    await site.importCsv('grids', 'grid,name,population,population_source,population_date', ['140522110206001,空,,,'])
    const row = (await coverage(township, '?within=140522110206')).rows[0]!
    assert.deepEqual([row.figures['visited']!.state, row.figures['visited']!.percent], ['empty', null])
  })
})

describe('lists', () => {
  test('pages follow one another without a gap or a repetition', async () => {
    const whole = (await households(secretary, 'part=all&limit=500')).rows
    assert.deepEqual(await all(households, secretary, 'part=all'), whole)
    assert.equal(new Set(whole.map((r) => r['household'])).size, whole.length)
    assert.ok(whole.length > 70)
    const people = (await residents(secretary, 'part=all&limit=500')).rows
    assert.deepEqual(await all(residents, secretary, 'part=all'), people)
    assert.ok(people.length > 130)
  })

  test('what is left and what is done make up the denominator, and a visit moves a door', async () => {
    const of = async (part: string): Promise<unknown[]> => (await all(households, secretary, `part=${part}`)).map((r) => r['household'])
    const home = homes[2]!.household
    const [left, done] = [await of('left:visited'), await of('done:visited')]
    const figure = (await coverage(secretary)).rows[0]!.figures['visited']!
    assert.deepEqual([done.length, left.length + done.length + figure.refused], [figure.num, figure.den])
    assert.ok(left.includes(home))
    await device.send(device.visit(home))
    assert.ok(!(await of('left:visited')).includes(home))
    assert.ok((await of('done:visited')).includes(home))
  })

  test('a refusal is a count and opens into no list', async () => {
    const home = homes[4]!
    const untouched = homes[6]!
    const r = home.people[0]!.resident
    await device.send(
      device.visit(home.household, { outcome: 'refused' }),
      device.event('notice', { household: home.household, text: 'notice-1', evidence: [], state: 'refused' }),
      device.event('app', { household: home.household, resident: r, state: 'refused', real_name: false, call_alert: false, sms_alert: false, evidence: [] }),
    )
    assert.equal((await coverage(secretary)).rows[0]!.figures['visited']!.refused, 1)
    const words = api.document['paths'] as Record<string, { get: { parameters: { name?: string; schema?: { enum: string[] } }[] } }>
    for (const [list, kind] of [[households, 'households'], [residents, 'residents']] as const) {
      const parts = words[`/v1/lists/${kind}`]!.get.parameters.find((p) => p.name === 'part')!.schema!.enum
      const mine = kind === 'households' ? home.household : r
      for (const part of parts.filter((p) => p !== 'all')) {
        const rows = await all(list, secretary, `part=${part}`)
        const about = part.startsWith('left:reached') || part.startsWith('left:notice') || part.startsWith('left:visited') || part.includes('app')
        if (about) assert.ok(!rows.some((x) => x[kind === 'households' ? 'household' : 'resident'] === mine), part)
      }
    }
    /* Nor does a row say it: but for its own names it reads like a door where nobody was. */
    const plain = (x: Listed): Listed => ({ ...x, household: '', resident: '', door: '', visits: 0, worker: '', name: '', year: 0 })
    const row = async (list: typeof households, key: string, id: string): Promise<Listed> =>
      plain((await all(list, secretary, 'part=all')).find((x) => x[key] === id)!)
    assert.deepEqual(await row(households, 'household', home.household), await row(households, 'household', untouched.household))
    assert.deepEqual(await row(residents, 'resident', r), await row(residents, 'resident', untouched.people[0]!.resident))
  })

  test('names and numbers are masked; auditors get pseudonyms only', async () => {
    const [page, people] = [await households(secretary, 'limit=500'), await residents(secretary, 'limit=500')]
    const text = JSON.stringify([page, people])
    assert.match(text, /"head":"王\*\*"/)
    assert.match(text, /"name":"王\*"/)
    assert.match(text, /"phone":"100\*\*\*\*0000"/)
    assert.doesNotMatch(text, /户主|王[一二三四五六]|10041000000/)
    const bare = JSON.stringify([await households(auditor, 'limit=500'), await residents(auditor, 'limit=500')])
    assert.doesNotMatch(bare, /王|东街|"(head|name|phone|lane|door|group|worker|year)"/)
  })

  test('only within the own area, and only queries that mean something', async () => {
    for (const kind of ['households', 'residents']) {
      const grids = new Set((await (kind === 'households' ? households : residents)(worker, 'limit=500')).rows.map((r) => r['grid']))
      assert.deepEqual([...grids], [GRID])
      await refused(get(worker, `/v1/lists/${kind}?within=${VILLAGE}`), 403, 'forbidden')
      for (const query of ['part=refused', 'part=', 'limit=0', 'limit=501', 'limit=1.5', 'after=AAAA', 'after=%00'])
        await refused(get(worker, `/v1/lists/${kind}?${query}`), 400, 'malformed')
    }
  })
})

describe('shapes', () => {
  test('every line that a phone gets fits the description', async () => {
    const texts = join(site.dir, 'texts.json')
    writeFileSync(texts, JSON.stringify([{ text: 'notice-1', kind: 'notice', basis: 'household', title: '告知书', body: '一\n二' }]))
    await site.admin('texts', 'set', texts, '--county', COUNTY, '--by', 'C0001')
    const far = await site.device('W0004')
    const held = (await far.send(far.visit(homes[8]!.household))).entry
    assert.match(held.verdicts[0]!, /^0 hold /)
    const list = (await site.adminJson('held', 'list', '--county', COUNTY))['list'] as { event: string }[]
    await site.admin('decide', 'in', '--county', COUNTY, '--by', 'A0001', '--code', 'field-ok', ...list.map((x) => x.event))
    const kinds = new Set<unknown>()
    for (const d of [device, far]) {
      const a = await d.request('GET', '/v1/changes')
      assert.equal(a.status, 200, a.body)
      for (const line of a.body.trimEnd().split('\n')) {
        const value = JSON.parse(line) as Record<string, unknown>
        assert.deepEqual(api.faults(value, api.schema('ChangesLine')), [], line)
        kinds.add(value['t'])
      }
    }
    assert.deepEqual([...kinds].sort(), ['end', 'head', 'household', 'resident', 'target', 'text', 'verdict'])
  })
})

describe('the office at its console', () => {
  test('a recount that differs is said, place by place, and exits with 1', async () => {
    await site.recount()
    await site.pg.sql(`UPDATE qm.grid_counter SET v[3] = v[3] + 1 WHERE county = ${COUNTY} AND grid = ${GRID}`)
    const got = await site.adminRun('recount', '--county', COUNTY, '--json')
    const said = JSON.parse(got.stdout) as { ok: boolean; list: { subject: string; name: string; kept: number; counted: number }[] }
    assert.deepEqual([got.code, said.ok], [1, false])
    const grid = said.list.find((d) => d.subject === `grid ${GRID}`)!
    assert.deepEqual([grid.name, grid.kept], ['visited', grid.counted + 1])
    await site.pg.sql(`UPDATE qm.grid_counter SET v[3] = v[3] - 1 WHERE county = ${COUNTY} AND grid = ${GRID}`)
    await site.recount()
  })

  test('a log that holds is left only by its name', async () => {
    const before = await site.logSize()
    const go = (...more: string[]) => site.adminRun('log', 'continue', '--county', COUNTY, '--by', 'A0001', ...more)
    const plain = await go()
    assert.equal(plain.code, 1)
    assert.match(plain.stderr, new RegExp(`--leave ${HOST}/log/${COUNTY}$`, 'm'))
    const wrong = await go('--leave', `${HOST}/log/140521`)
    assert.equal(wrong.code, 1)
    assert.match(wrong.stderr, new RegExp(`is ${HOST}/log/${COUNTY};`))
    assert.equal(await site.logSize(), before)
    assert.deepEqual(await site.pg.sql(`SELECT tree FROM qm.log_tree WHERE county = ${COUNTY}`), ['1'])
  })

  test('a log that goes on never takes a name that was signed under before', async () => {
    const name = async (...more: string[]): Promise<string> =>
      String((await site.adminJson('log', 'continue', '--county', COUNTY, '--by', 'A0001', ...more))['log']).split('+')[0]!
    assert.match(await name('--leave', `${HOST}/log/${COUNTY}`), /-2$/)
    await ask(`${site.url}/v1/log/${COUNTY}/checkpoint`)
    await site.restart()
    await site.pg.sql(`DELETE FROM qm.log_tree WHERE county = ${COUNTY} AND tree = 2`)
    await site.pg.sql(`UPDATE qm.log_head SET tree = 1 WHERE county = ${COUNTY}`)
    assert.match(await name(), /-3$/)
  })
})
