/* What the office corrects in the register from the browser and the console: edits, splits, taking back,
 * workers' proposals, divisions, households by the village's own number. */
import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { Answer, ask, Device } from './lib/device'
import { Description } from './lib/shape'
import { COUNTY, GRID, GRID_FAR, GRID_OTHER, fixedPseudonym, homes, Site } from './lib/site'

const VILLAGE = '140522110204'
const TOWNSHIP = '140522110'
const HOUSEHOLDS = 'household,grid,place,status,group,lane,door,head,phone,worker,ref'

interface Fault { line: number; where: string; fault: string }
interface Report { ok: boolean; rows?: number; fields?: number; settled?: number; household?: string; event?: string; error?: string; list?: Fault[]; csv?: string }
interface Change { rev: number; subject: string; what: string; old: string; new: string; by: string; undoes: number | null; undone: number | null; undo: string | null }
interface Event { event: string; kind: string; code: string | null; decided_by: string | null; accepted: boolean | null; settled_by: string | null; voided: boolean }
interface Card { household: Record<string, unknown>; residents: { resident: string; name: string; phone: string; born: string; groups: string[]; status: string }[]; events: Event[]; changes: Change[] }
interface Proposal { event: string; kind: string; code: string; household: string; resident: string | null; from: string | null; grid: string; status: string; proposed: string | null; head: string; name: string | null }

let site: Site
let api: Description
let worker: Device
let secretary: string, township: string, admin: string

const send = (token: string, method: string, path: string, type: string, body: string): Promise<Answer> =>
  ask(site.url + path, { method, headers: { Authorization: `Bearer ${token}`, 'Content-Type': type }, body })
function report(a: Answer, status = 200): Report {
  assert.equal(a.status, status, a.body)
  const r = JSON.parse(a.body) as Report
  assert.deepEqual(api.faults(r, api.schema('Report')), [])
  return r
}
const put = async (token: string, path: string, body: unknown, status = 200): Promise<Report> => report(await send(token, 'PUT', path, 'application/json', JSON.stringify(body)), status)
const post = async (token: string, path: string, body: unknown, status = 200): Promise<Report> => report(await send(token, 'POST', path, 'application/json', JSON.stringify(body)), status)
const file = async (token: string, path: string, header: string, rows: string[], status = 200): Promise<Report> => report(await send(token, 'POST', path, 'text/csv', [header, ...rows].join('\n') + '\n'), status)

async function card(id: string, token = township): Promise<Card> {
  const a = await ask(`${site.url}/v1/register/households/${id}`, { headers: { Authorization: `Bearer ${token}` } })
  assert.equal(a.status, 200, a.body)
  const c = JSON.parse(a.body) as Card
  assert.deepEqual(api.faults(c, api.schema('Card')), [])
  return c
}
const inFull = async (subject: string): Promise<{ name: string; phone: string }> => JSON.parse((await send(township, 'POST', '/v1/reveal', 'application/json', JSON.stringify({ subject, reason: 'test' }))).body) as { name: string; phone: string }
async function proposals(token: string, query = ''): Promise<Proposal[]> {
  const a = await ask(`${site.url}/v1/proposals${query}`, { headers: { Authorization: `Bearer ${token}` } })
  assert.equal(a.status, 200, a.body)
  const got = JSON.parse(a.body) as { rows: Proposal[] }
  assert.deepEqual(api.faults(got, api.schema('Proposals')), [])
  return got.rows
}
const last = async (id: string): Promise<Change> => (await card(id)).changes[0]!

/** One target that names these groups. */
/** The township's target with these groups, and more of other areas. */
async function targets(groups: string[], more: { prefix: string; groups: string[] }[] = []): Promise<void> {
  const target = { metric: 'app', prefix: TOWNSHIP, basis: 'door', threshold: 4000, from: '2026-01-01', due: '2099-12-31', assurance: 'reported', groups }
  await put(admin, '/v1/settings/targets', [target, ...more.map((m) => ({ ...target, ...m }))])
}

before(async () => {
  site = await Site.start()
  api = new Description(JSON.parse((await ask(`${site.url}/v1/openapi.json`)).body) as Record<string, unknown>)
  secretary = await site.token('S0001', 'secretary', VILLAGE)
  township = await site.token('A0001', 'township', TOWNSHIP)
  admin = await site.token('C0001', 'admin', COUNTY)
  worker = await site.device('W0001')
  await targets(['student', 'parent'])
})
after(() => site?.stop())

describe('a card is corrected', () => {
  const home = homes[2]!
  test('what is given changes, what is not given stays, sealed fields too', async () => {
    const before = await inFull(home.household)
    assert.equal((await put(secretary, `/v1/register/households/${home.household}/card`, { door: '8号', lane: '', phone: '138-0000 1111' })).fields, 3)
    assert.equal((await put(township, `/v1/register/households/${home.household}/card`, { door: '8号' })).fields, 0)
    const c = await card(home.household)
    assert.deepEqual([c.household['door'], c.household['lane'], c.household['group']], ['8号', '', '一组'])
    assert.deepEqual(await inFull(home.household), { ...before, phone: '13800001111' })
    assert.deepEqual(c.changes.map((x) => [x.what, x.old, x.new]).sort(), [['door', '', ''], ['lane', '', ''], ['phone', '', '']])
    const who = home.people[0]!
    await put(township, `/v1/register/residents/${who.resident}/card`, { name: '改名', born: '1970-01-02', groups: 'student  parent' })
    assert.equal((await inFull(who.resident)).name, '改名')
    assert.deepEqual((await card(home.household)).residents.find((r) => r.resident === who.resident)!.groups, ['student', 'parent'])
    await site.recount()
  })

  test('groups: those of the county that a target in force names, no others, and never some', async () => {
    const who = home.people[0]!.resident
    const edit = async (groups: string, status = 422): Promise<string> => (await put(township, `/v1/register/residents/${who}/card`, { groups }, status)).error ?? ''
    assert.match(await edit('student released_prisoner'), /"released_prisoner" is never kept/)
    assert.match(await edit('student community_correction'), /"community_correction" is never kept/)
    assert.match(await edit('made_up_group'), /not on the county's list.*student parent/)
    assert.match(await edit('trader'), /only while a target names it/)
    const rows = ['released_prisoner', 'made_up_group', 'trader', 'student'].map((g) => `,${home.household},王人群,1980-01-01,counted,${g}`)
    const refused = await file(township, '/v1/register/residents?dry=1', 'resident,household,name,born,status,groups', rows, 422)
    assert.deepEqual((refused as unknown as { list: { line: number }[] }).list.map((f) => f.line), [2, 3, 4])
    const listed = JSON.parse((await ask(`${site.url}/v1/groups`, { headers: { Authorization: `Bearer ${secretary}` } })).body) as { rows: { code: string; used: boolean }[] }
    assert.deepEqual(api.faults(listed, api.schema('CareGroups')), [])
    assert.deepEqual(listed.rows.filter((g) => g.used).map((g) => g.code), ['student', 'parent'])
    const list = (code: string, zh: string) => ({ version: 1, groups: [{ code, zh, en: 'x' }] })
    for (const [code, zh] of [['ex', '刑释解教人员'], ['community_correction', '其他']] as const)
      assert.match(JSON.stringify(await put(admin, '/v1/preferences/groups', list(code, zh), 422)), /never kept/)
    assert.match((await put(township, '/v1/preferences/groups', list('student', '学生'), 422)).error!, /whole county/)
  })

  test('a group that another village\'s target names may be kept there and not here', async () => {
    const far = homes.find((h) => h.grid === GRID_FAR)!
    await targets(['student', 'parent'], [{ prefix: GRID_FAR.slice(0, 12), groups: ['trader'] }])
    const edit = async (who: string, status?: number): Promise<string> => (await put(township, `/v1/register/residents/${who}/card`, { groups: 'trader' }, status)).error ?? ''
    assert.match(await edit(home.people[0]!.resident, 422), /none in force there does; now may be kept: student parent; nothing was changed/)
    await edit(far.people[0]!.resident)
    const rows = [home, far].map((h) => `,${h.household},王人群,1980-01-01,counted,trader`)
    const refused = await file(township, '/v1/register/residents?dry=1', 'resident,household,name,born,status,groups', rows, 422)
    assert.deepEqual((refused as unknown as { list: { line: number }[] }).list.map((f) => f.line), [2])
    await targets(['student', 'parent'])
  })

  test('what no target names any more is taken away at night, by the role that serves', async () => {
    await targets(['parent'])
    await site.pg.sql(`SET ROLE qiaomen_app; SELECT * FROM qm.groups_sweep(${COUNTY}, '2026-11-22')`)
    assert.deepEqual((await card(home.household)).residents.find((r) => r.resident === home.people[0]!.resident)!.groups, ['parent'])
    await targets(['student', 'parent'])
  })

  test('nothing personal stands in the history, in the log or in the table of changes', async () => {
    const rows = (await site.pg.sql(`SELECT c::text || coalesce(k::text, '') FROM qm.register_change c LEFT JOIN qm.register_kept k USING (county, rev, subject, what)`)).join('\n')
    assert.ok(!rows.includes('改名') && !rows.includes(Buffer.from('改名').toString('hex')) && !rows.includes('13800001111') && !rows.includes(Buffer.from('13800001111').toString('hex')))
    assert.ok(!site.log.includes('改名'))
  })

  test('a value that cannot be is said, and nothing is changed', async () => {
    const was = await card(home.household)
    for (const [field, value, why] of [['place', 'palace', /home, shop/], ['phone', '12', /5 to 15 digits/], ['ref', 'x'.repeat(41), /too long/]] as const)
      assert.match((await put(township, `/v1/register/households/${home.household}/card`, { [field]: value, door: '9号' }, 422)).error!, why)
    for (const [field, value, why] of [['born', '2026-02-30', /existing day/], ['born', '2199-01-01', /future/], ['groups', 'Elder', /group codes/]] as const)
      assert.match((await put(township, `/v1/register/residents/${home.people[0]!.resident}/card`, { [field]: value }, 422)).error!, why)
    assert.match((await put(township, `/v1/register/households/${home.household}/card`, {}, 422)).error!, /at least one/)
    assert.match((await put(secretary, `/v1/register/households/${homes.find((h) => h.grid === GRID_FAR)!.household}/card`, { door: '1' }, 422)).error!, /not in the register/)
    assert.deepEqual(await card(home.household), was)
  })

  test('and taken back, the last change first; a taking back is a change of its own', async () => {
    const c = await card(home.household)
    const [person, edit] = [c.changes.find((x) => x.what === 'name')!, c.changes.find((x) => x.what === 'door')!]
    assert.deepEqual([person.undo, edit.undo], ['can', 'can'])
    await post(secretary, '/v1/register/undo', { rev: String(edit.rev) })
    await post(secretary, '/v1/register/undo', { rev: String(edit.rev) }) // a repeated request
    const now = await card(home.household)
    assert.deepEqual([now.household['door'], now.household['lane']], ['3号', '东街'])
    assert.equal((await inFull(home.household)).phone, '10041000000')
    const back = now.changes.filter((x) => x.undoes === edit.rev)
    assert.deepEqual([back.length, back[0]!.by, back[0]!.undo], [3, 'S0001', null])
    assert.match((await post(township, '/v1/register/undo', { rev: String(back[0]!.rev) }, 422)).error!, /cannot be taken back/)
    assert.match((await post(township, '/v1/register/undo', { rev: '999999' }, 422)).error!, /no such change/)
    await post(township, '/v1/register/undo', { rev: String(person.rev), resident: person.subject })
    assert.notEqual((await inFull(person.subject)).name, '改名')
    await site.recount()
  })

  test('two at once: one change, one taking back', async () => {
    const path = `/v1/register/households/${home.household}/card`
    const answers = await Promise.all(['甲', '乙'].map((door) => send(township, 'PUT', path, 'application/json', JSON.stringify({ door }))))
    assert.deepEqual(answers.map((a) => a.status), [200, 200])
    const rev = String((await last(home.household)).rev)
    const both = await Promise.all([1, 2].map(() => send(township, 'POST', '/v1/register/undo', 'application/json', JSON.stringify({ rev }))))
    assert.deepEqual(both.map((a) => a.status), [200, 200])
    assert.equal((await card(home.household)).changes.filter((c) => c.undoes === Number(rev)).length, 1)
  })
})

describe('split, merge, move', () => {
  test('some go to a new household; it is taken back with all that was recorded', async () => {
    const [home, who] = [homes[4]!, homes[4]!.people[1]!]
    await worker.send(worker.visit(home.household))
    const before = await site.counters()
    const fresh = fixedPseudonym('split4')
    const body = { residents: [who.resident], into: fresh, door: '新1号', head: '新户主', phone: '13900001111' }
    assert.equal((await post(township, `/v1/register/households/${home.household}/split`, body)).household, fresh)
    assert.equal((await post(township, `/v1/register/households/${home.household}/split`, body)).household, fresh) // a repeated request
    const c = await card(fresh)
    assert.deepEqual([c.household['door'], c.household['lane'], c.household['grid'], c.household['worker'], c.household['visited']], ['新1号', '东街', home.grid, home.worker, false])
    assert.deepEqual(c.residents.map((r) => r.resident), [who.resident])
    assert.deepEqual(await inFull(fresh), { subject: fresh, name: '新户主', phone: '13900001111' })
    assert.equal((await card(home.household)).household['visited'], true)
    assert.equal((await site.counters())['homes'], before['homes']! + 1)
    await worker.send(worker.event('notice', { household: fresh, text: 'notice-2025', evidence: [], state: 'left' }))
    await site.recount()
    const split = (await card(fresh)).changes.find((x) => x.what === 'split')!
    assert.equal(split.undo, 'can')
    const no = await send(secretary, 'POST', '/v1/register/undo', 'application/json', JSON.stringify({ rev: String(split.rev) }))
    assert.match(report(no, 422).error!, /by the township/)
    await post(township, '/v1/register/undo', { rev: String(split.rev) })
    const again = await card(home.household)
    assert.ok(again.residents.some((r) => r.resident === who.resident))
    assert.equal(again.household['notice_delivered'], true)
    assert.ok(again.events.some((e) => e.kind === 'notice'), 'what was recorded at the new one is in its history')
    assert.equal((await site.counters())['homes'], before['homes']!)
    await site.recount()
  })

  test('who lives elsewhere does not go along, nobody is nobody', async () => {
    const path = `/v1/register/households/${homes[4]!.household}/split`
    assert.match((await post(township, path, { residents: [homes[5]!.people[0]!.resident] }, 422)).error!, /does not live/)
    assert.equal((await send(township, 'POST', path, 'application/json', '{"residents":[]}')).status, 400)
    assert.equal((await send(secretary, 'POST', path, 'application/json', JSON.stringify({ residents: [homes[4]!.people[1]!.resident] }))).status, 403)
    assert.match((await post(township, path, { residents: [homes[4]!.people[1]!.resident], grid: '140522111001001' }, 422)).error!, /no grid of/)
  })

  test('merges and moves are taken back, the later one first', async () => {
    const [one, two] = [homes[6]!, homes[7]!]
    const was = await site.counters()
    await put(township, `/v1/register/households/${one.household}/merged`, { into: two.household })
    await put(township, `/v1/register/households/${two.household}/grid`, { grid: GRID_OTHER })
    const merge = (await card(one.household)).changes.find((c) => c.what === 'merged')!
    assert.equal(merge.undo, 'later')
    assert.match((await post(township, '/v1/register/undo', { rev: String(merge.rev) }, 422)).error!, /later change first/)
    await post(township, '/v1/register/undo', { rev: String((await last(two.household)).rev) })
    await post(township, '/v1/register/undo', { rev: String(merge.rev) })
    assert.deepEqual((await card(one.household)).residents.map((r) => r.resident).sort(), one.people.map((p) => p.resident).sort())
    assert.deepEqual(await site.counters(), was)
    await site.recount()
  })
})

describe('what workers propose', () => {
  test('takes nobody out; accepted in bulk it does, declined it does not, and the card says who', async () => {
    const before = await site.counters()
    const [a, b, c] = [homes[10]!, homes[11]!, homes[12]!]
    const lines = [worker.visit(a.household, { outcome: 'vacant' }), worker.visit(b.household, { outcome: 'none' }), worker.visit(c.household, { outcome: 'moved' }),
      worker.event('resident', { household: c.household, resident: c.people[0]!.resident, why: 'died' })]
    await worker.send(...lines)
    const same = await site.counters()
    assert.deepEqual([same['homes'], same['population']], [before['homes'], before['population']])
    const rows = await proposals(secretary)
    assert.deepEqual(rows.map((r) => `${r.code} ${r.status}>${r.proposed}`).sort(), ['died counted>dead', 'moved counted>gone', 'none counted>gone', 'vacant counted>vacant'])
    assert.ok(rows.every((r) => !/王户主/.test(r.head)), 'names are masked')
    const first = await proposals(secretary, '?limit=3')
    const rest = await proposals(secretary, `?after=${first[2]!.grid}.${first[2]!.event}`)
    assert.deepEqual([...first, ...rest], rows)
    assert.equal((await post(secretary, '/v1/proposals/accept', { as: 'proposed', events: [lines[0]!.id, lines[1]!.id, lines[3]!.id] })).settled, 3)
    assert.equal((await post(secretary, '/v1/proposals/accept', { as: 'proposed', events: [lines[0]!.id] })).settled, 0)
    assert.equal((await post(secretary, '/v1/proposals/decline', { events: [lines[2]!.id] })).settled, 1)
    assert.deepEqual(await proposals(secretary), [])
    const now = await site.counters()
    assert.equal(now['homes'], before['homes']! - 2)
    const events = (await card(c.household)).events
    assert.deepEqual(events.map((e) => [e.kind, e.code, e.accepted, e.settled_by]).sort(), [['resident', 'died', true, 'S0001'], ['visit', 'moved', false, 'S0001']])
    const wrong = await post(township, '/v1/proposals/accept', { as: 'proposed', events: [lines[2]!.id] }, 422)
    assert.deepEqual([wrong.event, /decided otherwise/.test(wrong.error!)], [lines[2]!.id, true])
    await site.recount()
    await post(secretary, '/v1/register/undo', { rev: String((await last(a.household)).rev), household: a.household })
    assert.deepEqual((await proposals(secretary)).map((r) => r.household), [a.household])
    assert.equal((await site.counters())['homes'], before['homes']! - 1)
    await post(secretary, '/v1/proposals/accept', { as: 'away', events: [lines[0]!.id] })
    assert.equal((await card(a.household)).household['status'], 'away')
    await site.recount()
  })

  test('a split that a worker found: the office says who goes; a move and a merge are the township\'s', async () => {
    const home = homes[13]!
    const fresh = fixedPseudonym('worker-split')
    const line = worker.event('household', { household: fresh, place: 'home', why: 'split', from: home.household }, { name: '分户', door: '13号东屋' })
    await worker.send(line)
    const [row] = await proposals(township)
    assert.deepEqual([row!.code, row!.household, row!.from, row!.proposed], ['split', fresh, home.household, null])
    assert.match((await post(secretary, '/v1/proposals/accept', { as: 'split', events: [line.id], residents: [home.people[0]!.resident] }, 422)).error!, /by the township/)
    await post(township, '/v1/proposals/accept', { as: 'split', events: [line.id], residents: [home.people[0]!.resident] })
    assert.deepEqual((await card(fresh)).residents.map((r) => r.resident), [home.people[0]!.resident])
    assert.deepEqual(await proposals(township), [])
    const moved = worker.visit(homes[14]!.household, { outcome: 'moved' })
    await worker.send(moved)
    await post(township, '/v1/proposals/accept', { as: 'move', grid: GRID_OTHER, events: [moved.id] })
    assert.equal((await card(homes[14]!.household)).household['grid'], GRID_OTHER)
    await site.recount()
  })

  test('outside the area there is none, and nothing is settled', async () => {
    const far = homes.find((h) => h.grid === GRID_FAR)!
    const other = await site.device(far.worker)
    const line = other.visit(far.household, { outcome: 'vacant', grid: GRID_FAR })
    await other.send(line)
    assert.deepEqual(await proposals(secretary), [])
    assert.match((await post(secretary, '/v1/proposals/accept', { as: 'proposed', events: [line.id] }, 422)).error!, /no open proposal/)
    assert.equal((await ask(`${site.url}/v1/proposals?within=${GRID_FAR}`, { headers: { Authorization: `Bearer ${secretary}` } })).status, 403)
    assert.equal((await ask(`${site.url}/v1/proposals?after=nothing`, { headers: { Authorization: `Bearer ${secretary}` } })).status, 400)
  })

  test('two settle the same at once: one of them is told', async () => {
    const line = worker.visit(homes[15]!.household, { outcome: 'vacant' })
    await worker.send(line)
    const body = (more: object): string => JSON.stringify({ events: [line.id], ...more })
    const both = await Promise.all([send(township, 'POST', '/v1/proposals/accept', 'application/json', body({ as: 'proposed' })), send(township, 'POST', '/v1/proposals/decline', 'application/json', body({}))])
    assert.deepEqual(both.map((a) => a.status).sort(), [200, 422])
    await site.recount()
  })
})

describe('from sheets', () => {
  test('residents name their household by the village\'s own number', async () => {
    const made = await file(township, '/v1/register/households?out=1', HOUSEHOLDS, [`,${GRID},home,counted,,,91号,甲,,,091`, `,${GRID},home,counted,,,92号,乙,,,092`])
    const id = made.csv!.split('\n')[1]!.split(',')[0]!
    assert.equal((await card(id)).household['ref'], '091')
    const residents = 'resident,household_ref,village,grid,name,born'
    const bad = await file(township, '/v1/register/residents', residents, [`,091,${VILLAGE},,甲一,1980-01-01`, `,099,,${GRID},无,1980-01-01`, `,091,9999,,无,1980-01-01`, ',,,,无,1980-01-01'], 422)
    assert.deepEqual(bad.list!.map((f) => [f.line, f.where]), [[3, 'household_ref'], [4, 'village'], [5, 'household']])
    const done = await file(township, '/v1/register/residents?out=1', residents, [`,091,${VILLAGE},,甲一,1980-01-01`, `,091,,${GRID},甲二,1981-01-01`, ',092,,,乙一,1982-01-01'])
    assert.equal(done.rows, 3)
    assert.equal((await card(id)).residents.length, 2)
    assert.ok(done.csv!.includes(id), 'the file given back names the household')
    await site.recount()
  })

  test('a number that two have, or that is not clear, is a fault of its line', async () => {
    const twice = await file(township, '/v1/register/households', HOUSEHOLDS, [`,${GRID},home,counted,,,93号,丙,,,093`, `,${GRID},home,counted,,,94号,丁,,,093`, `,${GRID},home,counted,,,95号,戊,,,091`], 422)
    assert.deepEqual(twice.list!.map((f) => [f.line, f.where]), [[3, 'ref'], [4, 'ref']])
    const other = homes.find((h) => h.grid.startsWith(TOWNSHIP) && !h.grid.startsWith(VILLAGE))!
    await put(township, `/v1/register/households/${other.household}/card`, { ref: '092' })
    const unclear = await file(township, '/v1/register/residents', 'resident,household_ref,name', [',092,谁'], 422)
    assert.match(unclear.list![0]!.fault, /fill village or grid/)
    assert.match((await file(township, '/v1/register/residents', 'resident,name', [',谁'], 422)).list![0]!.fault, /household_ref/)
  })

  test('divisions: the county\'s admin, and only what lies in the county', async () => {
    const header = 'code,name,parent_code,level'
    const rows = ['140522110209,新村,140522110,village']
    assert.equal((await send(township, 'POST', '/v1/register/divisions', 'text/csv', [header, ...rows].join('\n'))).status, 403)
    const bad = await file(admin, '/v1/register/divisions', header, [...rows, '140525100299,别县村,140525100,village', '140522,阳城县,1405,county'], 422)
    assert.deepEqual([...new Set(bad.list!.map((f) => f.line))], [3, 4])
    assert.equal((await file(admin, '/v1/register/divisions?dry=1', header, rows)).rows, 1)
    assert.deepEqual(await site.pg.sql(`SELECT name FROM qm.division WHERE code = '140522110209'`), [])
    await file(admin, '/v1/register/divisions', header, [...rows, `${VILLAGE},演礼新名,${TOWNSHIP},village`])
    assert.deepEqual(await site.pg.sql(`SELECT name FROM qm.division WHERE code = '140522110209'`), ['新村'])
    assert.deepEqual(await site.pg.sql(`SELECT name FROM qm.village_counter WHERE village = ${VILLAGE}`), ['演礼新名'])
  })
})

describe('at the console', () => {
  test('the same, by the same functions', async () => {
    const home = homes[16]!
    const county = ['--county', COUNTY, '--by', 'A0001']
    await site.admin('household', 'edit', ...county, '--household', home.household, '--door', '16号')
    await site.admin('resident', 'edit', ...county, '--resident', home.people[0]!.resident, '--groups', 'student')
    const made = await site.adminJson('household', 'split', ...county, '--household', home.household, '--door', '16号东', home.people[0]!.resident)
    const split = (await card(made['household'] as string)).changes.find((c) => c.what === 'split')!
    await site.admin('undo', ...county, '--rev', String(split.rev))
    const line = worker.visit(home.household, { outcome: 'gone' })
    await worker.send(line)
    const list = await site.adminJson('proposals', 'list', '--county', COUNTY)
    assert.ok((list['list'] as { event: string; code: string }[]).some((p) => p.event === line.id && p.code === 'gone'))
    await site.admin('proposals', 'accept', ...county, '--as', 'proposed', line.id)
    assert.equal((await card(home.household)).household['status'], 'away')
    const no = await site.adminRun('proposals', 'decline', ...county, line.id)
    assert.deepEqual([no.code, /decided otherwise/.test(no.stderr)], [1, true])
    await site.recount()
  })
})
