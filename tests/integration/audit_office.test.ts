/* What the office's own computer signs: an opening balance and papers, judged by whoever recomputes the
 * log like any phone's; changed in the database they are named, and a computer that was switched off
 * adds nothing. */
import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { bring, call, day, has, kept, open, picture, publish, receipts, report, send, site, swap, tamper, token, note, VILLAGE, week } from './lib/audited'
import { Answer, ask, Device, Line } from './lib/device'
import { GRID, homes, HOST } from './lib/site'

const homesHere = homes.filter((h) => h.grid.startsWith(VILLAGE) && h.place === 'home' && h.status === 'counted').length
const at = (n: number): string => day(n).replaceAll('-', '')
const list = picture('the village\'s list of signatures')
let office: Device
let carried: Line[]
let papers: Line[]

/** A computer of this account, by a code that the account made for itself on its page. */
async function enrolled(): Promise<Device> {
  const made = await call('deputy', 'POST', '/v1/accounts/D0001/phone-code', {})
  const computer = new Device(site.url, HOST)
  const got = await computer.enrol(made['code'] as string)
  assert.equal(got.status, 200, got.body)
  return computer
}
/** What the page makes of a row of the village's list. */
function rowOf(i: number): Line[] {
  const home = homes[i]!
  const who = home.people[0]!.resident
  const how = { household: home.household, via: 'carried', done: at(-30 - i) }
  return [
    office.event('visit', { ...how, outcome: 'met', topics: [], near: 'unknown', secs: 0 }, { note: '孙干部' }),
    office.event('notice', { ...how, text: 'notice-2026-1', evidence: [] }, { note: '孙干部' }),
    office.event('pledge', { ...how, resident: who, text: 'pledge-2026-1', evidence: [list.sha] }, { signer: '王一', note: '孙干部' }),
    office.event('app', { ...how, resident: who, state: 'installed', real_name: true, call_alert: true, sms_alert: false, evidence: [], na: ['sms_alert'] }, {}),
  ]
}
/** Rows of the newest result by division: numerator, denominator, new of the first metric. */
async function visitedOf(draft: number): Promise<number[]> {
  const results = await site.pg.sql(`SELECT convert_from(result, 'UTF8') FROM (SELECT o.body AS result FROM qm.bulletin b JOIN qm.object o ON o.county = b.county AND o.sha256 = b.result_sha ORDER BY b.idx LIMIT 1 OFFSET ${draft}) r`)
  const rows = (JSON.parse(results[0]!) as { rows: { code: string; m: number[][] }[] }).rows
  return rows.find((r) => r.code === VILLAGE)!.m[0]!
}

before(async () => {
  await open()
  await site.importCsv('accounts', 'account,role,name,phone,areas', [`D0001,deputy,文书,10040000012,${VILLAGE}`, `D0001,leader,文书,10040000012,${GRID}`])
  office = await enrolled()
})
after(() => site?.stop())

describe('an opening balance and papers, signed by the office\'s computer', () => {
  test('hold for whoever recomputes them, and what was carried over is not new', async () => {
    carried = [0, 1, 2].flatMap(rowOf)
    await send(office, ...carried)
    await bring(office, list)
    const scan = picture('a paper of March')
    const door = { household: homes[5]!.household, via: 'paper', done: at(-3) }
    papers = [
      office.event('visit', { ...door, outcome: 'met', topics: [], near: 'unknown', secs: 0 }, {}),
      office.event('notice', { ...door, text: 'notice-2026-1', evidence: [scan.sha], state: 'left' }, {}),
    ]
    await send(office, ...papers)
    await bring(office, scan)
    await publish(week(-7))
    // A second list, after the first week was published: it counts, and as new in no week.
    await send(office, ...rowOf(3), office.visit(homes[6]!.household))
    await publish(week(0))
    assert.deepEqual([(await visitedOf(0)).slice(0, 3), (await visitedOf(1)).slice(0, 3)], [[4, homesHere, 1], [6, homesHere, 1]])
    const r = await report('--seen', receipts, '--out', note)
    assert.deepEqual(r.found.filter((f) => f.type === 'finding'), [])
    assert.deepEqual([r.ok, r.only_itself, r.bulletins, r.recorded, r.held], [true, false, 2, carried.length + papers.length + 5, 0])
    assert.deepEqual(r.found.filter((f) => f.type === 'bulletin').map((f) => [f.computed, f.holds]), [[true, true], [true, true]])
    await site.recount()
  })

  for (const [what, pick, from, to] of [
    ['one that was carried over, to count as this week\'s', () => carried[0]!, '"carried"', '"door"'],
    ['the day on a paper', () => papers[0]!, () => `"done":"${at(-3)}"`, () => `"done":"${at(-2)}"`],
    ['the signer of a pledge on the list', () => carried[2]!, () => homes[0]!.people[0]!.resident, () => homes[0]!.people[1]!.resident],
  ] as const)
    test(`changed in the database it is named: ${what}`, async () => {
      const [a, b] = [from, to].map((x) => (typeof x === 'string' ? x : x())) as [string, string]
      const { id } = pick()
      const set = (x: string, y: string): string => `UPDATE qm.event SET e = ${swap('e', x, y)} WHERE id = '${id}'`
      await tamper(set(a, b), set(b, a), (r) => {
        has(r, 'batch-root')
        assert.ok(r.found.some((f) => f.event === id), 'the record stands beside it')
      })
    })

  test('dropped it is named, and so is an enrolment that gives the computer to another', async () => {
    const { id } = carried[1]!
    await tamper(`CREATE TABLE public.gone AS SELECT * FROM qm.event WHERE id = '${id}'; DELETE FROM qm.event WHERE id = '${id}'`, 'INSERT INTO qm.event SELECT * FROM public.gone', (r) => has(r, 'batch-root'))
    const idx = Number((await site.pg.sql(`SELECT enrolled_idx FROM qm.device WHERE account = 'D0001'`))[0])
    const set = (x: string, y: string): string => `UPDATE qm.log_entry SET body = ${swap('body', `account ${x}`, `account ${y}`)} WHERE idx = ${idx}`
    await tamper(set('D0001', 'W0001'), set('W0001', 'D0001'), (r) => has(r, 'entry-changed', idx))
  })
})

describe('the office\'s computer is switched off', () => {
  const batchOf = (line: Line): ReturnType<Device['batch']> => office.batch([line])
  const problem = (a: Answer): string => (JSON.parse(a.body) as { type: string }).type
  const revoked = async (days: number): Promise<void> => void (await site.pg.sql(`UPDATE qm.device SET revoked_recv = revoked_recv - ${days} * 86400000::int8 WHERE account = 'D0001' AND revoked_idx IS NOT NULL`))

  test('what it signed before stays; what it sends then waits, and after 14 days is refused', async () => {
    const before = await site.counters()
    const sent = batchOf(office.visit(homes[8]!.household))
    await office.sync(sent)
    const device = (JSON.parse((await ask(`${site.url}/v1/phones`, { headers: { Authorization: `Bearer ${token['one']!}` } })).body) as { rows: { device: string; account: string; own: boolean }[] }).rows.find((p) => p.account === 'D0001')!
    assert.deepEqual([`${HOST}/d/${device.device}`, device.own], [office.name, true])
    await call('one', 'POST', `/v1/phones/${device.device}/revoke`, { lost: String(Date.now()) })
    const now = await site.counters()
    assert.equal(now['visited'], before['visited']! + 1, 'what was signed before counts')

    const late = await office.sync(batchOf(office.visit(homes[9]!.household)))
    assert.deepEqual(late.entry.verdicts, ['0 hold revoked'])
    assert.deepEqual(await site.counters(), now, 'what comes later counts only when somebody decides')
    await revoked(15)
    const refused = await office.post(batchOf(office.visit(homes[10]!.household)).body)
    assert.deepEqual([refused.status, problem(refused)], [403, '/problems/revoked'])
    assert.equal((await office.sync(sent)).entry.verdicts.length, 0, 'a known batch has its receipt for ever')
    await revoked(-15)
  })

  test('another one takes its place, with grids of its own, and the log holds', async () => {
    const again = await enrolled()
    assert.deepEqual(again.grids, [GRID])
    const at = await again.send(again.event('visit', { household: homes[11]!.household, outcome: 'met', topics: [], near: 'unknown', secs: 0, via: 'carried', done: day(-60).replaceAll('-', '') }, { note: '孙干部' }))
    assert.deepEqual(at.entry.verdicts, [])
    const r = await report(...kept())
    assert.deepEqual([r.ok, r.held], [true, 1], JSON.stringify(r.found.filter((f) => f.type === 'finding')))
    await site.recount()
  })
})
