/* The server is killed, and its database too, at any moment of freezing and publishing while phones
 * sync: there is exactly one bulletin, or none and the preview is still there. */
import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { root } from '../integration/lib/where'
import { COUNTY, fixedPseudonym, Site } from '../integration/lib/site'
import { sleep, until } from '../integration/lib/until'
import { chance, ROUNDS } from './lib/chance'
import { killCluster } from './lib/cluster'
import { once } from './lib/http'
import { Load } from './lib/load'

const TOWNSHIP = '140522110'
const GRID_BIG = '140522110206001'
const HOMES = 7000 // so that a roster has more than one part, and a freeze takes its time

interface Bulletin { id: string; state: string; index: number | null; hashes: Record<string, string>; rows: object[] }

const luck = chance()
let site: Site
let load: Load
let office: string, other: string, auditor: string

/** Weeks one after another, the newest one being this week. */
function week(back: number): string {
  const d = new Date(Date.now() + 8 * 3600000 - back * 604800000)
  d.setUTCDate(d.getUTCDate() + 3 - ((d.getUTCDay() + 6) % 7))
  const first = Date.UTC(d.getUTCFullYear(), 0, 1)
  return `${d.getUTCFullYear()}-W${String(Math.floor((d.getTime() - first) / 604800000) + 1).padStart(2, '0')}`
}

/** A request whose answer may be lost. */
async function perhaps(token: string, method: string, path: string, body?: object): Promise<{ status: number; body: string } | null> {
  try {
    const r = await fetch(site.url + path, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...(body ? { 'Content-Type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    return { status: r.status, body: await r.text() }
  } catch {
    return null
  }
}
async function surely(token: string, method: string, path: string, body?: object): Promise<Bulletin> {
  const a = await perhaps(token, method, path, body)
  assert.equal(a?.status, 200, a?.body)
  return JSON.parse(a!.body) as Bulletin
}
const ask = { freeze: (period: string): object => ({ scope: TOWNSHIP, period }) }

const drafts = (period: string, state: number): Promise<string[]> =>
  site.pg.sql(`SELECT draft FROM qm.bulletin WHERE county = ${COUNTY} AND period = '${period}' AND state = ${state}`)
const entries = async (type: number): Promise<number> => Number((await site.pg.sql(`SELECT count(*) FROM qm.log_entry WHERE county = ${COUNTY} AND type = ${type}`))[0])

/** A draft that is there is whole: rows, and the roster's bytes under their hash. */
async function whole(id: string): Promise<Bulletin> {
  const b = await surely(office, 'GET', `/v1/bulletins/${id}`)
  assert.equal(b.rows.length, 3)
  for (const name of ['roster', 'result']) {
    const r = await fetch(`${site.url}/v1/log/${COUNTY}/object/${b.hashes[name]!}`, { headers: { Authorization: `Bearer ${auditor}` } })
    assert.equal(createHash('sha256').update(Buffer.from(await r.arrayBuffer())).digest('hex'), b.hashes[name], name)
  }
  return b
}

before(async () => {
  site = await Site.start(['db_timeout_ms = 20000'])
  await site.importCsv('grids', 'grid,name,population,population_source,population_date', [`${GRID_BIG},大网格,9000,test,2026-06-30`])
  await site.importCsv('accounts', 'account,role,name,phone,areas', [`A0002,township,办公室二,10040000011,${TOWNSHIP}`, `W0009,worker,网格员,10040000012,${GRID_BIG}`])
  const ids = Array.from({ length: HOMES }, (_, i) => i)
  await site.importCsv('households', 'household,grid,place,status,group,lane,door,head,phone,worker',
    ids.map((i) => `${fixedPseudonym(`h${i}`)},${GRID_BIG},home,counted,一组,大街,${i + 1}号,李户主,,W0009`))
  await site.importCsv('residents', 'resident,household,name,born,phone,status,groups',
    ids.flatMap((i) => [0, 1].map((k) => `${fixedPseudonym(`r${i}-${k}`)},${fixedPseudonym(`h${i}`)},李${k},19${60 + (i % 40)}-01-01,,counted,`)))
  await site.admin('rule', 'set', join(root, 'deploy', 'sample', 'rule.json'), '--county', COUNTY, '--by', 'C0001')
  office = await site.token('A0001', 'township', TOWNSHIP)
  other = await site.token('A0002', 'township', TOWNSHIP)
  auditor = await site.token('U0001', 'auditor', COUNTY)
  load = new Load(() => [site.url], await Promise.all(['W0001', 'W0003'].map((account) => site.device(account))), luck.child())
})
after(() => site?.stop())

describe('killed while it freezes and publishes', () => {
  for (let round = 1; round <= ROUNDS; round++) {
    test(`round ${round}`, async () => {
      const period = week(ROUNDS - round + 1)
      const [rosters, bulletins] = [await entries(9), await entries(10)]
      load.start()
      const freezing = perhaps(office, 'POST', '/v1/bulletins', ask.freeze(period))
      await sleep(luck.between(0, 600))
      await site.restart('SIGKILL')
      const answer = await freezing
      const there = await drafts(period, 0)
      assert.ok(there.length <= 1)
      assert.equal(await entries(9), rosters + there.length)
      if (answer !== null) assert.deepEqual(there, [(JSON.parse(answer.body) as Bulletin).id])
      for (const id of there) await whole(id)
      const draft = await surely(office, 'POST', '/v1/bulletins', ask.freeze(period))
      assert.deepEqual(await drafts(period, 0), [draft.id])

      const publishing = perhaps(other, 'POST', `/v1/bulletins/${draft.id}/publish`)
      await sleep(luck.between(0, 40))
      await site.restart('SIGKILL')
      const published = await publishing
      const logged = (await entries(10)) - bulletins
      const after = await whole(draft.id)
      assert.deepEqual(after.rows, draft.rows)
      assert.deepEqual([after.state, logged], logged === 1 ? ['published', 1] : ['frozen', 0])
      if (published !== null) assert.equal(logged, 1)
      const done = await surely(other, 'POST', `/v1/bulletins/${draft.id}/publish`)
      assert.deepEqual([done.state, await entries(10)], ['published', bulletins + 1])
      if (logged === 1) assert.equal(done.index, after.index)
      await load.stop()
    })
  }
})

describe('the database killed while it freezes; the server stays', () => {
  test('the freeze is refused as overload or done, and the next one is good', async () => {
    for (let round = 1; round <= ROUNDS; round++) {
      const freezing = perhaps(office, 'POST', '/v1/bulletins', ask.freeze(week(0)))
      await sleep(luck.between(0, 500))
      await killCluster(site.pg)
      const answer = await freezing
      assert.ok(answer !== null && [200, 503].includes(answer.status), answer?.body)
      await site.pg.restart()
      await until('ready again', async () => (await once(`${site.url}/readyz`)).status === 200)
      const draft = await surely(office, 'POST', '/v1/bulletins', ask.freeze(week(0)))
      assert.deepEqual(await drafts(week(0), 0), [draft.id])
      await whole(draft.id)
    }
  })
})

describe('stopped while it freezes', () => {
  test('the server ends at once and in good order', async () => {
    for (let round = 1; round <= ROUNDS; round++) {
      const freezing = perhaps(office, 'POST', '/v1/bulletins', ask.freeze(week(0)))
      await sleep(luck.between(0, 500))
      assert.equal(await site.end('SIGTERM'), 0)
      const answer = await freezing
      assert.ok(answer === null || [200, 503].includes(answer.status), answer?.body)
      await site.serve()
      for (const id of await drafts(week(0), 0)) await whole(id)
    }
  })
})

describe('a freeze that outlasts the deadline of its request', () => {
  /** What a freeze ends in, however often it has to be asked for. */
  const answered = async (): Promise<Bulletin> => {
    let got: Bulletin | undefined
    await until('an answer', async () => {
      const a = await perhaps(office, 'POST', '/v1/bulletins', ask.freeze(week(0)))
      assert.ok(a !== null && [200, 503].includes(a.status), a?.body)
      got = a.status === 200 ? (JSON.parse(a.body) as Bulletin) : undefined
      return got !== undefined
    })
    return got!
  }
  test('goes on, and whoever asks again gets what it ended in', async () => {
    const conf = join(site.dir, 'qiaomend.conf')
    const usual = readFileSync(conf, 'utf8')
    assert.equal(await site.end('SIGTERM'), 0)
    writeFileSync(conf, `${usual}request_timeout_ms = 400\n`)
    await site.serve()
    const rosters = await entries(9)
    // Somebody else keeps the log's head until all three were refused.
    const release = await site.hold()
    const answers = await Promise.all([0, 1].map(() => perhaps(office, 'POST', '/v1/bulletins', ask.freeze(week(0)))))
    assert.deepEqual(answers.map((a) => a?.status), [503, 503])
    assert.equal((await perhaps(other, 'POST', '/v1/bulletins', ask.freeze(week(0))))?.status, 503)
    await release()
    const got = await answered()
    assert.deepEqual([await entries(9), await drafts(week(0), 0)], [rosters + 1, [got.id]])
    assert.equal(await site.end('SIGTERM'), 0)
    writeFileSync(conf, usual)
    await site.serve()
    await whole(got.id)
    assert.notEqual((await answered()).id, got.id)
  })
})

describe('readers that leave in the middle of a stream', () => {
  test('leave nothing open behind them', async () => {
    const [id] = await drafts(week(0), 0)
    const roster = (await whole(id!)).hashes['roster']!
    for (const path of ['export', `object/${roster}`]) {
      for (let round = 0; round < 4 * ROUNDS; round++) {
        const leave = new AbortController()
        const reading = fetch(`${site.url}/v1/log/${COUNTY}/${path}`, { headers: { Authorization: `Bearer ${auditor}` }, signal: leave.signal })
          .then((r) => r.arrayBuffer()).catch(() => null)
        await sleep(luck.between(0, 15))
        leave.abort()
        await reading
      }
    }
    assert.equal(await site.end('SIGTERM'), 0)
    assert.doesNotMatch(site.log, /cut-at-stop/)
    await site.serve()
  })
})

describe('what is left of freezes that were cut', () => {
  test('parts that nothing names go, rosters stay', async () => {
    await site.pg.sql(`INSERT INTO qm.object_part SELECT ${COUNTY}, sha256('lost'), i, 'x' FROM generate_series(0, 2) i`)
    const left = await site.pg.sql(`SELECT count(*) FROM qm.object_part p WHERE NOT EXISTS (SELECT FROM qm.object o WHERE o.county = p.county AND o.sha256 = p.sha256)`)
    assert.ok(Number(left[0]) >= 3)
    assert.deepEqual(await site.pg.sql(`SELECT removed FROM qm.parts_sweep(${COUNTY}, ${Date.now() + 1})`), left)
    const [draft] = await drafts(week(0), 0)
    await whole(draft!)
    assert.ok(Number((await site.pg.sql('SELECT max(parts) FROM qm.object'))[0]) > 1)
  })
})
