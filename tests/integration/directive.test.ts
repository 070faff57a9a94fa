/* Directives: published for an area, on the phones with their next changes, acknowledged once. */
import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { Answer, ask, Device, problem } from './lib/device'
import { Description } from './lib/shape'
import { COUNTY, Site } from './lib/site'
import { uuid } from './lib/wire'

const VILLAGE = '140522110204'
const TOWNSHIP = '140522110'

let site: Site
let api: Description
let near: Device, far: Device
let township: string, secretary: string, inspector: string

type Row = Record<string, unknown>
const call = (token: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  ask(site.url + path, { method, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: body === undefined ? undefined : JSON.stringify(body) })
async function changes(d: Device, since = ''): Promise<{ rows: Row[]; cursor: string }> {
  const a = await d.request('GET', `/v1/changes${since && `?since=${since}`}`)
  assert.equal(a.status, 200, a.body)
  const lines = a.body.trimEnd().split('\n').map((l) => JSON.parse(l) as Row)
  for (const l of lines) assert.deepEqual(api.faults(l, api.schema('ChangesLine')), [])
  return { rows: lines.slice(1, -1), cursor: lines[lines.length - 1]!['cursor'] as string }
}
const directives = (rows: Row[]): Row[] => rows.filter((r) => r['t'] === 'directive')
const publish = (token: string, members: Row): Promise<Answer> => call(token, 'POST', '/v1/directives', { directive: uuid(7), scope: VILLAGE, title: '入户安排', body: '本周请先走三组。', ...members })
const acknowledge = (d: Device, id: string): Promise<Answer> => d.request('PUT', `/v1/phone/directives/${id}/acknowledged`, { type: 'application/json', bytes: Buffer.from('{}') })
async function rows(token: string, path: string, schema: string): Promise<Row[]> {
  const a = await call(token, 'GET', path)
  assert.equal(a.status, 200, a.body)
  const value = JSON.parse(a.body) as { rows: Row[] }
  assert.deepEqual(api.faults(value, api.schema(schema)), [])
  return value.rows
}

before(async () => {
  site = await Site.start()
  api = new Description(JSON.parse((await ask(`${site.url}/v1/openapi.json`)).body) as Record<string, unknown>)
  near = await site.device('W0001')
  far = await site.device('W0004')
  township = await site.token('A0001', 'township', TOWNSHIP)
  secretary = await site.token('S0001', 'secretary', VILLAGE)
  inspector = await site.token('I0001', 'inspector', COUNTY)
})
after(() => site?.stop())

describe('a directive', () => {
  const id = uuid(7)
  let cursor = ''

  test('reaches the phones of its area with their next changes, and no others', async () => {
    cursor = (await changes(near)).cursor
    assert.equal((await publish(township, { directive: id, due: '2026-12-01' })).status, 200)
    const next = await changes(near, cursor)
    assert.deepEqual(directives(next.rows).map((r) => [r['directive'], r['due'], r['title'], r['acknowledged']]), [[id, '2026-12-01', '入户安排', false]])
    assert.deepEqual(directives((await changes(near, next.cursor)).rows), [], 'once')
    assert.deepEqual(directives((await changes(far)).rows), [])
    assert.equal(directives((await changes(near)).rows).length, 1, 'again with everything')
  })

  test('is published once, however often it is sent', async () => {
    const a = await publish(township, { directive: id, title: 'anders' })
    assert.deepEqual(JSON.parse(a.body), { repeated: true })
    assert.deepEqual((await rows(township, '/v1/directives', 'Directives')).map((r) => r['title']), ['入户安排'])
  })

  test('is acknowledged on the phone and by the village, and the office sees who has not', async () => {
    assert.equal((await acknowledge(near, id)).status, 200)
    assert.equal((await acknowledge(near, id)).status, 200)
    assert.equal((await call(secretary, 'PUT', `/v1/directives/${id}/acknowledged`, {})).status, 200)
    const [row] = await rows(secretary, '/v1/directives', 'Directives')
    assert.deepEqual([row!['concerned'], row!['acknowledged'], typeof row!['own']], [4, 2, 'number'])
    assert.deepEqual((await rows(township, `/v1/directives/${id}/late`, 'DirectiveLate')).map((r) => r['account']), ['W0002', 'W0003'])
    assert.equal(directives((await changes(near)).rows)[0]!['acknowledged'], true)
  })

  test('of another area is not there', async () => {
    const a = await acknowledge(far, id)
    assert.deepEqual([a.status, problem(a)], [404, 'not-found'])
    assert.equal((await acknowledge(near, uuid(7))).status, 404)
    assert.equal((await publish(township, { scope: '140522111' })).status, 403)
    assert.equal((await publish(secretary, {})).status, 403)
    assert.equal((await call(inspector, 'PUT', `/v1/directives/${id}/acknowledged`, {})).status, 403)
  })

  test('says what is wrong with it', async () => {
    for (const bad of [{ directive: 'x'.repeat(36) }, { due: '2026-02-30' }, { title: '' }, { title: 'x'.repeat(101) }, { body: 'x'.repeat(4001) }, { body: 'x'.repeat(17000) }, { more: 1 }])
      assert.equal((await publish(township, bad)).status, 400, JSON.stringify(bad).slice(0, 40))
    const hostile = '<script>alert(1)</script>\u202e😀'
    const other = uuid(7)
    assert.equal((await publish(township, { directive: other, title: hostile })).status, 200)
    assert.equal(directives((await changes(near)).rows).find((r) => r['directive'] === other)!['title'], hostile)
  })
})

describe('at the console', () => {
  const text = (body: string): string => {
    writeFileSync(`${site.dir}/directive.txt`, body)
    return `${site.dir}/directive.txt`
  }
  const publishing = (file: string, ...more: string[]): string[] =>
    ['directive', 'publish', file, '--county', COUNTY, '--prefix', VILLAGE, '--title', '周末加班', '--by', 'A0001', ...more]
  const reading = (...args: string[]): Promise<Record<string, unknown>> => site.adminJson('directive', ...args, '--county', COUNTY)
  let id = ''

  test('a directive is published from a file, and the phone has it with its next changes', async () => {
    const cursor = (await changes(near)).cursor
    const said = await site.adminJson(...publishing(text('周六上午补访三组。\n第二行\n\n'), '--due', '2026-01-05'))
    id = said['directive'] as string
    assert.deepEqual([said['ok'], said['repeated']], [true, false])
    const [row] = directives((await changes(near, cursor)).rows)
    assert.deepEqual([row!['directive'], row!['title'], row!['body'], row!['due']], [id, '周末加班', '周六上午补访三组。\n第二行', '2026-01-05'])
    const again = await site.adminJson(...publishing(text('anders'), '--directive', id))
    assert.equal(again['repeated'], true)
    assert.match(await site.admin(...publishing(text('anders'), '--directive', id)), /published before; nothing was changed/)
  })

  test('who has read it, who has not and who is late', async () => {
    assert.equal((await acknowledge(near, id)).status, 200)
    const shown = await reading('show', id)
    assert.deepEqual([shown['scope'], shown['title'], shown['by'], shown['due']], [VILLAGE, '周末加班', 'A0001', '2026-01-05'])
    const readers = shown['readers'] as Row[]
    assert.deepEqual(readers.map((r) => [r['account'], typeof r['acknowledged'], r['late']]), [
      ['S0001', 'object', true],
      ['W0002', 'object', true],
      ['W0003', 'object', true],
      ['W0001', 'number', false],
    ])
    assert.match(await site.admin('directive', 'show', id, '--county', COUNTY), /S0001 {2}late\n[^]*W0001 {2}read on \d{4}-\d\d-\d\d/)
    const narrower = await reading('show', id, '--prefix', `${VILLAGE}002`)
    assert.deepEqual((narrower['readers'] as Row[]).map((r) => r['account']), ['W0003'])
    const list = (await reading('list'))['list'] as Row[]
    const row = list.find((r) => r['directive'] === id)!
    assert.deepEqual([row['concerned'], row['acknowledged'], row['due']], [4, 1, '2026-01-05'])
    assert.deepEqual((await reading('list', '--prefix', '140522111'))['list'], [])
    assert.match(await site.admin('directive', 'list', '--county', COUNTY), new RegExp(`${id}  ${VILLAGE}  due 2026-01-05  by A0001  read by 1 of 4  周末加班`))
  })

  test('a list of more than a page has all of them', async () => {
    await site.pg.sql(`INSERT INTO qm.directive SELECT ${COUNTY}, gen_random_uuid(), '${TOWNSHIP}', 't', 'b', NULL, 'A0001', i, 0 FROM generate_series(1, 120) i`)
    assert.equal(((await reading('list', '--prefix', TOWNSHIP))['list'] as Row[]).filter((r) => r['title'] === 't').length, 120)
    assert.equal((await site.pg.sql(`DELETE FROM qm.directive WHERE title = 't' RETURNING 1`)).length, 120)
  })

  test('says what is wrong, and publishes nothing', async () => {
    const file = text('x')
    const refused = async (code: number, needle: RegExp, args: string[]): Promise<void> => {
      const got = await site.adminRun(...args)
      assert.deepEqual([got.code, needle.test(got.stderr)], [code, true], got.stderr)
    }
    const count = async (): Promise<string> => (await site.pg.sql('SELECT count(*) FROM qm.directive'))[0]!
    const there = await count()
    const with_ = (option: string, value: string): string[] => publishing(file).map((a, i, all) => (all[i - 1] === option ? value : a))
    await refused(1, /S0001 publishes nothing for 140522110204: name a township account/, with_('--by', 'S0001'))
    await refused(1, /A0001 publishes nothing for 140522111/, with_('--prefix', '140522111'))
    await refused(1, /C0001 publishes nothing/, with_('--by', 'C0001'))
    await refused(2, /no code of 6, 9, 12 or 15 digits/, with_('--prefix', '140523'))
    await refused(2, /--title: 1 to 100 characters/, with_('--title', '长'.repeat(101)))
    await refused(2, /--due: "2026-02-30" is no day/, publishing(file, '--due', '2026-02-30'))
    await refused(2, /no id|is not the id/, publishing(file, '--directive', 'x'))
    await refused(2, /1 to 4000 characters of UTF-8, not 4001/, publishing(text('长'.repeat(4001))))
    await refused(2, /1 to 4000 characters of UTF-8, not 0/, publishing(text('\n\n')))
    await refused(2, /is no id of a directive/, ['directive', 'show', 'x', '--county', COUNTY])
    await refused(1, /there is no directive/, ['directive', 'show', uuid(7), '--county', COUNTY])
    await refused(1, /there is no directive/, ['directive', 'show', id, '--county', COUNTY, '--prefix', '140522111'])
    assert.equal(await count(), there)
  })
})

test('topics come with the changes after they were set', async () => {
  const cursor = (await changes(near)).cursor
  writeFileSync(`${site.dir}/topics.json`, JSON.stringify([{ code: 'fake-boss', zh: '冒充领导' }]))
  await site.admin('topics', 'set', `${site.dir}/topics.json`, '--county', COUNTY, '--by', 'C0001')
  const topics = (await changes(near, cursor)).rows.filter((r) => r['t'] === 'topic')
  assert.deepEqual(topics, [{ t: 'topic', code: 'fake-boss', zh: '冒充领导' }])
})
