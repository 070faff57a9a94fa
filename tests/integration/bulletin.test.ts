/* A week is closed, looked at, published and corrected: who may, what each number says, and that an
 * auditor gets bytes whose hashes are those of the log. */
import { strict as assert } from 'node:assert'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { must, run } from './lib/command'
import { Answer, ask, Device, problem } from './lib/device'
import { Description } from './lib/shape'
import { COUNTY, GRID_FAR, homes, Site } from './lib/site'
import { qiaomen } from './lib/where'
import { sha256, vkeyText } from './lib/wire'

const TOWNSHIP = '140522110'
const VILLAGE = '140522110204'
const VILLAGE_FAR = '140522110205'

interface Cell { num: number; den: number; new: number; refused: number; late: number; carried: number; register: number; num_before: number; den_before: number; marked: boolean }
interface Row { code: string; name: string; rank: number; before: number; score: number; out: string; signoff: string; cells: Cell[]; beside: Record<string, number>; annex: Record<string, number> }
interface Bulletin {
  id: string; state: string; period: string; from: number; to: number; index: number | null; number: number; replaces: number | null; replaced_by: number | null
  roster_index: number; hashes: Record<string, string>; metrics: { name: string }[]; rows: Row[]; totals: { cells: Cell[]; annex: Record<string, number> }
  wording: Record<string, string>; signoffs: { village: string; state: string }[]; silent: { account: string; missing: number }[]
  proposals: { n: number; code: string; when: string; state: string; remark: string }[]; seals: { sha256: string }[]; corrected: { index: number; rows: Row[] } | null
}
interface Signoff { village: string; state: string; to: number; roster: string; index: number | null }

let site: Site
let api: Description
const device: Record<string, Device> = {}
const token: Record<string, string> = {}

const day = (n: number): string => new Date(Date.now() + 8 * 3600000 + n * 86400000).toISOString().slice(0, 10)
/** ISO week of a day of Shanghai: the year and number of its Thursday. */
function week(n: number): string {
  const d = new Date(`${day(n)}T00:00:00Z`)
  d.setUTCDate(d.getUTCDate() + 3 - ((d.getUTCDay() + 6) % 7))
  const first = Date.UTC(d.getUTCFullYear(), 0, 1)
  return `${d.getUTCFullYear()}-W${String(Math.floor((d.getTime() - first) / 604800000) + 1).padStart(2, '0')}`
}
const LAST = week(-7)
const THIS = week(0)

const call = (who: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  ask(site.url + path, {
    method,
    headers: { Authorization: `Bearer ${token[who]!}`, 'Accept-Language': 'en', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

async function good<T>(schema: string, a: Promise<Answer>): Promise<T> {
  const got = await a
  assert.equal(got.status, 200, got.body)
  const value = JSON.parse(got.body) as T
  assert.deepEqual(api.faults(value, api.schema(schema)), [])
  return value
}
const bulletin = (a: Promise<Answer>): Promise<Bulletin> => good<Bulletin>('Bulletin', a)

async function refused(a: Promise<Answer>, status: number, type: string, detail = /./): Promise<void> {
  const got = await a
  assert.deepEqual([got.status, problem(got)], [status, type], got.body)
  assert.match((JSON.parse(got.body) as { detail: string }).detail, detail)
}

const freeze = (period: string, more: object = {}, who = 'one', scope = TOWNSHIP): Promise<Answer> => call(who, 'POST', '/v1/bulletins', { scope, period, ...more })
const rowOf = (b: Bulletin, code: string): Row => b.rows.find((r) => r.code === code)!

interface Coverage { rows: { code: string; figures: Record<string, { num: number; den: number; refused: number }> }[] }
const coverage = async (): Promise<Coverage> => JSON.parse((await call('one', 'GET', '/v1/coverage?level=village')).body) as Coverage

interface Listed { household: string; resident?: string; grid: string; head?: string }
/** All rows of a list, in pages. */
async function listed(who: string, metric: string, query: string, limit = 37): Promise<Listed[]> {
  const kind = metric.startsWith('app') ? 'residents' : 'households'
  const rows: Listed[] = []
  for (let next: string | null = ''; next !== null; ) {
    const page: { rows: Listed[]; next: string | null } = await good(
      kind === 'residents' ? 'ResidentPage' : 'HouseholdPage', call(who, 'GET', `/v1/lists/${kind}?limit=${limit}&${query}${next && `&after=${next}`}`))
    rows.push(...page.rows)
    next = page.next
  }
  assert.equal(new Set(rows.map((r) => r.resident ?? r.household)).size, rows.length, query)
  return rows
}
const whole = (metric: string): string => (metric.startsWith('app') ? 'population' : 'homes')
/** Each number of a bulletin opens the list that it counted, for the villages and for all of them. */
async function opens(b: Bulletin): Promise<void> {
  const parts: Record<string, [string, string]> = {
    away: ['visited', 'away'], away_reached: ['visited', 'away_reached'], vacant: ['visited', 'vacant'], gone: ['visited', 'gone'],
    pledge_later: ['pledge', 'later:pledge'], app_later: ['app', 'later:app'], app_cannot: ['app', 'cannot:app'], app_shared: ['app', 'shared:app'],
  }
  for (const { code, cells, annex } of [...b.rows, { code: TOWNSHIP, ...b.totals }]) {
    for (const [name, n] of Object.entries(annex)) assert.equal((await listed('one', parts[name]![0], `bulletin=${b.id}&within=${code}&part=${parts[name]![1]}`)).length, n, `${code} ${name}`)
    for (const [i, { name }] of b.metrics.entries()) {
      const [done, all] = [await listed('one', name, `bulletin=${b.id}&within=${code}&part=done:${name}`), await listed('one', name, `bulletin=${b.id}&within=${code}&part=${whole(name)}`)]
      assert.deepEqual([done.length, all.length], [cells[i]!.num, cells[i]!.den], `${code} ${name}`)
      assert.ok([...done, ...all].every((r) => r.grid.startsWith(code)))
    }
  }
}

const auditor = async (path: string): Promise<Buffer> => {
  const r = await fetch(`${site.url}/v1/log/${COUNTY}/${path}`, { headers: { Authorization: `Bearer ${token['auditor']!}` } })
  assert.equal(r.status, 200, path)
  return Buffer.from(await r.arrayBuffer())
}
async function entry(idx: number): Promise<string> {
  const size = await site.logSize()
  const tile = Math.floor(idx / 256)
  const width = Math.min(256, size - tile * 256)
  let bytes = await auditor(`tile/entries/${String(tile).padStart(3, '0')}${width < 256 ? `.p/${width}` : ''}`)
  for (let i = tile * 256; i < idx; i++) bytes = bytes.subarray(2 + bytes.readUInt16BE(0))
  return bytes.subarray(2, 2 + bytes.readUInt16BE(0)).toString('utf8')
}

before(async () => {
  site = await Site.start()
  api = new Description(JSON.parse((await ask(`${site.url}/v1/openapi.json`)).body) as Record<string, unknown>)
  await site.importCsv('accounts', 'account,role,name,phone,areas', [
    `A0002,township,办公室二,10040000011,${TOWNSHIP}`,
    `D0001,deputy,文书,10040000012,${VILLAGE}`,
    `P0001,police,所长,10040000013,${TOWNSHIP}`,
  ])
  const tokens: [string, string, string, string][] = [
    ['one', 'A0001', 'township', TOWNSHIP], ['two', 'A0002', 'township', TOWNSHIP], ['secretary', 'S0001', 'secretary', VILLAGE],
    ['deputy', 'D0001', 'deputy', VILLAGE], ['auditor', 'U0001', 'auditor', COUNTY], ['worker', 'W0001', 'worker', '140522110204001'],
    ['police', 'P0001', 'police', TOWNSHIP], ['inspector', 'I0001', 'inspector', COUNTY],
  ]
  for (const [name, account, role, prefix] of tokens) token[name] = await site.token(account, role, prefix)
  for (const w of ['W0001', 'W0003', 'W0004']) device[w] = await site.device(w)
})
after(() => site?.stop())

describe('before anything is frozen', () => {
  test('without a rule nothing is frozen, and it says why in both languages', async () => {
    await refused(freeze(LAST), 409, 'conflict', /No rule/)
    const zh = await ask(`${site.url}/v1/bulletins`, {
      method: 'POST', headers: { Authorization: `Bearer ${token['one']!}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ scope: TOWNSHIP, period: LAST }),
    })
    assert.match(zh.body, /还没有设定排名规则/)
    await site.admin('rule', 'set', join(process.env['QM_ROOT']!, 'deploy', 'sample', 'rule.json'), '--county', COUNTY, '--by', 'C0001')
  })

  test('bodies that are not of the schema are refused with the member at fault', async () => {
    await refused(freeze('2026-W54'), 400, 'malformed', /period/)
    await refused(freeze(LAST, { more: 1 }), 400, 'malformed')
    await refused(freeze(LAST, {}, 'one', '14052211'), 400, 'malformed', /scope/)
    await refused(freeze(week(14)), 409, 'conflict', /not begun/)
    await refused(call('one', 'POST', '/v1/bulletins', []), 400, 'malformed')
  })

  test('a village cannot be ranked by villages, and nobody freezes outside the own area', async () => {
    await refused(freeze(LAST, {}, 'one', VILLAGE), 409, 'conflict', /village/)
    await refused(freeze(LAST, {}, 'one', COUNTY), 403, 'forbidden')
    await refused(freeze(LAST, {}, 'secretary'), 403, 'forbidden')
    await refused(freeze(LAST, {}, 'auditor'), 403, 'forbidden')
    await refused(ask(`${site.url}/v1/bulletins`), 401, 'unknown-key')
  })
})

describe('a week', () => {
  let first: Bulletin

  test('the village signs its roster off: one prepares, another confirms', async () => {
    const sign = (who: string, more: object): Promise<Answer> => call(who, 'POST', '/v1/signoffs', { village: VILLAGE, period: LAST, ...more })
    const of = async (a: Promise<Answer>): Promise<Signoff> => (await good<{ signoffs: Signoff[] }>('Signoffs', a)).signoffs.find((s) => s.village === VILLAGE)!
    await refused(sign('secretary', { step: 'prepare' }), 403, 'forbidden', /deputy/)
    await refused(sign('secretary', { step: 'confirm', to: 1, roster: 'a'.repeat(64) }), 404, 'not-found')
    const prepared = await of(sign('deputy', { step: 'prepare' }))
    assert.deepEqual([prepared.state, prepared.to], ['prepared', await site.logSize()])
    await refused(sign('deputy', { step: 'confirm', to: prepared.to, roster: prepared.roster }), 403, 'forbidden')
    await refused(sign('secretary', { step: 'confirm', to: prepared.to, roster: 'b'.repeat(64) }), 409, 'conflict')
    await refused(sign('secretary', { step: 'confirm' }), 400, 'malformed', /to/)
    const confirmed = await of(sign('secretary', { step: 'confirm', to: prepared.to, roster: prepared.roster }))
    assert.ok(['confirmed', 'late'].includes(confirmed.state))
    assert.deepEqual(await of(sign('secretary', { step: 'confirm', to: prepared.to, roster: prepared.roster })), confirmed)
    const logged = await entry(confirmed.index!)
    assert.match(logged, new RegExp(`^signoff/v1\nrecv \\d+\nby S0001\nscope ${VILLAGE}\n\nperiod ${LAST}\nto ${prepared.to}\nsha256:${prepared.roster}\n$`))
    await refused(call('secretary', 'POST', '/v1/signoffs', { village: VILLAGE_FAR, period: LAST, step: 'prepare' }), 403, 'forbidden')
    await refused(call('secretary', 'GET', `/v1/signoffs?period=${LAST}&scope=${TOWNSHIP}`), 403, 'forbidden')
  })

  test('the preview says what coverage says, and of each number why', async () => {
    const far = device['W0004']!
    const old = Date.now() - 8 * 86400000
    const near = device['W0001']!
    await near.send(...homes.slice(0, 10).map((h) => near.visit(h.household)))
    await near.send(near.visit(homes[11]!.household, { via: 'carried' }), near.visit(homes[13]!.household, { outcome: 'refused' }))
    await far.send(...homes.slice(70, 72).map((h) => far.visit(h.household)), far.visit(homes[72]!.household, { at: old }))
    first = await bulletin(freeze(LAST))
    assert.deepEqual([first.state, first.period, first.from, first.to, first.index], ['frozen', LAST, 0, first.roster_index, null])
    assert.deepEqual(first.metrics.map((m) => m.name), ['visited', 'notice_signed', 'pledge', 'app'])
    for (const c of (await coverage()).rows) {
      const row = rowOf(first, c.code)
      if (row === undefined) continue
      first.metrics.forEach((m, i) => {
        const f = c.figures[m.name]!
        assert.deepEqual([row.cells[i]!.num, row.cells[i]!.den, row.cells[i]!.refused], [f.num, f.den, f.refused], `${c.code} ${m.name}`)
      })
    }
    const [near_, far_] = [rowOf(first, VILLAGE).cells[0]!, rowOf(first, VILLAGE_FAR).cells[0]!]
    assert.deepEqual([near_.num, near_.new, near_.carried, near_.refused, near_.register], [11, 10, 1, 1, 0])
    assert.deepEqual([far_.num, far_.new, far_.carried], [3, 3, 0])
    assert.deepEqual([rowOf(first, VILLAGE).rank, rowOf(first, VILLAGE_FAR).out], [1, 'small'])
    assert.ok(['confirmed', 'late'].includes(rowOf(first, VILLAGE).signoff))
    assert.equal(rowOf(first, VILLAGE_FAR).signoff, 'missing')
    const log = await entry(first.roster_index)
    assert.match(log, new RegExp(`^roster/v1\nrecv \\d+\nby A0001\nscope ${TOWNSHIP}\n\nperiod ${LAST}\nto ${first.to}\nday \\d{4}-\\d\\d-\\d\\d\nsha256:${first.hashes['roster']}\n$`))
  })

  test('drafts are the office\'s: nobody else sees them, and nothing is outside its area', async () => {
    for (const who of ['police', 'inspector', 'auditor']) await refused(call(who, 'GET', `/v1/bulletins/${first.id}`), 404, 'not-found')
    for (const who of ['worker', 'secretary', 'deputy']) await refused(call(who, 'GET', `/v1/bulletins/${first.id}`), 403, 'forbidden')
    for (const who of ['inspector', 'secretary', 'deputy'])
      assert.deepEqual((await good<{ bulletins: unknown[] }>('BulletinPage', call(who, 'GET', '/v1/bulletins'))).bulletins, [])
    await refused(call('worker', 'GET', '/v1/bulletins'), 403, 'forbidden')
    assert.equal((await good<{ bulletins: unknown[] }>('BulletinPage', call('two', 'GET', '/v1/bulletins'))).bulletins.length, 1)
    const elsewhere = await site.token('A0002', 'township', '140522111').catch(() => null)
    if (elsewhere !== null) {
      token['elsewhere'] = elsewhere
      await refused(call('elsewhere', 'GET', `/v1/bulletins/${first.id}`), 404, 'not-found')
      await refused(call('elsewhere', 'POST', `/v1/bulletins/${first.id}/publish`), 404, 'not-found')
    }
    await refused(call('one', 'GET', '/v1/bulletins/00000000-0000-4000-8000-000000000000'), 404, 'not-found')
    await refused(call('one', 'GET', '/v1/bulletins/x'), 404, 'not-found')
  })

  test('words are edited and numbers are not', async () => {
    const put = (sections: unknown): Promise<Answer> => call('one', 'PUT', `/v1/bulletins/${first.id}/wording`, { sections })
    const edited = await bulletin(put({ title: '关于{period}工作情况的通报', contact: '联系电话 0356-0000000' }))
    assert.equal(edited.wording['title'], '关于{period}工作情况的通报')
    assert.deepEqual(edited.rows, first.rows)
    await refused(put({ rows: 'x' }), 400, 'malformed', /rows/)
    await refused(put({ title: '第{score}名' }), 400, 'malformed', /title/)
    await refused(put({}), 400, 'malformed')
    await refused(call('one', 'PUT', `/v1/bulletins/${first.id}/wording`, { rows: [] }), 400, 'malformed')
    // More faults than an answer holds: as many as fit.
    const many = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`段${i}"`, 'x']))
    await refused(put(many), 400, 'malformed', /is no section\n(?:[^]*\n){20}/)
  })

  test('the account that prepared it cannot publish; another one does, once', async () => {
    const publish = (who: string): Promise<Answer> => call(who, 'POST', `/v1/bulletins/${first.id}/publish`)
    await refused(publish('one'), 403, 'forbidden', /account that prepared/)
    await refused(publish('police'), 403, 'forbidden')
    const [size, phone] = [await site.logSize(), device['W0001']!]
    /* Phones go on syncing meanwhile: what comes now is in the next week. */
    const [done, again] = await Promise.all([bulletin(publish('two')), bulletin(publish('two')), ...homes.slice(20, 26).map((h) => phone.send(phone.visit(h.household)))])
    assert.deepEqual([done.state, done.number, done.rows], ['published', 1, first.rows])
    assert.deepEqual(again.index, done.index)
    assert.ok(done.index! >= size)
    first = await bulletin(publish('two'))
    assert.equal(first.index, done.index)
    const all = await site.pg.sql(`SELECT count(*) FROM qm.log_entry WHERE county = ${COUNTY} AND type = 10`)
    assert.deepEqual(all, ['1'])
    assert.equal(await entry(first.index!), [
      'bulletin/v1', /recv \d+/.exec(await entry(first.index!))![0], 'by A0002', 'prepared A0001', `scope ${TOWNSHIP}`, '', LAST, 'from 0', `to ${first.to}`,
      /root [^\n]+/.exec(await entry(first.index!))![0], `roster sha256:${first.hashes['roster']}`, `rule sha256:${first.hashes['rule']}`,
      `result sha256:${first.hashes['result']}`, `public sha256:${first.hashes['public']}`, '',
    ].join('\n'))
    await refused(call('one', 'PUT', `/v1/bulletins/${first.id}/wording`, { sections: { title: 'x' } }), 409, 'conflict', /published/)
    await refused(call('one', 'DELETE', `/v1/bulletins/${first.id}`), 409, 'conflict')
  })

  test('an auditor gets bytes of these hashes; others get what is open to them', async () => {
    for (const name of ['roster', 'rule', 'result', 'public'])
      assert.equal(sha256(await auditor(`object/${first.hashes[name]!}`)).toString('hex'), first.hashes[name], name)
    const roster = (await auditor(`object/${first.hashes['roster']!}`)).toString('utf8')
    const lines = roster.split('\n').slice(0, -1)
    assert.deepEqual(lines, [...lines].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
    assert.equal(lines.length, homes.length + homes.reduce((n, h) => n + h.people.length, 0))
    const result = JSON.parse((await auditor(`object/${first.hashes['result']!}`)).toString('utf8')) as { rows: { code: string; score: number; m: number[][] }[]; out: unknown }
    assert.deepEqual(result.rows.map((r) => [r.code, r.score, r.m[0]![0]]), [[VILLAGE, rowOf(first, VILLAGE).score, 11]])
    assert.deepEqual(result.out, [{ code: VILLAGE_FAR, why: 'small' }])
    const open = (hash: string, headers: Record<string, string> = {}): Promise<Answer> => ask(`${site.url}/v1/log/${COUNTY}/object/${hash}`, { headers })
    assert.equal((await open(first.hashes['public']!)).status, 200)
    for (const name of ['roster', 'result']) {
      assert.equal((await open(first.hashes[name]!)).status, 401, name)
      assert.equal((await open(first.hashes[name]!, { Authorization: `Bearer ${token['one']!}` })).status, 403, name)
    }
  })

  test('everybody sees the public ranking and no more', async () => {
    const shown = await good<{ rows: { m: number[][] }[]; metrics: { name: string }[] }>('PublicBulletin', ask(`${site.url}/v1/public/bulletins/${COUNTY}/${first.index!}`))
    assert.deepEqual(shown.metrics.map((m) => m.name), ['visited', 'notice_signed', 'pledge'])
    assert.doesNotMatch(JSON.stringify(shown), /A000|W000|王/)
    for (const path of [`${COUNTY}/${first.roster_index}`, `${COUNTY}/0`, `${COUNTY}/x`, '000000/1', '14052/1'])
      assert.equal((await ask(`${site.url}/v1/public/bulletins/${path}`)).status, 404, path)
    for (const who of ['police', 'inspector', 'auditor']) assert.equal((await bulletin(call(who, 'GET', `/v1/bulletins/${first.id}`))).id, first.id)
  })

  test('its numbers open what they counted, whatever came since', async () => {
    await opens(first)
    assert.deepEqual([first.totals.annex['away'], first.totals.annex['vacant']], [1, 1])
    const now = await listed('one', 'visited', `within=${VILLAGE}&part=done:visited`)
    assert.equal(now.length, rowOf(first, VILLAGE).cells[0]!.num + 6)
    const own = await listed('secretary', 'visited', `bulletin=${first.id}&part=done:visited`)
    assert.deepEqual([own.length, own[0]!.head], [rowOf(first, VILLAGE).cells[0]!.num, '王**'])
    assert.equal((await listed('auditor', 'visited', `bulletin=${first.id}&within=${VILLAGE}&part=homes`))[0]!.head, undefined)
    const found = await good<{ rows: Listed[] }>('HouseholdPage', call('one', 'POST', `/v1/lists/households?bulletin=${first.id}&part=done:visited&limit=500`, { text: '王' }))
    assert.equal(found.rows.length, first.totals.cells[0]!.num)
  })

  test('they open for nobody else, and a refusal into none', async () => {
    const list = (who: string, query: string): Promise<Answer> => call(who, 'GET', `/v1/lists/households?${query}`)
    await refused(list('secretary', `bulletin=${first.id}&part=homes&within=${VILLAGE_FAR}`), 403, 'forbidden')
    await refused(list('one', 'bulletin=00000000-0000-4000-8000-000000000000&part=homes'), 404, 'not-found')
    await refused(list('inspector', `bulletin=${first.id}&part=homes&within=${COUNTY}`), 404, 'not-found')
    for (const bad of ['bulletin=1&part=homes', `bulletin=${first.id}`, `bulletin=${first.id}&part=shops`, `bulletin=${first.id}&part=unclaimed`, `bulletin=${first.id}&part=week:visited`, `bulletin=${first.id}&part=refused:visited`, 'part=week:refused', 'part=week:', `bulletin=${first.id}&part=homes&after=AAAA`])
      await refused(list('one', bad), 400, 'malformed')
    const hostile = Buffer.concat([Buffer.from('7fffffffffffffff', 'hex'), Buffer.alloc(32, 255)]).toString('base64url')
    assert.deepEqual((await good<{ rows: Listed[] }>('HouseholdPage', list('one', `bulletin=${first.id}&part=homes&after=${hostile}`))).rows, [])
  })

  test('a scan of the sealed paper is noted by its hash', async () => {
    const b = await bulletin(call('one', 'PUT', `/v1/bulletins/${first.id}/seal`, { sha256: 'c'.repeat(64) }))
    assert.deepEqual(b.seals.map((s) => s.sha256), ['c'.repeat(64)])
    for (const page of [await call('one', 'GET', `/v1/bulletins/${first.id}/page`), await ask(`${site.url}/b/${COUNTY}/${b.index}`)]) {
      assert.equal(page.status, 200)
      assert.match(page.body, /已用印[\s\S]*年[\s\S]*扫描件校验码 c{64}/)
    }
    await refused(call('one', 'PUT', `/v1/bulletins/${first.id}/seal`, { sha256: 'C'.repeat(64) }), 400, 'malformed', /sha256/)
  })

  test('the same period again, and one before it, are refused', async () => {
    await refused(freeze(LAST), 409, 'conflict', /issue a correction/)
    await refused(freeze(week(-14)), 409, 'conflict', /published/)
  })

  test('a correction keeps the range, names what it replaces and shows both tables', async () => {
    await site.admin('status', 'set', '--county', COUNTY, '--by', 'A0001', '--household', homes[0]!.household, '--status', 'away')
    await refused(freeze(LAST, { replaces: 1 }), 409, 'conflict')
    await refused(freeze(THIS, { replaces: first.index! }), 409, 'conflict', new RegExp(LAST))
    const draft = await bulletin(freeze(LAST, { replaces: first.index! }))
    assert.deepEqual([draft.from, draft.to, draft.replaces], [first.from, first.to, first.index])
    await opens(draft)
    await opens(first)
    await refused(call('secretary', 'GET', `/v1/lists/households?bulletin=${draft.id}&part=homes`), 404, 'not-found')
    const cell = rowOf(draft, VILLAGE).cells[0]!
    assert.deepEqual([cell.num, cell.den], [10, rowOf(first, VILLAGE).cells[0]!.den - 1])
    const plain = (rows: Row[]): Row[] => rows.map((r) => ({ ...r, signoff: '' }))
    assert.deepEqual(plain(draft.corrected!.rows), plain(first.rows))
    const done = await bulletin(call('two', 'POST', `/v1/bulletins/${draft.id}/publish`))
    assert.match(await entry(done.index!), new RegExp(`\nreplaces ${first.index!}\n`))
    assert.equal(done.number, first.number)
    first = await bulletin(call('one', 'GET', `/v1/bulletins/${first.id}`))
    assert.equal(first.replaced_by, done.index)
    await refused(freeze(LAST, { replaces: first.index! }), 409, 'conflict')
    first = done
  })
})

describe('the export', () => {
  test('is a folder whose files are those of the single URLs', async () => {
    const r = await fetch(`${site.url}/v1/log/${COUNTY}/export`, { headers: { Authorization: `Bearer ${token['auditor']!}` } })
    assert.deepEqual([r.status, r.headers.get('content-type')], [200, 'application/x-tar'])
    const [tar, dir] = [join(site.dir, 'log.tar'), join(site.dir, 'log')]
    writeFileSync(tar, Buffer.from(await r.arrayBuffer()))
    mkdirSync(dir)
    const names = (await must('tar', ['-tf', tar])).trim().split('\n')
    await must('tar', ['-xf', tar, '-C', dir])
    assert.equal(new Set(names).size, names.length)
    assert.equal(names[0], `v1/log/${COUNTY}/checkpoint`)
    for (const name of names.slice(1)) {
      const one = await auditor(name.slice(`v1/log/${COUNTY}/`.length))
      assert.ok(one.equals(readFileSync(join(dir, name))), name)
    }
    const size = Number(readFileSync(join(dir, names[0]!), 'utf8').split('\n')[1])
    const batches = await site.pg.sql(`SELECT idx FROM qm.batch WHERE county = ${COUNTY} AND idx < ${size} ORDER BY idx`)
    assert.deepEqual(names.filter((n) => n.includes('/batch/')), batches.map((idx) => `v1/log/${COUNTY}/batch/${idx}`))
    const named = await site.pg.sql(`SELECT encode(u, 'hex') FROM qm.bulletin b, unnest(ARRAY[roster_sha, rule_sha, result_sha, public_sha]) u WHERE county = ${COUNTY} AND state = 1`)
    for (const sha of named) assert.ok(names.includes(`v1/log/${COUNTY}/object/${sha}`), sha)
  })

  test('is for auditors of the whole county', async () => {
    const of = (headers: Record<string, string>): Promise<Answer> => ask(`${site.url}/v1/log/${COUNTY}/export`, { headers })
    assert.equal((await of({})).status, 401)
    for (const who of ['one', 'inspector', 'secretary']) assert.equal((await of({ Authorization: `Bearer ${token[who]!}` })).status, 403, who)
    const part = await site.token('U0001', 'auditor', TOWNSHIP)
    assert.equal((await of({ Authorization: `Bearer ${part}` })).status, 403)
    assert.equal((await ask(`${site.url}/v1/log/${COUNTY}-7/export`, { headers: { Authorization: `Bearer ${token['auditor']!}` } })).status, 404)
  })
})

describe('the week after', () => {
  test('it begins where the last one ended, and says what changed and why', async () => {
    await site.admin('status', 'set', '--county', COUNTY, '--by', 'A0001', ...['--household', homes[1]!.household], '--status', 'gone')
    const phone = device['W0001']!
    const skipped = (phone.seq += 3)
    await phone.send(phone.visit(homes[30]!.household, { at: Date.now() - 9 * 86400000 }), phone.visit(homes[31]!.household, { via: 'carried' }))
    /* Of the far village no line changes: what stood there is taken from the bulletin before. */
    const far = device['W0004']!
    await far.send(far.visit(homes[73]!.household, { at: Date.now() - 9 * 86400000 }), far.visit(homes[74]!.household, { via: 'carried' }))
    const before = (await good<{ bulletins: { to: number }[] }>('BulletinPage', call('one', 'GET', '/v1/bulletins?limit=1'))).bulletins[0]!
    const b = await bulletin(freeze(THIS))
    assert.equal(b.from, before.to)
    const cell = rowOf(b, VILLAGE).cells[0]!
    /* 6 during publication, 1 late, 1 carried; one that was visited has gone since the bulletin before. */
    assert.deepEqual([cell.num_before, cell.num, cell.new, cell.late, cell.carried, cell.register], [10, 10 + 8 - 1, 7, 1, 1, -1])
    const farCell = rowOf(b, VILLAGE_FAR).cells[0]!
    assert.equal(rowOf(b, VILLAGE_FAR).beside['roster_changed'], 0)
    assert.deepEqual([farCell.num_before, farCell.num, farCell.new, farCell.late, farCell.carried, farCell.register], [3, 5, 1, 1, 1, 0])
    assert.deepEqual([rowOf(b, VILLAGE).before, rowOf(b, VILLAGE_FAR).before], [1, 0])
    assert.ok(rowOf(b, VILLAGE).beside['roster_changed']! >= 1)
    assert.ok(skipped > 0 && b.silent.some((s) => s.account === 'W0001' && s.missing === 3), JSON.stringify(b.silent))
    await site.admin('status', 'set', '--county', COUNTY, '--by', 'A0001', '--household', homes[1]!.household, '--status', 'counted')
    const small = homes.slice(70, 75)
    for (const h of small) await site.admin('status', 'set', '--county', COUNTY, '--by', 'A0001', '--household', h.household, '--status', 'vacant')
    const again = await bulletin(freeze(THIS))
    assert.ok(rowOf(again, VILLAGE_FAR).cells[0]!.marked)
    assert.equal(rowOf(again, VILLAGE_FAR).out, 'empty')
    assert.equal(rowOf(again, VILLAGE).cells[0]!.marked, false)
    await refused(call('one', 'GET', `/v1/bulletins/${b.id}`), 404, 'not-found')
    assert.deepEqual(JSON.parse((await call('one', 'DELETE', `/v1/bulletins/${again.id}`)).body), {})
    await refused(call('one', 'GET', `/v1/bulletins/${again.id}`), 404, 'not-found')
    await refused(call('two', 'POST', `/v1/bulletins/${again.id}/publish`), 404, 'not-found')
  })

  test('figures from elsewhere: all of them, with their source, and what the rule proposes', async () => {
    const file = join(site.dir, 'rule-cases.json')
    writeFileSync(file, JSON.stringify({
      level: 'village', assurance: 'reported', order: 'lexicographic',
      metrics: [{ name: 'cases', ranked: true, office: true, public: false, lower: true }, { name: 'visited', ranked: true, office: true, public: true }],
      escalation: [{ subject: 'village', when: 'case', times: 1, step: 'circulate' }, { subject: 'village', when: 'case', times: 1, step: 'talk' }, { subject: 'village', when: 'case', times: 1, step: 'talk_head' }, { subject: 'police', when: 'worst', times: 2, step: 'talk_deputy' }],
    }))
    await site.admin('rule', 'set', file, '--county', COUNTY, '--by', 'C0001')
    await refused(freeze(THIS), 409, 'conflict', new RegExp(`cases ${VILLAGE}, cases ${VILLAGE_FAR}`))
    const source = sha256('file').toString('hex')
    const put = (rows: object[], who = 'police', more: object = {}): Promise<Answer> => call(who, 'POST', '/v1/figures', { period: THIS, source, rows, ...more })
    await refused(put([{ metric: 'visited', code: VILLAGE, value: 1 }]), 400, 'malformed', /rows\[0\].metric/)
    await refused(put([{ metric: 'cases', code: '140522111001', value: 1 }]), 400, 'malformed', /rows\[0\].code/)
    await refused(put([{ metric: 'cases', code: VILLAGE, value: -1 }]), 400, 'malformed', /rows\[0\].value/)
    await refused(put([{ metric: 'cases', code: VILLAGE, value: 1 }, { metric: 'cases', code: VILLAGE, value: 2 }]), 400, 'malformed', /rows\[1\]/)
    await refused(put([], 'police', { source: 'x' }), 400, 'malformed', /source/)
    await refused(put([], 'secretary'), 403, 'forbidden')
    const kept = await good<{ figures: { metric: string; value: number }[] }>('Figures', put([{ metric: 'cases', code: VILLAGE, value: 2 }, { metric: 'cases', code: VILLAGE_FAR, value: 0 }]))
    assert.equal(kept.figures.length, 2)
    const b = await bulletin(freeze(THIS))
    assert.deepEqual(b.rows.map((r) => [r.code, r.rank, r.out]), [[VILLAGE, 1, ''], [VILLAGE_FAR, 0, 'empty']])
    assert.deepEqual(rowOf(b, VILLAGE).cells[0], { num: 2, den: 1, new: 0, refused: 0, late: 0, carried: 0, register: 0, num_before: 0, den_before: 0, marked: false })
    assert.deepEqual(b.proposals.map((p) => [p.code, p.when, p.state]), Array(3).fill([VILLAGE, 'case', 'proposed']))
    const decided = await bulletin(call('one', 'POST', `/v1/bulletins/${b.id}/proposals/1`, { decision: 'dismiss', remark: '已在会上说明' }))
    assert.deepEqual([decided.proposals[0]!.state, decided.proposals[0]!.remark], ['dismissed', '已在会上说明'])
    await refused(call('one', 'POST', `/v1/bulletins/${b.id}/proposals/1`, { decision: 'accept', remark: 'x' }), 409, 'conflict')
    await refused(call('one', 'POST', `/v1/bulletins/${b.id}/proposals/9`, { decision: 'accept', remark: 'x' }), 404, 'not-found')
    await refused(call('one', 'POST', `/v1/bulletins/${b.id}/proposals/1`, { decision: 'maybe', remark: 'x' }), 400, 'malformed', /decision/)
    /* What is accepted before publication stands in the document; what is decided later does not change it. */
    const page = async (): Promise<string> => (await call('one', 'GET', `/v1/bulletins/${b.id}/page`)).body
    const name = rowOf(b, VILLAGE).name
    assert.doesNotMatch(await page(), /约谈|予以通报/)
    assert.equal((await bulletin(call('one', 'POST', `/v1/bulletins/${b.id}/proposals/2`, { decision: 'accept', remark: '同意' }))).wording['praise']!.includes('{decided}'), true)
    assert.match(await page(), new RegExp(`约谈${name}。`))
    const done = await bulletin(call('two', 'POST', `/v1/bulletins/${b.id}/publish`))
    const published = await page()
    assert.match(published, new RegExp(`约谈${name}。`))
    assert.doesNotMatch(published, /A000\d约谈|主要负责人|同意/)
    assert.equal((await bulletin(call('one', 'POST', `/v1/bulletins/${b.id}/proposals/3`, { decision: 'accept', remark: '再议' }))).proposals[2]!.state, 'accepted')
    assert.equal(await page(), published)
    const imports = (await auditor(`object/${done.hashes['imports']!}`)).toString('utf8')
    assert.equal(imports, `cases ${VILLAGE} 2 ${source}\ncases ${VILLAGE_FAR} 0 ${source}\n`)
    assert.match(await entry(done.index!), new RegExp(`\nimports sha256:${sha256(imports).toString('hex')}\n`))
  })

  test('every output of a draft and of a published one', async () => {
    const list = await good<{ bulletins: { id: string; index: number }[] }>('BulletinPage', call('one', 'GET', '/v1/bulletins'))
    const { id, index } = list.bulletins[0]!
    const village = await good<{ bulletins: { state: string; scope: string; index: number }[] }>('BulletinPage', call('secretary', 'GET', '/v1/bulletins'))
    assert.ok(village.bulletins.some((b) => b.index === index && b.scope === TOWNSHIP), 'a village finds what its township published')
    assert.ok(village.bulletins.every((b) => b.state === 'published'), 'and no draft')
    const forms: [string, string, RegExp][] = [
      ['page', 'text/html; charset=utf-8', /^<!DOCTYPE html>/i], ['sheet', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', /^PK/],
      ['table', 'text/csv; charset=utf-8', /\r\n/], ['picture', 'image/svg+xml', /<svg/], ['words', 'text/plain; charset=utf-8', /./],
    ]
    for (const [form, type, looks] of forms) {
      const a = await call('inspector', 'GET', `/v1/bulletins/${id}/${form}`)
      assert.deepEqual([a.status, a.type], [200, type], `${form}: ${a.body.slice(0, 200)}`)
      assert.match(a.body, looks)
      await refused(call('secretary', 'GET', `/v1/bulletins/${id}/${form}`), 403, 'forbidden')
    }
    /* Targets are those in force when it was frozen, whatever is set later. */
    const target = (threshold: number): object[] => [{ metric: 'visited', prefix: COUNTY, basis: 'door', threshold, from: '2020-01-01', due: '2099-12-31', assurance: 'reported' }]
    const set = async (threshold: number): Promise<void> => {
      writeFileSync(join(site.dir, 'targets.json'), JSON.stringify(target(threshold)))
      await site.admin('targets', 'set', join(site.dir, 'targets.json'), '--county', COUNTY, '--by', 'C0001')
    }
    const before_ = (await call('one', 'GET', `/v1/bulletins/${id}/table`)).body
    await set(1)
    assert.equal((await call('one', 'GET', `/v1/bulletins/${id}/table`)).body, before_)
    await site.admin('rule', 'set', join(process.env['QM_ROOT']!, 'deploy', 'sample', 'rule.json'), '--county', COUNTY, '--by', 'C0001')
    const table = async (b: Bulletin): Promise<string> => (await call('one', 'GET', `/v1/bulletins/${b.id}/table`)).body
    const low = await bulletin(freeze(THIS.slice(0, 4)))
    const asked = await table(low)
    assert.match((await call('one', 'GET', `/v1/bulletins/${low.id}/page`)).body, /已达到0\.01%的目标/)
    await set(10000)
    assert.equal(await table(low), asked)
    const high = await bulletin(freeze(THIS.slice(0, 4)))
    assert.deepEqual(high.rows, low.rows)
    assert.notEqual(await table(high), asked)
    const page_ = async (b: Bulletin): Promise<string> => (await call('one', 'GET', `/v1/bulletins/${b.id}/page`)).body
    assert.match(await page_(high), /数据太少，暂不预计目标完成日期/, 'the first of its kind')
    assert.equal((await call('one', 'DELETE', `/v1/bulletins/${high.id}`)).status, 200)
    for (let annex = 1; annex <= 6; annex++) assert.equal((await call('one', 'GET', `/v1/bulletins/${id}/table?annex=${annex}&bom=1`)).status, 200)
    await refused(call('one', 'GET', `/v1/bulletins/${id}/table?annex=7`), 400, 'malformed', /annex/)
    await refused(call('one', 'GET', `/v1/bulletins/${id}/table?bom=2`), 400, 'malformed', /bom/)
    const page = await ask(`${site.url}/b/${COUNTY}/${index}`)
    assert.deepEqual([page.status, page.type], [200, 'text/html; charset=utf-8'])
    assert.ok(page.headers.get('content-security-policy'))
    assert.doesNotMatch(page.body, /A000|W000/)
    for (const path of [`/b/${COUNTY}/0`, '/b/140523/1', `/b/${COUNTY}/nonsense`, `/b/${COUNTY}`, '/b/', '/b', `/b/${COUNTY}/1/2`, `/b/${COUNTY}/<b>`]) {
      const browser = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' }
      const none = await ask(site.url + path, { headers: browser })
      assert.deepEqual([none.status, none.type], [404, 'text/html; charset=utf-8'], path)
      assert.match(none.body, /<html lang="zh-CN">[^]*<h1>没有找到<\/h1>\n<p>这个地址没有通报:.*重新扫/)
      assert.match(String(none.headers.get('content-security-policy')), /default-src 'none'/)
      assert.match((await ask(site.url + path, { headers: { ...browser, 'accept-language': 'en' } })).body, /<html lang="en">[^]*There is no bulletin at this address/)
      assert.equal(problem(await ask(site.url + path)), 'not-found', 'a program gets problem details')
    }
    assert.equal(problem(await ask(`${site.url}/v1/public/bulletins/${COUNTY}/0`, { headers: { accept: 'text/html' } })), 'not-found', 'and so does whoever asks the API')
  })

  test('a recount that found differences stops publishing', async () => {
    await site.admin('rule', 'set', join(process.env['QM_ROOT']!, 'deploy', 'sample', 'rule.json'), '--county', COUNTY, '--by', 'C0001')
    const b = await bulletin(freeze(THIS.slice(0, 4)))
    await site.pg.sql(`UPDATE qm.grid_counter SET v[3] = v[3] + 1 WHERE county = ${COUNTY} AND grid = 140522110204001`)
    await site.adminRun('recount', '--county', COUNTY)
    const noted = await site.pg.sql(`SELECT differences FROM qm.recount WHERE county = ${COUNTY} ORDER BY at DESC LIMIT 1`)
    if (noted[0] === undefined || noted[0] === '0') await site.pg.sql(`SELECT qm.recount_note(${COUNTY}, ${Date.now()}, 1, 1)`)
    await refused(call('two', 'POST', `/v1/bulletins/${b.id}/publish`), 409, 'conflict', /recount/)
    await site.pg.sql(`UPDATE qm.grid_counter SET v[3] = v[3] - 1 WHERE county = ${COUNTY} AND grid = 140522110204001`)
    await site.pg.sql(`SELECT qm.recount_note(${COUNTY}, ${Date.now() + 1}, 1, 0)`)
    assert.equal((await bulletin(call('two', 'POST', `/v1/bulletins/${b.id}/publish`))).state, 'published')
  })
})

describe('a week in which people move', () => {
  /** new, late and carried of the ranked metrics by village as a fold of everything gives them, beside the draft's. */
  const foldedWhole = async (b: Bulletin): Promise<void> => {
    const rows = await site.pg.sql(`
      WITH b AS (SELECT * FROM qm.bulletin WHERE draft = '${b.id}'), whole AS (
        SELECT (s.grid / 1000)::text AS code, u.o, sum(u.a - u.b)::bigint AS new, sum(u.l - u.b)::bigint AS late, sum(u.b - u.z)::bigint AS carried
          FROM b, qm.freeze_sums(b.county, b.scope, b.day, b.from_idx, b.from_rev, b.to_size, b.to_rev,
                                 extract(epoch FROM b.day - 6 - interval '8 hours')::bigint * 1000) s,
               unnest(s.a, s.b, s.l, s.z) WITH ORDINALITY AS u (a, b, l, z, o)
         GROUP BY 1, 2)
      SELECT r.code, r.m[8 * k.i - 5] = w.new AND r.m[8 * k.i - 3] = w.late AND r.m[8 * k.i - 2] = w.carried, r.m, w.new, w.late, w.carried
        FROM b JOIN qm.bulletin_row r USING (county, draft)
       CROSS JOIN (VALUES (1, 1), (2, 7), (3, 9), (4, 11)) AS k (i, place)
        JOIN whole w ON w.code = r.code AND w.o = k.place`)
    assert.equal(rows.length, 4 * b.rows.length)
    for (const row of rows) assert.match(row, /\|t\|/)
  }
  const by = (what: string): Promise<string[]> => site.pg.sql(`SELECT status FROM qm.${what}`)
  const id = (name: string): string => `qm.pseudonym_id('${name}')`

  test('who is counted elsewhere takes along what counted, both ways, and so do those who are merged', async () => {
    await site.importCsv('accounts', 'account,role,name,phone,areas', [`K0001,township,县办,10040000021,${COUNTY}`, `K0002,township,县办二,10040000022,${COUNTY}`])
    for (const who of ['K0001', 'K0002']) token[who] = await site.token(who, 'township', COUNTY)
    const last = await bulletin(freeze(LAST, {}, 'K0001', COUNTY))
    await foldedWhole(last)
    assert.equal((await bulletin(call('K0002', 'POST', `/v1/bulletins/${last.id}/publish`))).state, 'published')

    const head = `${COUNTY}, 'A0001', ${Date.now()}`
    const phone = device['W0001']!
    await phone.send(phone.visit(homes[40]!.household), phone.visit(homes[3]!.household, { at: Date.now() - 9 * 86400000 }), phone.visit(homes[5]!.household, { via: 'carried' }))
    assert.deepEqual(await by(`move_household(${head}, ${id(homes[3]!.household)}, ${GRID_FAR})`), ['0'])
    assert.deepEqual(await by(`set_status(${head}, 'household', ${id(homes[2]!.household)}, 2::smallint)`), ['0'])
    await foldedWhole(await bulletin(freeze(THIS, {}, 'K0001', COUNTY)))
    assert.deepEqual(await by(`merge_household(${head}, ${id(homes[4]!.household)}, ${id(homes[5]!.household)})`), ['0'])
    await foldedWhole(await bulletin(freeze(THIS, {}, 'K0001', COUNTY)))
  })
})

describe('from outside', () => {
  test('the audit, which folds and ranks by itself, finds every bulletin as it was published', async () => {
    const r = await fetch(`${site.url}/v1/log/${COUNTY}/export`, { headers: { Authorization: `Bearer ${token['auditor']!}` } })
    const [tar, dir] = [join(site.dir, 'audit.tar'), join(site.dir, 'audit')]
    writeFileSync(tar, Buffer.from(await r.arrayBuffer()))
    mkdirSync(dir)
    await must('tar', ['-xf', tar, '-C', dir])
    const said = await run(qiaomen, ['audit', '--folder', dir, '--key', vkeyText(site.logKey), '--json'])
    assert.equal(said.code, 0, said.stdout + said.stderr)
    const found = (JSON.parse(said.stdout) as { found: { type: string; computed?: boolean; holds?: boolean }[] }).found.filter((f) => f.type === 'bulletin')
    assert.equal(found.length, 5)
    assert.ok(found.every((f) => f.computed === true && f.holds === true), said.stdout)
  })
})
