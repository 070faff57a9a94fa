/* What the office reads beside figures and lists: each caller its own area, names masked, and in full
 * only for a reason that is noted first. */
import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { Answer, ask, Device, problem } from './lib/device'
import { Description } from './lib/shape'
import { COUNTY, GRID, GRID_FAR, homes, HOST, Site } from './lib/site'

const VILLAGE = '140522110204'
const TOWNSHIP = '140522110'

let site: Site
let api: Description
let device: Device
let secretary: string, township: string, auditor: string, admin: string

type Row = Record<string, unknown>
interface Card { household: Row; residents: Row[]; events: Row[]; changes: Row[] }

const get = (token: string, path: string): Promise<Answer> => ask(site.url + path, { headers: { Authorization: `Bearer ${token}` } })
const post = (token: string, path: string, body: unknown): Promise<Answer> =>
  ask(site.url + path, { method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: JSON.stringify(body) })

async function read<T>(token: string, path: string, schema: string): Promise<T> {
  const a = await get(token, path)
  assert.equal(a.status, 200, a.body)
  const value = JSON.parse(a.body) as T
  assert.deepEqual(api.faults(value, api.schema(schema)), [])
  return value
}
const rows = async (token: string, path: string, schema: string): Promise<Row[]> => (await read<{ rows: Row[] }>(token, path, schema)).rows

before(async () => {
  site = await Site.start()
  api = new Description(JSON.parse((await ask(`${site.url}/v1/openapi.json`)).body) as Record<string, unknown>)
  device = await site.device('W0001')
  secretary = await site.token('S0001', 'secretary', VILLAGE)
  township = await site.token('A0001', 'township', TOWNSHIP)
  auditor = await site.token('U0001', 'auditor', COUNTY)
  admin = await site.token('C0001', 'admin', COUNTY)
})
after(() => site?.stop())

describe('names of areas, accounts and phones', () => {
  test('an area with what lies above and within it, and its grids', async () => {
    const list = await rows(secretary, '/v1/divisions', 'Divisions')
    assert.deepEqual(list.map((r) => [r['code'], r['level']]), [
      [COUNTY, 'county'], [TOWNSHIP, 'township'], [VILLAGE, 'village'], [`${VILLAGE}001`, 'grid'], [`${VILLAGE}002`, 'grid'],
    ])
    assert.equal((await get(secretary, `/v1/divisions?within=${TOWNSHIP}`)).status, 403)
    assert.ok((await rows(auditor, '/v1/divisions', 'Divisions')).every((r) => r['level'] !== 'grid'))
  })

  test('accounts with their roles; names masked for the office and absent for the admin', async () => {
    const list = await rows(township, '/v1/accounts', 'Accounts')
    const one = list.find((r) => r['account'] === 'W0001')!
    assert.deepEqual([one['role'], one['prefix'], one['phones'], one['signs_in'], one['name'], one['phone']], ['worker', GRID, 1, false, '网**', '100****0001'])
    assert.ok(!list.some((r) => r['account'] === 'I0001'), 'a role above the area is not of the area')
    const bare = await rows(admin, '/v1/accounts', 'Accounts')
    assert.ok(bare.length > list.length && bare.every((r) => !('name' in r) && !('phone' in r)))
  })

  test('names beside codes: masked, of the area and of those above it, of nobody beside it; none for admins and auditors', async () => {
    const names = async (token: string, query = ''): Promise<Record<string, unknown>> =>
      Object.fromEntries((await rows(token, `/v1/names${query}`, 'Names')).map((r) => [r['account'], r['name']]))
    const mine = await names(secretary)
    assert.deepEqual([mine['W0001'], mine['S0001'], mine['A0001'], mine['I0001']], ['网**', '书*', '办**', '督**'])
    assert.equal('W0004' in mine, false, 'a worker of another village')
    assert.equal((await names(township))['W0004'], '网**')
    assert.deepEqual(Object.keys(await names(township, `?within=${GRID}`)).includes('W0003'), false)
    assert.equal((await get(secretary, `/v1/names?within=${TOWNSHIP}`)).status, 403)
    for (const token of [admin, auditor]) assert.equal((await get(token, '/v1/names')).status, 403)
  })

  test('phones say when they were heard of and what is missing', async () => {
    await device.send(device.visit(homes[0]!.household))
    device.seq += 3
    await device.send(device.visit(homes[1]!.household))
    const [one] = await rows(secretary, '/v1/phones', 'Phones')
    assert.deepEqual([one!['account'], one!['missing'], one!['seq'], one!['revoked']], ['W0001', 3, 5, false])
    assert.ok((one!['heard'] as number) >= (one!['enrolled'] as number))
  })

  test('a device whose account made the code for itself is told apart', async () => {
    const own = new Device(site.url, HOST)
    const made = await site.adminJson('code', 'new', '--county', COUNTY, '--account', 'W0002', '--by', 'W0002')
    assert.equal((await own.enrol(made['code'] as string)).status, 200)
    const list = await rows(secretary, '/v1/phones', 'Phones')
    assert.deepEqual(list.map((r) => [r['account'], r['own']]), [['W0001', false], ['W0002', true]])
  })

  test('settings say who set them, and when', async () => {
    const unset = await get(secretary, '/v1/settings/topics')
    assert.deepEqual([unset.status, unset.body], [204, ''], 'a new county is no error')
    assert.equal((await get(secretary, '/v1/settings/duties')).status, 404)
    const { writeFileSync } = await import('node:fs')
    writeFileSync(`${site.dir}/topics.json`, '[{"code":"fake-boss","zh":"冒充领导"}]')
    await site.admin('topics', 'set', `${site.dir}/topics.json`, '--county', COUNTY, '--by', 'C0001')
    const set = await read<Row>(secretary, '/v1/settings/topics', 'Setting')
    assert.deepEqual([set['by'], set['value']], ['C0001', [{ code: 'fake-boss', zh: '冒充领导' }]])
  })
})

describe('held events', () => {
  test('are listed for the area where they were recorded, a page at a time', async () => {
    const other = await site.device('W0004')
    await other.send(...homes.slice(5, 9).map((h) => other.visit(h.household, { grid: GRID })))
    const first = await rows(secretary, '/v1/held?limit=3', 'Held')
    assert.deepEqual(first.map((r) => [r['kind'], r['hold'], r['account']]), Array(3).fill(['visit', 'scope', 'W0004']))
    const last = first[2]!
    const next = await rows(secretary, `/v1/held?limit=3&after=${last['grid']}-${last['index']}-${last['line']}`, 'Held')
    assert.equal(next.length, 1)
    assert.equal((await rows(township, `/v1/held?within=${GRID_FAR}`, 'Held')).length, 0)
    for (const bad of ['1-2', '1-2-3-4', 'x', '1-2-', '-1-2-3', '1-2-4294967295']) assert.equal((await get(secretary, `/v1/held?after=${bad}`)).status, 400, bad)
  })
})

describe('a card', () => {
  test('has household, residents, events and changes, and tells no refusal', async () => {
    const home = homes[10]!
    await device.send(device.visit(home.household), device.visit(home.household, { outcome: 'refused' }))
    await site.admin('status', 'set', '--county', COUNTY, '--household', home.household, '--status', 'away', '--by', 'A0001')
    const card = await read<Card>(secretary, `/v1/register/households/${home.household}`, 'Card')
    assert.deepEqual([card.household['status'], card.household['visited'], card.household['head']], ['away', true, '王**'])
    assert.equal(card.residents.length, 2)
    assert.deepEqual(card.events.map((e) => [e['kind'], e['code']]).sort(), [['visit', null], ['visit', 'met']].sort())
    assert.deepEqual(card.changes.map((c) => [c['what'], c['by']]), [['status', 'A0001']])
  })

  test('of another area, or of nobody, is not there', async () => {
    const far = homes.find((h) => h.grid === GRID_FAR)!
    for (const id of [far.household, 'A'.repeat(22), 'x']) assert.equal((await get(secretary, `/v1/register/households/${id}`)).status, 404)
    assert.equal((await get(auditor, `/v1/register/households/${far.household}`)).status, 403)
  })
})

describe('in full', () => {
  test('a name is shown after the reason was noted, and the note can be read', async () => {
    const home = homes[0]!
    const a = await post(secretary, '/v1/reveal', { subject: home.household, reason: '电话回访' })
    assert.equal(a.status, 200, a.body)
    assert.deepEqual(JSON.parse(a.body), { subject: home.household, name: '王户主', phone: '10041000000' })
    const person = await post(secretary, '/v1/reveal', { subject: home.people[0]!.resident, reason: '电话回访' })
    assert.equal((JSON.parse(person.body) as Row)['name'], '王一')
    const log = await rows(township, '/v1/access', 'AccessLog')
    assert.deepEqual(log.map((r) => [r['account'], r['role'], r['what'], r['subject'], r['reason']]), [
      ['S0001', 'secretary', 'reveal', home.people[0]!.resident, '电话回访'], ['S0001', 'secretary', 'reveal', home.household, '电话回访'],
    ])
    assert.ok(!site.log.includes('王户主') && !site.log.includes('10041000000'))
  })

  test('the note says which door and whom: to the office masked, to an auditor without address and name', async () => {
    const home = homes[0]!
    const [person, door] = await rows(township, '/v1/access', 'AccessLog')
    assert.deepEqual([door!['household'], door!['grid'], door!['group'], door!['door'], door!['name']], [home.household, GRID, '一组', '1号', '王**'])
    assert.deepEqual([person!['household'], person!['grid'], person!['name']], [home.household, GRID, '王*'])
    for (const r of await rows(auditor, '/v1/access', 'AccessLog')) {
      assert.deepEqual([r['household'], r['grid']], [home.household, GRID])
      for (const personal of ['group', 'lane', 'door', 'name']) assert.ok(!(personal in r), personal)
    }
    // A secretary of two villages looked at a door of the other one: its office may not read which.
    await site.pg.sql(`UPDATE qm.account_role SET prefix = '140522110' WHERE account = 'S0001'`)
    const wide = await site.token('S0001', 'secretary', TOWNSHIP)
    const far = homes.find((h) => h.grid === GRID_FAR)!
    assert.equal((await post(wide, '/v1/reveal', { subject: far.household, reason: '别村' })).status, 200)
    await site.pg.sql(`UPDATE qm.account_role SET prefix = '${VILLAGE}' WHERE account = 'S0001'`)
    const village = await site.token('A0001', 'township', VILLAGE)
    const outside = (await rows(village, '/v1/access', 'AccessLog'))[0]!
    assert.deepEqual([outside['reason'], outside['household'], outside['grid'], outside['door'], outside['name']], ['别村', null, null, null, null])
    await site.pg.sql(`DELETE FROM qm.access WHERE reason = '别村'`)
  })

  test('the notes are chosen by account, by kind and by day', async () => {
    assert.equal((await post(secretary, '/v1/lists/households', { text: '没有这个人' })).status, 200)
    const kinds = async (query: string) => (await rows(township, `/v1/access${query}`, 'AccessLog')).map((r) => r['what'])
    assert.deepEqual(await kinds('?what=find_households'), ['find_households'])
    assert.deepEqual(await kinds('?account=S0001&what=reveal'), ['reveal', 'reveal'])
    assert.deepEqual(await kinds('?account=W0001'), [])
    // 00:00 of 2026-03-06 in Asia/Shanghai, and the millisecond before.
    const midnight = 1772726400000
    await site.pg.sql(`INSERT INTO qm.access SELECT county, ${midnight} - n, gen_random_uuid(), account, role, what, subject, 'day ' || n FROM (SELECT * FROM qm.access LIMIT 1) a, generate_series(0, 1) n`)
    const reasons = async (query: string) => (await rows(township, `/v1/access${query}`, 'AccessLog')).map((r) => r['reason'])
    assert.deepEqual(await reasons('?until=2026-03-06'), ['day 0', 'day 1'])
    assert.deepEqual(await reasons('?from=2026-03-06&until=2026-03-06'), ['day 0'])
    assert.deepEqual(await reasons('?until=2026-03-05'), ['day 1'])
    assert.deepEqual(await reasons(`?until=2026-03-06&before=${midnight}`), ['day 1'])
    await site.pg.sql(`DELETE FROM qm.access WHERE reason LIKE 'day %' OR what = 'find_households'`)
    for (const bad of ['account=s1', `account=${'S'.repeat(40)}`, 'what=all', 'from=2026-02-30', 'from=2026-03-07&until=2026-03-06'])
      assert.equal((await get(township, `/v1/access?${bad}`)).status, 400, bad)
  })

  test('pages of the log leave nothing out, also where several looked in one millisecond', async () => {
    await site.pg.sql(`INSERT INTO qm.access SELECT county, 7, gen_random_uuid(), account, role, what, subject, 'tie ' || n FROM qm.access, generate_series(1, 3) n WHERE reason = '电话回访' AND subject = '${homes[0]!.household}'`)
    const first = await rows(township, '/v1/access?limit=3', 'AccessLog')
    assert.equal(first.filter((r) => r['at'] === 7).length, 3, 'two of before and all three of that one')
    assert.deepEqual(await rows(township, '/v1/access?limit=3&before=7', 'AccessLog'), [])
  })

  test('outside the area, without a reason, or for an auditor: nothing is shown and nothing noted', async () => {
    const far = homes.find((h) => h.grid === GRID_FAR)!
    const before = (await rows(auditor, '/v1/access', 'AccessLog')).length
    assert.equal((await post(secretary, '/v1/reveal', { subject: far.household, reason: '电话回访' })).status, 404)
    for (const body of [{ subject: homes[0]!.household }, { subject: homes[0]!.household, reason: '' }, { subject: 'x', reason: '回访' }]) {
      const a = await post(secretary, '/v1/reveal', body)
      assert.deepEqual([a.status, problem(a)], [400, 'malformed'])
    }
    assert.equal((await post(auditor, '/v1/reveal', { subject: far.household, reason: '电话回访' })).status, 403)
    assert.equal((await rows(auditor, '/v1/access', 'AccessLog')).length, before)
  })
})
