/* People who leave, come back, or have a role for some days: at the browser and at the console. */
import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { Answer, ask, Device } from './lib/device'
import { Description } from './lib/shape'
import { COUNTY, GRID, homes, HOST, Site } from './lib/site'

const VILLAGE = '140522110204'
const TOWNSHIP = '140522110'
const HEADER = 'account,role,name,phone,areas'
type Row = Record<string, unknown>

let site: Site
let api: Description
let township: string, admin: string
const DAY_MS = 86400000
const day = (n: number): string => new Date(Date.now() + 8 * 3600000 + n * DAY_MS).toISOString().slice(0, 10)

const call = (token: string, method: string, path: string, body?: unknown, type = 'application/json'): Promise<Answer> =>
  ask(site.url + path, {
    method,
    headers: { ...(token === '' ? {} : { Authorization: `Bearer ${token}` }), ...(body === undefined ? {} : { 'Content-Type': type }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
async function report(token: string, method: string, path: string, body: unknown, status = 200, type?: string): Promise<Row> {
  const a = await call(token, method, path, body, type)
  assert.equal(a.status, status, a.body)
  const r = JSON.parse(a.body) as Row
  assert.deepEqual(api.faults(r, api.schema('Report')), [])
  return r
}
async function listed(account: string): Promise<Row[]> {
  const a = await call(township, 'GET', '/v1/accounts')
  const value = JSON.parse(a.body) as { rows: Row[] }
  assert.deepEqual(api.faults(value, api.schema('Accounts')), [])
  return value.rows.filter((r) => r['account'] === account)
}

before(async () => {
  site = await Site.start()
  api = new Description(JSON.parse((await ask(`${site.url}/v1/openapi.json`)).body) as Record<string, unknown>)
  township = await site.token('A0001', 'township', TOWNSHIP)
  admin = await site.token('C0001', 'admin', COUNTY)
})
after(() => site?.stop())

describe('what somebody does is changed', () => {
  const file = (rows: string[], status = 200): Promise<Row> => report(township, 'POST', '/v1/register/accounts', `account,role,areas,from,until\n${rows.join('\n')}\n`, status, 'text/csv')
  const roles = async (): Promise<string[]> => (await listed('W0003')).map((r) => `${String(r['role'])} ${String(r['prefix'])} ${String(r['name'])} ${String(r['until'])}`)

  test('a file without names gives and takes roles, and name and phone stay', async () => {
    const before = await roles()
    assert.equal(before.length, 1)
    await file([`W0003,worker,${before[0]!.split(' ')[1]},,`, `W0003,leader,${GRID},,${day(9)}`])
    assert.deepEqual((await roles()).sort(), [`leader ${GRID} 网** ${day(9)}`, ...before].sort())
    assert.equal((await listed('W0003'))[0]!['phone'], '100****0003')
    await file([`W0003,worker,${before[0]!.split(' ')[1]},,`])
    assert.deepEqual(await roles(), before)
    const refused = await file([`W0003,inspector,${TOWNSHIP},,`], 422)
    assert.match(JSON.stringify(refused['list']), /only be given by the county's admin/)
  })

  test('somebody new without a name is an account like any other', async () => {
    await file([`W0099,worker,${GRID},,`])
    assert.deepEqual((await listed('W0099')).map((r) => [r['role'], r['name'], r['phone']]), [['worker', null, null]])
  })
})

describe('somebody leaves', () => {
  test('session, token and codes end, the phone\'s list is empty, and it is named to be revoked', async () => {
    const phone = await site.device('W0001')
    const token = await site.token('W0001', 'worker', GRID)
    const first = await report(township, 'POST', '/v1/accounts/W0001/sign-in-code', {})
    const signed = await call('', 'POST', '/v1/session', { county: COUNTY, account: 'W0001', password: 'lang genug 1', code: first['code'] })
    assert.equal(signed.status, 200, signed.body)
    const cookie = signed.headers.get('set-cookie')!.split(';')[0]!
    const mine = (): Promise<Answer> => ask(`${site.url}/v1/session`, { headers: { Cookie: cookie } })
    assert.equal((await mine()).status, 200)
    const code = await site.code('W0001')

    const r = await report(township, 'POST', '/v1/accounts/W0001/close', { reason: '调离' })
    assert.equal((r['devices'] as string[]).length, 1)
    assert.equal((await mine()).status, 401)
    assert.equal((await call(token, 'GET', '/v1/divisions')).status, 401)
    assert.equal((await new Device(site.url, HOST).enrol(code)).status, 403)
    const list = await phone.request('GET', '/v1/changes')
    assert.equal(list.status, 200)
    assert.doesNotMatch(list.body, /"t":"household"/)
    const late = await phone.send(phone.visit(homes[0]!.household))
    assert.deepEqual(late.entry.verdicts, ['0 hold moved'])
    const row = (await listed('W0001'))[0]!
    assert.deepEqual([row['closed'], row['closed_by'], row['closed_why']], [true, 'A0001', '调离'])

    assert.equal((await report(township, 'POST', '/v1/accounts/W0001/close', { reason: '调离' }))['changed'], false)
    await report(township, 'POST', '/v1/accounts/W0001/open', { reason: '回来' })
    assert.equal((await mine()).status, 401, 'no old way in')
    assert.match((await phone.request('GET', '/v1/changes')).body, /"t":"household"/)
  })

  test('only whoever could give the roles, never oneself, never the only admin', async () => {
    await site.importCsv('accounts', HEADER, [`P0001,police,派出所,10040000023,${TOWNSHIP}`, `A0002,township,办公室二,10040000011,${TOWNSHIP}`])
    const close = async (token: string, account: string): Promise<string> => String((await report(token, 'POST', `/v1/accounts/${account}/close`, { reason: 'x' }, 422))['error'])
    assert.match(await close(township, 'A0002'), /cannot give/)
    assert.match(await close(township, 'C0001'), /not in the register/)
    assert.match(await close(admin, 'C0001'), /your own account/)
    const console_ = await site.adminRun('account', 'close', '--county', COUNTY, '--account', 'C0001', '--by', 'A0001', '--reason', 'x')
    assert.notEqual(console_.code, 0)
    const secretary = await site.token('S0001', 'secretary', VILLAGE)
    assert.equal((await call(secretary, 'POST', '/v1/accounts/W0001/close', { reason: 'x' })).status, 403)
    await report(admin, 'POST', '/v1/accounts/A0002/close', { reason: '退休' })
    await report(admin, 'POST', '/v1/accounts/A0002/open', { reason: '返聘' })
    assert.match(String((await report(admin, 'POST', '/v1/accounts/A0002/close', { reason: 'x'.repeat(201) }, 422))['error']), /200/)
  })
})

describe('a role for some days', () => {
  test('by a file, with columns that may be left out', async () => {
    const put = (rows: string[], header: string, status = 200): Promise<Row> => report(admin, 'POST', '/v1/register/accounts', [header, ...rows].join('\n'), status, 'text/csv')
    const row = `D0009,deputy,代班,10040000031,${VILLAGE}`
    await put([`${row},${day(-3)},${day(-1)}`], `${HEADER},from,until`)
    assert.deepEqual((await listed('D0009')).map((r) => [r['from'], r['until']]), [[day(-3), day(-1)]])
    const late = await report(admin, 'POST', '/v1/accounts/D0009/sign-in-code', {})
    const signed = await call('', 'POST', '/v1/session', { county: COUNTY, account: 'D0009', password: 'lang genug 1', code: late['code'] })
    assert.notEqual(signed.status, 200, 'the role is over')
    await put([row], HEADER)
    assert.deepEqual((await listed('D0009')).map((r) => r['until']), [day(-1)], 'a file without the columns leaves the days')
    const wrong = await put([`${row},${day(1)},${day(-1)}`, `${row.replace('D0009', 'D0010')},soon,`], `${HEADER},from,until`, 422)
    assert.deepEqual((wrong['list'] as Row[]).map((f) => [f['line'], f['where']]), [[2, 'until'], [3, 'from']])
    await put([`${row},,`], `${HEADER},from,until`)
    assert.deepEqual((await listed('D0009')).map((r) => [r['from'], r['until']]), [[null, null]])
  })

  test('at the card, at the console, and a token ends with it', async () => {
    const token = await site.token('D0009', 'deputy', VILLAGE)
    assert.equal((await call(token, 'GET', '/v1/divisions')).status, 200)
    await report(township, 'PUT', '/v1/accounts/D0009/role', { role: 'deputy', prefix: VILLAGE, until: day(-1) })
    assert.equal((await call(token, 'GET', '/v1/divisions')).status, 401)
    await site.admin('account', 'role', '--county', COUNTY, '--account', 'D0009', '--role', 'deputy', '--prefix', VILLAGE, '--by', 'A0001')
    assert.equal((await call(token, 'GET', '/v1/divisions')).status, 200)
    assert.match(String((await report(township, 'PUT', '/v1/accounts/D0009/role', { role: 'secretary', prefix: VILLAGE }, 422))['error']), /no such role/)
    assert.match(String((await report(township, 'PUT', '/v1/accounts/D0009/role', { role: 'deputy', prefix: VILLAGE, from: day(2), until: day(1) }, 422))['error']), /before from/)
  })

  test('a file that leaves the county without an admin is refused as a whole', async () => {
    const r = await report(admin, 'POST', '/v1/register/accounts', [HEADER, `C0001,township,县,10040000032,${COUNTY}`].join('\n'), 422, 'text/csv')
    assert.match(String(r['error']), /no admin/)
    assert.equal((await call(admin, 'GET', '/v1/divisions')).status, 200)
  })
})
