/* What the office does from the browser: the console's functions behind HTTP, each caller in its own
 * area, all or nothing, and nothing more than the database's role for it allows. */
import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Answer, ask, Device, problem } from './lib/device'
import { Description } from './lib/shape'
import { COUNTY, GRID, GRID_FAR, GRID_OTHER, fixedPseudonym, homes, Site } from './lib/site'
import { root } from './lib/where'

const VILLAGE = '140522110204'
const TOWNSHIP = '140522110'
const HOUSEHOLDS = 'household,grid,place,status,group,lane,door,head,phone,worker'

interface Report { ok: boolean; rows?: number; fresh?: number; faults?: number; list?: { line: number; where: string; fault: string }[]; error?: string; csv?: string; code?: string; link?: string; index?: number; dry?: boolean; changed?: boolean }

let site: Site
let api: Description
let secretary: string, township: string, admin: string, auditor: string

const send = (token: string, method: string, path: string, type: string, body: string): Promise<Answer> =>
  ask(site.url + path, { method, headers: { Authorization: `Bearer ${token}`, 'Content-Type': type }, body })
const form = (token: string, method: string, path: string, body: unknown): Promise<Answer> => send(token, method, path, 'application/json', JSON.stringify(body))
const file = (token: string, path: string, header: string, rows: string[]): Promise<Answer> => send(token, 'POST', path, 'text/csv', [header, ...rows].join('\n') + '\n')

function report(a: Answer, status = 200): Report {
  assert.equal(a.status, status, a.body)
  const r = JSON.parse(a.body) as Report
  assert.deepEqual(api.faults(r, api.schema('Report')), [])
  assert.equal(r.ok, status === 200)
  return r
}
const count = async (sql: string): Promise<number> => Number((await site.pg.sql(sql))[0])
const homesHere = (): Promise<number> => count(`SELECT count(*) FROM qm.household WHERE grid = ${GRID}`)

before(async () => {
  site = await Site.start()
  api = new Description(JSON.parse((await ask(`${site.url}/v1/openapi.json`)).body) as Record<string, unknown>)
  secretary = await site.token('S0001', 'secretary', VILLAGE)
  township = await site.token('A0001', 'township', TOWNSHIP)
  admin = await site.token('C0001', 'admin', COUNTY)
  auditor = await site.token('U0001', 'auditor', COUNTY)
})
after(() => site?.stop())

describe('files', () => {
  test('a roster with faults keeps nothing and names each line', async () => {
    const before = await homesHere()
    const r = report(await file(township, '/v1/register/households', HOUSEHOLDS, [
      `,${GRID},home,counted,二组,西街,1号,张三,13800000001,W0001`,
      `,140522110204999,home,counted,二组,西街,2号,李四,,W0001`,
      `,${GRID},palace,counted,二组,西街,3号,王五,,W9999`,
    ]), 422)
    assert.deepEqual(r.list!.map((f) => [f.line, f.where]), [[3, 'grid'], [4, 'place'], [4, 'worker']])
    assert.equal(await homesHere(), before)
  })

  test('mended, it is tried first and then taken, with its new pseudonyms given back', async () => {
    const before = await homesHere()
    const rows = [`,${GRID},home,counted,二组,西街,1号,张三,13800000001,W0001`, `,${GRID},home,counted,二组,西街,2号,"=1+1,""李四""",,`]
    const tried = report(await file(township, '/v1/register/households?dry=1', HOUSEHOLDS, rows))
    assert.deepEqual([tried.dry, tried.rows, tried.fresh], [true, 2, 2])
    assert.equal(await homesHere(), before)
    const done = report(await file(township, '/v1/register/households?out=1', HOUSEHOLDS, rows))
    assert.equal(await homesHere(), before + 2)
    const [header, first, second] = done.csv!.split('\n')
    assert.equal(header, HOUSEHOLDS)
    assert.match(first!, /^[A-Za-z0-9_-]{22},/)
    assert.match(second!, /,"=1\+1,""李四""",,$/)
    const again = report(await send(township, 'POST', '/v1/register/households', 'text/csv', done.csv!))
    assert.deepEqual([again.rows, again.fresh], [2, 0])
    assert.equal(await homesHere(), before + 2)
    await site.recount()
  })

  test('residents: an ID number gives the birthday and is nowhere afterwards', async () => {
    const number = '140522199001011232'
    const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    const check = '10X98765432'[[...number.slice(0, 17)].reduce((n, d, i) => n + Number(d) * weights[i]!, 0) % 11]!
    const good = number.slice(0, 17) + check
    const home = homes[0]!.household
    report(await file(township, '/v1/register/residents', 'resident,household,name,id_number', [`${fixedPseudonym('idn')},${home},赵六,${good}`]))
    assert.deepEqual(await site.pg.sql(`SELECT born FROM qm.resident WHERE resident = '${Buffer.from(fixedPseudonym('idn'), 'base64url').toString('hex')}'`), ['1990-01-01'])
    assert.ok(!site.log.includes(good))
  })

  test('what belongs to another area is not this caller\'s to change', async () => {
    const far = homes.find((h) => h.grid === GRID_FAR)!
    const stranger = await site.token('A0001', 'township', TOWNSHIP) // whole township: may
    report(await file(stranger, '/v1/register/households?dry=1', HOUSEHOLDS, [`${far.household},${GRID},home,counted,,,,,,`]))
    await site.importCsv('accounts', 'account,role,name,phone,areas', [`T0009,township,别镇,10040000019,140522111`])
    const other = await site.token('T0009', 'township', '140522111')
    const r = report(await file(other, '/v1/register/households', HOUSEHOLDS, [`${homes[0]!.household},140522111001001,home,counted,,,,,,`]), 422)
    assert.ok(r.list!.some((f) => f.where === 'household' && /another area/.test(f.fault)), JSON.stringify(r.list))
    const claims = report(await file(other, '/v1/register/claims', 'household,account', [`${homes[0]!.household},W0001`]), 422)
    assert.match(claims.list![0]!.fault, /not in the register/)
  })

  test('a township gives no role above its own, and takes none from accounts of others', async () => {
    const header = 'account,role,name,phone,areas'
    const r = report(await file(township, '/v1/register/accounts', header, [`X0001,admin,某,10040000020,${TOWNSHIP}`, `C0001,worker,某,10040000021,${GRID}`]), 422)
    assert.deepEqual(r.list!.map((f) => [f.line, f.where]), [[2, 'role'], [3, 'account']])
    report(await file(township, '/v1/register/accounts', header, [`D0001,deputy,文书,10040000022,${VILLAGE}`]))
    report(await file(admin, '/v1/register/accounts', header, [`P0001,township,派出所,10040000023,${TOWNSHIP}`]))
    const other = report(await file(township, '/v1/register/accounts', header, [`P0001,worker,派出所,10040000023,${GRID}`]), 422)
    assert.match(other.list![0]!.fault, /cannot give/)
  })

  test('not UTF-8 is said as such', async () => {
    const gb = Buffer.concat([Buffer.from(HOUSEHOLDS + '\n,'), Buffer.from([0xd6, 0xd0, 0xb9, 0xfa])])
    const a = await ask(`${site.url}/v1/register/households`, { method: 'POST', headers: { Authorization: `Bearer ${township}`, 'Content-Type': 'text/csv' }, body: gb as unknown as string })
    assert.match(report(a, 422).list![0]!.fault, /UTF-8/)
  })
})

describe('one household or resident', () => {
  test('status, worker, grid and merging, each seen in the figures at once', async () => {
    const [one, two] = [homes[20]!, homes[21]!]
    const before = await site.counters()
    report(await form(secretary, 'PUT', `/v1/register/households/${one.household}/status`, { status: 'away' }))
    assert.equal((await site.counters())['homes'], before['homes']! - 1)
    report(await form(secretary, 'PUT', `/v1/register/households/${one.household}/worker`, { account: 'W0003' }))
    report(await form(township, 'PUT', `/v1/register/households/${one.household}/status`, { status: 'counted' }))
    report(await form(township, 'PUT', `/v1/register/households/${one.household}/grid`, { grid: GRID_OTHER }))
    report(await form(township, 'PUT', `/v1/register/households/${one.household}/merged`, { into: two.household }))
    report(await form(secretary, 'PUT', `/v1/register/residents/${two.people[0]!.resident}/status`, { status: 'away' }))
    report(await form(township, 'PUT', `/v1/register/residents/${two.people[1]!.resident}/household`, { household: homes[22]!.household }))
    await site.recount()
    const card = JSON.parse((await ask(`${site.url}/v1/register/households/${one.household}`, { headers: { Authorization: `Bearer ${township}` } })).body) as { changes: { rev: number; by: string }[] }
    const by = new Map(card.changes.map((c) => [c.rev, c.by]))
    assert.deepEqual([...by.values()], ['A0001', 'A0001', 'A0001', 'S0001', 'S0001'])
  })

  test('outside the caller\'s area it is not there', async () => {
    const far = homes.find((h) => h.grid === GRID_FAR)!
    for (const [path, body] of [
      [`/v1/register/households/${far.household}/status`, { status: 'away' }],
      [`/v1/register/households/${far.household}/worker`, { account: 'W0001' }],
      [`/v1/register/residents/${far.people[0]!.resident}/status`, { status: 'away' }],
      [`/v1/register/households/${'A'.repeat(22)}/status`, { status: 'away' }],
    ] as const) assert.match(report(await form(secretary, 'PUT', path, body), 422).error!, /is not in the register/)
    assert.equal((await form(secretary, 'PUT', `/v1/register/households/${homes[0]!.household}/grid`, { grid: GRID_OTHER })).status, 403)
  })

  test('a wrong body or value says what is wanted', async () => {
    const path = `/v1/register/households/${homes[0]!.household}/status`
    assert.match(report(await form(township, 'PUT', path, { status: 'sold' }), 422).error!, /counted, away, vacant/)
    for (const body of [{}, { status: 'away', more: 1 }, { status: 1 }, []]) {
      const a = await form(township, 'PUT', path, body)
      assert.deepEqual([a.status, problem(a)], [400, 'malformed'])
    }
    assert.equal((await form(township, 'PUT', `${path}?dry=2`, { status: 'away' })).status, 400)
  })
})

describe('people, phones, decisions, settings', () => {
  test('a code for a phone enrols one', async () => {
    const r = report(await form(secretary, 'POST', '/v1/accounts/W0001/phone-code', {}))
    assert.match(r.link!, /\/app\/#enrol=140522\./)
    const device = new Device(site.url, 'qm.test.example')
    assert.equal((await device.enrol(r.code!)).status, 200)
    assert.match(report(await form(secretary, 'POST', '/v1/accounts/W0004/phone-code', {}), 422).error!, /not in the register/)
  })

  test('a code for the browser signs in', async () => {
    const r = report(await form(township, 'POST', '/v1/accounts/S0001/sign-in-code', {}))
    const a = await form('', 'POST', '/v1/session', { county: COUNTY, account: 'S0001', password: 'lang genug 1', code: r.code })
    assert.equal(a.status, 200, a.body)
  })

  test('nobody becomes the second person: a township makes no sign-in code for a township, or for itself', async () => {
    for (const account of ['P0001', 'A0001', 'T0009']) {
      const r = report(await form(township, 'POST', `/v1/accounts/${account}/sign-in-code`, {}), 422)
      assert.match(r.error!, /cannot give|not in the register/, account)
      assert.equal(r.code, undefined)
    }
    report(await form(admin, 'POST', '/v1/accounts/P0001/sign-in-code', {}))
  })

  test('held events are decided, and a lost phone is revoked, as entries of the log', async () => {
    const stranger = await site.device('W0004')
    const line = stranger.visit(homes[30]!.household, { grid: GRID })
    await stranger.send(line)
    const before = await site.counters()
    const r = report(await form(township, 'POST', '/v1/decisions/in', { events: [line.id], code: 'helped-out' }))
    assert.equal((await site.counters())['visited'], before['visited']! + 1)
    assert.equal(r.index, (await site.logSize()) - 1)
    const lost = report(await form(township, 'POST', `/v1/phones/${stranger.uuid}/revoke`, { lost: String(Date.now() - 1000) }))
    assert.equal(lost.index, (await site.logSize()) - 1)
    await stranger.send(stranger.visit(homes[31]!.household, { grid: GRID }))
    assert.equal((await site.counters())['visited'], before['visited']! + 1)
    report(await form(township, 'POST', '/v1/decisions/out', { events: [line.id], code: 'mistake' }))
    assert.equal((await site.counters())['visited'], before['visited']!)
    await site.recount()
  })

  test('settings are the county\'s: a township cannot change them, the same bytes change nothing', async () => {
    const topics = [{ code: 'fake-boss', zh: '冒充领导' }]
    assert.equal((await form(township, 'PUT', '/v1/settings/topics', topics)).status, 403)
    assert.equal(report(await form(admin, 'PUT', '/v1/settings/topics', topics)).changed, true)
    assert.equal(report(await form(admin, 'PUT', '/v1/settings/topics', topics)).changed, false)
    assert.equal(report(await form(admin, 'PUT', '/v1/settings/topics', [{ code: 'X' }]), 422).faults, 2)
  })

  test('a township sets the targets of its own area, at the browser and at the console; the county\'s and other townships\' stay', async () => {
    const target = (prefix: string, threshold: number): object =>
      ({ metric: 'visited', prefix, basis: 'door', threshold, from: '2020-01-01', due: '2099-12-31', assurance: 'reported' })
    const inForce = async (): Promise<[string, number][]> => {
      const a = await ask(`${site.url}/v1/settings/targets`, { headers: { authorization: `Bearer ${township}` } })
      return (JSON.parse(a.body) as { value: { prefix: string; threshold: number }[] }).value.map((t) => [t.prefix, t.threshold])
    }
    const others = [target(COUNTY, 1000), target('140522999', 2000)]
    report(await form(admin, 'PUT', '/v1/settings/targets', [...others, target(TOWNSHIP, 3000)]))
    const kept: [string, number][] = [[COUNTY, 1000], ['140522999', 2000]]
    assert.equal(report(await form(township, 'PUT', '/v1/settings/targets?dry=1', [])).changed, true)
    assert.deepEqual(await inForce(), [...kept, [TOWNSHIP, 3000]])
    assert.equal(report(await form(township, 'PUT', '/v1/settings/targets', [target(TOWNSHIP, 4000), target(VILLAGE, 5000)])).changed, true)
    assert.deepEqual(await inForce(), [...kept, [TOWNSHIP, 4000], [VILLAGE, 5000]])
    for (const prefix of [COUNTY, '140522999'])
      assert.match(report(await form(township, 'PUT', '/v1/settings/targets', [target(prefix, 1)]), 422).error!, /^target 1 lies outside/)
    const file = join(site.dir, 'own-targets.json')
    const console_ = (by: string, value: object[]): Promise<{ code: number; stderr: string }> => {
      writeFileSync(file, JSON.stringify(value))
      return site.adminRun('targets', 'set', file, '--county', COUNTY, '--by', by)
    }
    const refused = await console_('A0001', [target(TOWNSHIP, 1), target(COUNTY, 1)])
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /target 2 lies outside the area of A0001/)
    assert.match((await console_('S0001', [])).stderr, /sets no targets/)
    assert.match((await site.adminRun('rule', 'set', join(root, 'deploy/sample/rule.json'), '--county', COUNTY, '--by', 'A0001')).stderr, /only a county account sets it/)
    assert.deepEqual(await inForce(), [...kept, [TOWNSHIP, 4000], [VILLAGE, 5000]])
    assert.equal((await console_('A0001', [target(TOWNSHIP, 6000)])).code, 0)
    assert.deepEqual(await inForce(), [...kept, [TOWNSHIP, 6000]])
  })

  test('two offices at once: both targets are in force', async () => {
    const target = (prefix: string): object => ({ metric: 'app', prefix, basis: 'register', threshold: 7000, from: '2020-01-01', due: '2099-12-31', assurance: 'reported' })
    const areas = [VILLAGE, '140522110205']
    for (const area of areas) await site.pg.sql(`INSERT INTO qm.account (county, account) VALUES (${COUNTY}, 'X${area.slice(9)}') ON CONFLICT DO NOTHING; INSERT INTO qm.account_role (county, account, role, prefix) VALUES (${COUNTY}, 'X${area.slice(9)}', 'township', '${area}')`)
    const tokens = await Promise.all(areas.map((area) => site.token(`X${area.slice(9)}`, 'township', area)))
    const answers = await Promise.all(areas.map((area, i) => form(tokens[i]!, 'PUT', '/v1/settings/targets', [target(area)])))
    assert.deepEqual(answers.map((a) => a.status), [200, 200])
    const a = await ask(`${site.url}/v1/settings/targets`, { headers: { authorization: `Bearer ${township}` } })
    const set = (JSON.parse(a.body) as { value: { prefix: string; metric: string }[] }).value.filter((t) => t.metric === 'app').map((t) => t.prefix)
    assert.deepEqual(set.sort(), areas)
  })

  test('who may not, may not', async () => {
    for (const [method, path] of [['POST', '/v1/decisions/in'], ['POST', '/v1/accounts/W0001/phone-code'], ['PUT', `/v1/register/households/${homes[0]!.household}/status`]] as const)
      assert.equal((await form(auditor, method, path, {})).status, 403)
  })

  test('the role behind it cannot change a record', async () => {
    const role = 'SET ROLE qiaomen_office; '
    for (const sql of ['DELETE FROM qm.log_entry', 'UPDATE qm.event SET hold = 0', 'UPDATE qm.event SET p = NULL', 'DELETE FROM qm.decision', 'UPDATE qm.log_node SET level = 1', 'DELETE FROM qm.void_mark', 'DELETE FROM qm.register_change', `SELECT * FROM qm.erase(${COUNTY}, 'A0001', 1, '{}', '{}')`])
      await assert.rejects(site.pg.sql(role + sql), /permission denied/, sql)
  })
})
