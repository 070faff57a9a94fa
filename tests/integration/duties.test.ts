/* Responsible persons and lecturers, what pages remember for a county, and all that a setting was. */
import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Answer, ask, problem } from './lib/device'
import { Description } from './lib/shape'
import { COUNTY, Site } from './lib/site'

const VILLAGE = '140522110204'
const TOWNSHIP = '140522110'

let site: Site
let api: Description
let secretary: string, township: string, admin: string, auditor: string, countyTownship: string

type Row = Record<string, unknown>
interface Duties { divisions: Row[]; people: Row[] }
interface Report { ok: boolean; rows?: number; error?: string; list?: { line: number; where: string; fault: string }[] }

const call = (token: string, method: string, path: string, type: string, body: string): Promise<Answer> =>
  ask(site.url + path, { method, headers: { Authorization: `Bearer ${token}`, 'Content-Type': type }, body })
const csv = async (token: string, path: string, ...rows: string[]): Promise<[number, Report]> => {
  const a = await call(token, 'POST', path, 'text/csv', ['division,duty,name,phone,trained_on', ...rows].join('\n') + '\n')
  return [a.status, JSON.parse(a.body) as Report]
}
const json = (token: string, method: string, path: string, value: unknown): Promise<Answer> =>
  call(token, method, path, 'application/json', JSON.stringify(value))
async function read<T>(token: string, path: string, schema: string): Promise<T> {
  const a = await ask(site.url + path, { headers: { Authorization: `Bearer ${token}` } })
  assert.equal(a.status, 200, a.body)
  const value = JSON.parse(a.body) as T
  assert.deepEqual(api.faults(value, api.schema(schema)), [])
  return value
}
const duties = (token: string, query = ''): Promise<Duties> => read(token, `/v1/duties${query}`, 'Duties')
const village = async (token = township): Promise<Row> => (await duties(token)).divisions.find((d) => d['code'] === VILLAGE)!

before(async () => {
  site = await Site.start()
  api = new Description(JSON.parse((await ask(`${site.url}/v1/openapi.json`)).body) as Record<string, unknown>)
  secretary = await site.token('S0001', 'secretary', VILLAGE)
  township = await site.token('A0001', 'township', TOWNSHIP)
  admin = await site.token('C0001', 'admin', COUNTY)
  auditor = await site.token('U0001', 'auditor', COUNTY)
  await site.importCsv('accounts', 'account,role,name,phone,areas', [`A0009,township,县办,10040000019,${COUNTY}`])
  countyTownship = await site.token('A0009', 'township', COUNTY)
})
after(() => site?.stop())

describe('responsible persons', () => {
  test('come from a file, masked, and are counted by division', async () => {
    const [status, report] = await csv(township, '/v1/duties/import',
      `${TOWNSHIP},first,王镇长,139 0000 0001,`, `${VILLAGE},first,李书记,,`, `${VILLAGE},lecturer,"<b>""𠮷",,2026-01-05`, `${VILLAGE},lecturer,赵老师,,`)
    assert.deepEqual([status, report.ok, report.rows], [200, true, 4], report.error)
    const got = await duties(township)
    assert.deepEqual(got.people.map((p) => [p['division'], p['duty'], p['name'], p['phone'], p['trained_on']]), [
      [TOWNSHIP, 'first', '王**', '139****0001', null], [VILLAGE, 'first', '李**', null, null],
      ...got.people.filter((p) => p['duty'] === 'lecturer').map((p) => [VILLAGE, 'lecturer', p['name'], null, p['trained_on']]),
    ])
    const v = await village()
    assert.deepEqual([v['first'], v['deputy'], v['lecturer'], v['trained'], v['needed']], [1, 0, 2, 1, 1])
    assert.ok((v['people'] as number) > 100)
  })

  test('of a duty named in the next file are replaced, one that is added is not', async () => {
    await csv(township, '/v1/duties/import', `${VILLAGE},lecturer,钱老师,,`)
    assert.deepEqual([(await village())['lecturer'], (await village())['first']], [1, 1])
    const [status] = await csv(secretary, '/v1/duties', `${VILLAGE},lecturer,孙老师,,2026-02-01`)
    assert.equal(status, 200)
    assert.equal((await village())['lecturer'], 2)
  })

  test('a file with faults is refused line by line, and nothing of it is kept', async () => {
    const before = await duties(township)
    const [status, report] = await csv(township, '/v1/duties/import',
      `${VILLAGE},boss,甲,,`, `${VILLAGE}001,first,乙,,`, '140522999,first,丙,,', `${VILLAGE},first,,,`, `${VILLAGE},first,丁,x,2026-01-01`, `${VILLAGE},lecturer,戊,,2999-01-01`, '140525,first,己,,')
    assert.equal(status, 422)
    assert.deepEqual(report.list!.map((f) => [f.line, f.where]), [
      [2, 'duty'], [3, 'division'], [4, 'division'], [5, 'name'], [6, 'trained_on'], [6, 'phone'], [7, 'trained_on'], [8, 'division'],
    ])
    assert.deepEqual(await duties(township), before)
    assert.equal((await csv(township, '/v1/duties/import?dry=1', `${VILLAGE},deputy,甲,,`))[0], 200)
    assert.deepEqual(await duties(township), before)
  })

  test('lecturers are noted as trained, and who goes is taken off', async () => {
    const one = (await duties(township)).people.find((p) => p['duty'] === 'lecturer' && p['trained_on'] === null)!
    const path = `/v1/duties/${String(one['person'])}`
    assert.equal((await json(township, 'PUT', `${path}/trained`, { day: '2026-03-01' })).status, 200)
    assert.equal((await village())['trained'], 2)
    for (const day of ['2026-02-30', '2999-01-01', '']) assert.equal((await json(township, 'PUT', `${path}/trained`, { day })).status, 422, day)
    assert.equal((await json(township, 'POST', `${path}/removed`, {})).status, 200)
    assert.equal((await json(township, 'POST', `${path}/removed`, {})).status, 422)
    assert.equal((await village())['lecturer'], 1)
  })

  test('stay within the area of who asks', async () => {
    const [status, report] = await csv(secretary, '/v1/duties', `${TOWNSHIP},first,甲,,`)
    assert.deepEqual([status, report.list![0]!.where], [422, 'division'])
    const chief = (await duties(township)).people.find((p) => p['division'] === TOWNSHIP)!
    assert.equal((await json(secretary, 'POST', `/v1/duties/${String(chief['person'])}/removed`, {})).status, 422)
    assert.ok((await duties(secretary)).people.every((p) => String(p['division']).startsWith(VILLAGE)))
    assert.ok((await duties(admin)).people.every((p) => !('name' in p) && !('phone' in p)))
    const a = await ask(`${site.url}/v1/duties?within=${TOWNSHIP}`, { headers: { Authorization: `Bearer ${secretary}` } })
    assert.deepEqual([a.status, problem(a)], [403, 'forbidden'])
  })

  test('the county says how many lecturers, and only the county', async () => {
    const rule = { people: 20, round: 'up', due: '2026-05-12' }
    const refused = await json(township, 'PUT', '/v1/preferences/duties', rule)
    assert.equal(refused.status, 422)
    assert.equal((await json(admin, 'PUT', '/v1/preferences/duties', rule)).status, 200)
    const v = await village()
    assert.equal(v['needed'], Math.ceil((v['people'] as number) / 20))
    assert.deepEqual((await read<Row>(secretary, '/v1/preferences/duties', 'Preference'))['value'], rule)
    for (const bad of [{ people: 0, round: 'up' }, { people: 5, round: 'off' }, { people: 5 }, [], { people: 5, round: 'up', due: '2026-02-30' }, { people: 5, round: 'up', x: 1 }])
      assert.equal((await json(admin, 'PUT', '/v1/preferences/duties', bad)).status, 422, JSON.stringify(bad))
  })

  test('stand in a ranking as they were when it was frozen', async () => {
    await site.admin('rule', 'set', join(process.env['QM_ROOT']!, 'deploy', 'sample', 'rule.json'), '--county', COUNTY, '--by', 'C0001')
    const frozen = await json(township, 'POST', '/v1/bulletins', { scope: TOWNSHIP, period: '2026-W40' })
    assert.equal(frozen.status, 200, frozen.body)
    const { id } = JSON.parse(frozen.body) as { id: string }
    const annex = async (): Promise<string[]> => (await ask(`${site.url}/v1/bulletins/${id}/table?annex=4`,
      { headers: { Authorization: `Bearer ${township}` } })).body.split('\r\n').filter((line) => line.includes('村(居)'))
    const before = await annex()
    const there = (await duties(township)).divisions.filter((d) => String(d['code']).length === 12)
    assert.deepEqual(before.map((line) => line.split(',').at(-2)).sort(),
      there.map((d) => `${String(d['needed'])}/${String(d['lecturer'])}`).sort())
    assert.ok(before.some((line) => line.startsWith(String(there.find((d) => d['code'] === VILLAGE)!['name']))))
    const has = (await village())['lecturer'] as number
    assert.ok(has > 0)
    await csv(secretary, '/v1/duties', `${VILLAGE},lecturer,周老师,,`)
    assert.equal((await village())['lecturer'], has + 1)
    assert.deepEqual(await annex(), before, 'who comes later changes no ranking')
  })
})

describe('columns of exports', () => {
  const columns = [{ key: 'door', on: true, heading: '门号' }, { key: 'head', on: true }, { key: 'phone', on: false }]
  test('are remembered for everybody of the county', async () => {
    assert.deepEqual(await read<Row>(secretary, '/v1/preferences/columns_households', 'Preference'), { value: null, by: null, set: null })
    assert.equal((await json(township, 'PUT', '/v1/preferences/columns_households', columns)).status, 200)
    const got = await read<Row>(secretary, '/v1/preferences/columns_households', 'Preference')
    assert.deepEqual([got['value'], got['by']], [columns, 'A0001'])
    assert.equal((await json(secretary, 'PUT', '/v1/preferences/columns_households', columns)).status, 403)
  })

  test('that cannot be are refused with the place', async () => {
    const bad: unknown[] = [[], {}, [{ key: 'door' }], [{ key: 'A b', on: true }], [{ key: 'a1', on: 1 }], [{ key: 'a1', on: true }, { key: 'a1', on: true }], [{ key: 'a1', on: true, heading: '长'.repeat(41) }]]
    for (const value of bad) {
      const a = await json(township, 'PUT', '/v1/preferences/columns_residents', value)
      assert.equal(a.status, 422, JSON.stringify(value))
      assert.equal((JSON.parse(a.body) as Report).list!.length, 1)
    }
    assert.equal((await json(township, 'PUT', '/v1/preferences/other', columns)).status, 422)
  })
})

describe('versions of a setting', () => {
  test('are read from the log, newest first, also those that came again', async () => {
    const bodies = [[{ code: 'fake-boss', zh: '冒充领导' }], [{ code: 'fake-boss', zh: '冒充上级' }], [{ code: 'fake-boss', zh: '冒充领导' }]]
    for (const body of bodies) assert.equal((await json(countyTownship, 'PUT', '/v1/settings/topics', body)).status, 200)
    const { rows } = await read<{ rows: Row[] }>(secretary, '/v1/settings/topics/versions', 'SettingVersions')
    assert.deepEqual(rows.map((r) => r['value']), [...bodies].reverse())
    assert.ok(rows.every((r) => r['by'] === 'A0009'))
    const indexes = rows.map((r) => r['index'] as number)
    assert.deepEqual(indexes, [...indexes].sort((a, b) => b - a))
    const older = await read<{ rows: Row[] }>(auditor, `/v1/settings/topics/versions?before=${indexes[1]}`, 'SettingVersions')
    assert.deepEqual(older.rows.map((r) => r['index']), [indexes[2]])
    assert.deepEqual((await read<{ rows: Row[] }>(auditor, '/v1/settings/texts/versions', 'SettingVersions')).rows, [])
    assert.equal((await ask(`${site.url}/v1/settings/topics/versions?before=x`, { headers: { Authorization: `Bearer ${auditor}` } })).status, 400)
  })
})
