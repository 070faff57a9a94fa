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
    for (const bad of [{ directive: 'x'.repeat(36) }, { due: '2026-02-30' }, { title: '' }, { body: 'x'.repeat(13000) }, { more: 1 }])
      assert.equal((await publish(township, bad)).status, 400, JSON.stringify(bad).slice(0, 40))
    const hostile = '<script>alert(1)</script>\u202e😀'
    const other = uuid(7)
    assert.equal((await publish(township, { directive: other, title: hostile })).status, 200)
    assert.equal(directives((await changes(near)).rows).find((r) => r['directive'] === other)!['title'], hostile)
  })
})

test('topics come with the changes after they were set', async () => {
  const cursor = (await changes(near)).cursor
  writeFileSync(`${site.dir}/topics.json`, JSON.stringify([{ code: 'fake-boss', zh: '冒充领导' }]))
  await site.admin('topics', 'set', `${site.dir}/topics.json`, '--county', COUNTY, '--by', 'C0001')
  const topics = (await changes(near, cursor)).rows.filter((r) => r['t'] === 'topic')
  assert.deepEqual(topics, [{ t: 'topic', code: 'fake-boss', zh: '冒充领导' }])
})
