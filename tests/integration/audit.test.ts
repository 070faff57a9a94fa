/* The audit from outside: a server's export holds with what phones and last week's file kept; what a
 * superuser changes straight in the database is found and named. */
import { strict as assert } from 'node:assert'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, ServerResponse } from 'node:http'
import { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { must, Outcome, run } from './lib/command'
import { ask, Device, Line } from './lib/device'
import { COUNTY, GRID, GRID_FAR, homes, HOST, Site } from './lib/site'
import { qiaomen, root } from './lib/where'
import { sha256, SigningKey, vkeyText } from './lib/wire'

const TOWNSHIP = '140522110'
const VILLAGE = '140522110204'

interface Found { type: string; code?: string; index?: number; event?: string; division?: string; detail?: string; text?: string; holds?: boolean; computed?: boolean }
interface Report { found: Found[]; ok: boolean; size: number; entries: number; recorded: number; held: number; bulletins: number; seen: number; only_itself: boolean; bad: number }

let site: Site
const device: Record<string, Device> = {}
const token: Record<string, string> = {}
let receipts = ''
let note = ''
let changed: Line
let batchIndex = 0
let heldId = ''
let phoneEvent = ''
const bulletins: number[] = []

const day = (n: number): string => new Date(Date.now() + 8 * 3600000 + n * 86400000).toISOString().slice(0, 10)
function week(n: number): string {
  const d = new Date(`${day(n)}T00:00:00Z`)
  d.setUTCDate(d.getUTCDate() + 3 - ((d.getUTCDay() + 6) % 7))
  const first = Date.UTC(d.getUTCFullYear(), 0, 1)
  return `${d.getUTCFullYear()}-W${String(Math.floor((d.getTime() - first) / 604800000) + 1).padStart(2, '0')}`
}

const key = (): string => vkeyText(site.logKey)
const audit = (...more: string[]): Promise<Outcome> =>
  run(qiaomen, ['audit', '--server', site.url, '--token', join(site.dir, 'token'), '--key', key(), '--lang', 'en', '--spool', site.dir, ...more], { env: { TMPDIR: site.dir } })

async function report(...more: string[]): Promise<Report> {
  const got = await audit('--json', ...more)
  assert.ok(got.code === 0 || got.code === 1, `${got.code}: ${got.stdout}${got.stderr}`)
  const r = JSON.parse(got.stdout) as Report
  assert.equal(r.ok, got.code === 0)
  return r
}
const kept = (): string[] => ['--seen', note, '--seen', receipts]

async function call(who: string, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const a = await ask(site.url + path, {
    method,
    headers: { Authorization: `Bearer ${token[who]!}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  assert.equal(a.status, 200, a.body)
  return JSON.parse(a.body) as Record<string, unknown>
}
async function publish(period: string, more: object = {}): Promise<void> {
  const draft = await call('one', 'POST', '/v1/bulletins', { scope: TOWNSHIP, period, ...more })
  const done = await call('two', 'POST', `/v1/bulletins/${draft['id'] as string}/publish`)
  bulletins.push(done['index'] as number)
}

let n = 0
const keep = (text: string): void => writeFileSync(join(receipts, `${++n}.txt`), text)

/** Sends lines and keeps the server's receipt. */
async function send(d: Device, ...lines: Line[]): Promise<number> {
  const got = await d.send(...lines)
  keep(got.text)
  return Number(got.receipt.index)
}

/** A pledge and its picture; the log lists the picture within seconds. */
async function photo(d: Device): Promise<void> {
  const bytes = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from('a picture of a signed paper')])
  const sha = sha256(bytes).toString('hex')
  const home = homes[0]!
  await send(d, d.event('pledge', { household: home.household, resident: home.people[0]!.resident, text: 'pledge-2026-1', evidence: [sha] }, { signer: '张三' }))
  const put = await d.request('PUT', `/v1/blobs/${sha}`, { type: 'image/jpeg', bytes })
  assert.equal(put.status, 201, put.body)
  const listed = async (): Promise<number> => Number((await site.pg.sql('SELECT count(*) FROM qm.log_entry WHERE type = 4'))[0])
  for (let i = 0; i < 150 && (await listed()) === 0; i++) await new Promise((r) => setTimeout(r, 100))
  assert.equal(await listed(), 1)
}

/** The real phone: a record, its two receipts, a new key, another record. */
async function phone(): Promise<void> {
  const at = ['--home', join(site.dir, 'phone'), '--json']
  const ok = async (...args: string[]): Promise<Record<string, unknown>> => JSON.parse(await must(qiaomen, [...args, ...at])) as Record<string, unknown>
  await ok('enrol', '--server', site.url, '--host', HOST, '--code', await site.code('W0002'))
  const first = await ok('visit', homes[20]!.household, '--outcome', 'met')
  await ok('sync')
  const got = await ok('receipt', first['event'] as string)
  phoneEvent = first['event'] as string
  keep(got['batch'] as string)
  keep(got['single'] as string)
  await ok('rotate')
  await ok('visit', homes[22]!.household, '--outcome', 'met')
  await ok('sync')
}

before(async () => {
  site = await Site.start()
  receipts = join(site.dir, 'receipts')
  note = join(site.dir, 'last.note')
  mkdirSync(receipts)
  await site.importCsv('accounts', 'account,role,name,phone,areas', [`A0002,township,办公室二,10040000011,${TOWNSHIP}`, `D0001,deputy,文书,10040000012,${VILLAGE}`])
  for (const [name, account, role, prefix] of [['one', 'A0001', 'township', TOWNSHIP], ['two', 'A0002', 'township', TOWNSHIP], ['auditor', 'U0001', 'auditor', COUNTY], ['deputy', 'D0001', 'deputy', VILLAGE], ['secretary', 'S0001', 'secretary', VILLAGE]] as const) token[name] = await site.token(account, role, prefix)
  writeFileSync(join(site.dir, 'token'), `${token['auditor']!}\n`)
  await site.admin('rule', 'set', join(root, 'deploy', 'sample', 'rule.json'), '--county', COUNTY, '--by', 'A0001')
  for (const w of ['W0001', 'W0003', 'W0004']) device[w] = await site.device(w)
  const d = device['W0001']!
  const person = homes[0]!.people[0]!.resident
  changed = d.visit(homes[3]!.household)
  batchIndex = await send(
    d,
    ...homes.slice(0, 3).map((h) => d.visit(h.household)),
    changed,
    d.event('notice', { household: homes[0]!.household, text: 'notice-2026-1', evidence: [] }),
    d.event('app', { household: homes[0]!.household, resident: person, state: 'installed', real_name: true, call_alert: true, sms_alert: true, evidence: [] }),
    d.event('visit', { household: homes[0]!.household }),
    d.event('visit', { household: homes[5]!.household, outcome: 'met', topics: [], near: 'yes', secs: 1, at: Date.now() - 40 * 86400000 }),
    d.visit(homes[6]!.household, { grid: '140523110204001' }),
  )
  await send(d, d.visit(homes[4]!.household), d.void_(changed.id))
  await photo(d)
  await phone()
  const out = device['W0003']!.visit(homes[7]!.household, { grid: GRID })
  heldId = out.id
  await send(device['W0003']!, out, ...homes.slice(60, 64).map((h) => device['W0003']!.visit(h.household)))
  await site.admin('decide', 'in', '--county', COUNTY, '--by', 'A0001', '--code', 'helped-out', heldId)
  const prepared = ((await call('deputy', 'POST', '/v1/signoffs', { village: VILLAGE, period: week(-7), step: 'prepare' }))['signoffs'] as Record<string, unknown>[]).find((s) => s['village'] === VILLAGE)!
  await call('secretary', 'POST', '/v1/signoffs', { village: VILLAGE, period: week(-7), step: 'confirm', to: prepared['to'], roster: prepared['roster'] })
  await publish(week(-7))
  const far = device['W0004']!
  await send(far, ...homes.slice(70, 73).map((h) => far.visit(h.household)))
  await site.admin('erase', '--county', COUNTY, '--by', 'A0001', changed.id)
  await send(d, d.visit(homes[8]!.household))
  await site.admin('revoke', '--county', COUNTY, '--by', 'A0001', '--device', device['W0004']!.name, '--lost', String(Date.now() - 1000))
  await send(far, far.visit(homes[74]!.household))
  await publish(week(0))
})
after(() => site?.stop())

describe('what is there', () => {
  test('the export holds, alone and with everything that was kept', async () => {
    const alone = await report()
    assert.deepEqual(alone.found.filter((f) => f.type === 'finding'), [])
    assert.deepEqual([alone.ok, alone.only_itself, alone.bulletins, alone.entries], [true, true, 2, await site.logSize()])
    assert.deepEqual(alone.found.filter((f) => f.type === 'bulletin').map((f) => [f.computed, f.holds]), [[true, true], [true, true]])
    const all = await report('--seen', receipts, '--out', note)
    assert.deepEqual([all.ok, all.only_itself, all.seen], [true, false, n])
    assert.equal(readFileSync(note, 'utf8').split('\n')[1], String(all.size))
    assert.equal((await report(...kept())).ok, true)
    assert.deepEqual(readdirSync(site.dir).filter((f) => f.startsWith('qiaomen-')), [], 'folders of its own are removed')
  })

  test('a correction holds too, and its roster differs where the office changed it', async () => {
    await site.importCsv('households', 'household,grid,place,status,group,lane,door,head,phone,worker', [`${homes[9]!.household},${GRID},home,vacant,一组,东街,10号,王户主,10041000000,W0001`])
    await publish(week(0), { replaces: bulletins[1] })
    const r = await report(...kept())
    assert.deepEqual(r.found.filter((f) => f.type === 'finding'), [])
    assert.deepEqual([r.ok, r.bulletins], [true, 3])
    assert.ok(r.found.some((f) => f.type === 'roster' && f.division === VILLAGE))
    const said = await audit(...kept(), '--roster', '--out', note)
    assert.match(said.stdout, /Everything holds/)
    assert.match(said.stdout, new RegExp(`~ household ${homes[9]!.household} ${GRID} vacant`))
  })

  test('without the right there is no export, and it says so', async () => {
    writeFileSync(join(site.dir, 'other'), token['one']!)
    const no = await run(qiaomen, ['audit', '--server', site.url, '--token', join(site.dir, 'other'), '--key', key(), '--lang', 'en'])
    assert.equal(no.code, 1, no.stderr)
    const away = await run(qiaomen, ['audit', '--server', 'http://127.0.0.1:1', '--token', join(site.dir, 'token'), '--key', key(), '--lang', 'zh'])
    assert.equal(away.code, 4, away.stderr)
    const clear = await run(qiaomen, ['audit', '--server', 'http://qm.example.gov.cn', '--token', join(site.dir, 'token'), '--key', key()])
    assert.equal(clear.code, 2, 'a token goes in clear over loopback only')
  })
})

describe('an answer that is no export', () => {
  const header = (name: string, size: number, type: string): Buffer => {
    const h = Buffer.alloc(512)
    h.write(name, 0)
    h.write(size.toString(8).padStart(11, '0'), 124)
    h.write('        ', 148)
    h.write(type, 156)
    h.write('ustar\u000000', 257)
    h.write([...h].reduce((a, b) => a + b, 0).toString(8).padStart(6, '0') + '\u0000 ', 148)
    return h
  }
  const tar = { 'content-type': 'application/x-tar' }
  const cases: [string, number, (r: ServerResponse) => void][] = [
    ['a page of some network', 4, (r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
    ['a redirect', 4, (r) => r.writeHead(302, { location: 'https://example.org/' }).end()],
    ['cut on the way', 4, (r) => void r.writeHead(200, tar).write(header('v1/log/140522/checkpoint', 100, '0'), () => r.destroy())],
    ['ended too early', 6, (r) => r.writeHead(200, tar).end(header('v1/log/140522/checkpoint', 100, '0'))],
    ['a way out', 6, (r) => r.writeHead(200, tar).end(Buffer.concat([header('../out', 0, '0'), Buffer.alloc(1024)]))],
    ['a link', 6, (r) => r.writeHead(200, tar).end(Buffer.concat([header('v1/x', 0, '2'), Buffer.alloc(1024)]))],
    ['an empty archive', 1, (r) => r.writeHead(200, tar).end(Buffer.alloc(1024))],
  ]
  for (const [what, code, answer] of cases) {
    test(what, async () => {
      const server = createServer((_, r) => answer(r)).listen(0, '127.0.0.1')
      await new Promise((resolve) => server.on('listening', resolve))
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const got = await run(qiaomen, ['audit', '--server', url, '--token', join(site.dir, 'token'), '--key', key(), '--lang', 'en'], { env: { TMPDIR: site.dir } })
      server.close()
      assert.equal(got.code, code, got.stdout + got.stderr)
      assert.deepEqual(readdirSync(site.dir).filter((f) => f.startsWith('qiaomen-')), [], 'nothing stays behind')
    })
  }
})

describe('a superuser in the database', () => {
  /** Changes, audits, changes back; the log must hold again. */
  async function tamper(change: string, back: string, look: (r: Report) => unknown): Promise<void> {
    await site.pg.sql(change)
    try {
      const r = await report(...kept())
      assert.equal(r.ok, false)
      look(r)
    } finally {
      await site.pg.sql(back)
    }
    assert.equal((await report(...kept())).ok, true)
  }
  const has = (r: Report, code: string, index?: number): Found => {
    const f = r.found.find((x) => x.code === code && (index === undefined || x.index === index))
    assert.ok(f, `${code} ${index ?? ''} not among ${JSON.stringify(r.found.filter((x) => x.type === 'finding').slice(0, 12))}`)
    return f
  }
  const swap = (column: string, from: string, to: string): string => `decode(replace(encode(${column}, 'hex'), '${Buffer.from(from).toString('hex')}', '${Buffer.from(to).toString('hex')}'), 'hex')`
  const entryOf = async (type: number, last = true): Promise<number> => Number((await site.pg.sql(`SELECT ${last ? 'max' : 'min'}(idx) FROM qm.log_entry WHERE type = ${type}`))[0])

  test('an event changed', async () => {
    const set = (from: string, to: string): string => `UPDATE qm.event SET e = ${swap('e', from, to)} WHERE id = '${changed.id}'`
    await tamper(set('"met"', '"absent"'), set('"absent"', '"met"'), (r) => {
      has(r, 'batch-root', batchIndex)
      assert.ok(r.found.some((f) => f.code === 'batch-suspect' && f.event === changed.id))
    })
  })

  test('an event dropped, one added, one moved to another week', async () => {
    await site.pg.sql(`CREATE TABLE public.kept AS SELECT * FROM qm.event WHERE id = '${changed.id}'`)
    await site.pg.sql(`UPDATE qm.batch SET ids = array_remove(ids, '${changed.id}'::uuid) WHERE idx = ${batchIndex}; DELETE FROM qm.event WHERE id = '${changed.id}'`)
    const ids = (await site.pg.sql(`SELECT count(*) FROM unnest((SELECT ids FROM qm.batch WHERE idx = ${batchIndex})) u`))[0]
    const got = await audit('--json', ...kept())
    await site.pg.sql('INSERT INTO qm.event SELECT * FROM public.kept')
    await site.pg.sql(`UPDATE qm.batch SET ids = ids[1:3] || '${changed.id}'::uuid || ids[4:] WHERE idx = ${batchIndex}`)
    assert.equal(ids, '8')
    assert.equal(got.code, 1, got.stdout + got.stderr)
    const r = JSON.parse(got.stdout) as Report
    has(r, 'batch-lines', batchIndex)
    assert.equal((await report(...kept())).ok, true)
    /* Its row alone: the phone's own proof names it. */
    await tamper(`CREATE TABLE public.gone AS SELECT * FROM qm.event WHERE id = '${phoneEvent}'; DELETE FROM qm.event WHERE id = '${phoneEvent}'`, 'INSERT INTO qm.event SELECT * FROM public.gone', (x) => {
      has(x, 'batch-root')
      assert.equal(has(x, 'seen-event').event, phoneEvent)
    })
    /* Added: an event of another batch in this one too. */
    await tamper(
      `UPDATE qm.batch SET ids = ids || '${heldId}'::uuid WHERE idx = ${batchIndex}`,
      `UPDATE qm.batch SET ids = ids[1:9] WHERE idx = ${batchIndex}`,
      (x) => has(x, 'batch-lines', batchIndex),
    )
    /* The whole batch to another place: two entries change places. */
    const other = await entryOf(1)
    const body = (i: number): string => `(SELECT body FROM public.two WHERE idx = ${i})`
    await site.pg.sql(`CREATE TABLE public.two AS SELECT * FROM qm.log_entry WHERE idx IN (${batchIndex}, ${other})`)
    await tamper(
      `UPDATE qm.log_entry l SET body = CASE idx WHEN ${batchIndex} THEN ${body(other)} ELSE ${body(batchIndex)} END WHERE idx IN (${batchIndex}, ${other})`,
      `UPDATE qm.log_entry l SET body = t.body FROM public.two t WHERE t.county = l.county AND t.idx = l.idx`,
      (x) => {
        has(x, 'entry-changed', batchIndex)
        has(x, 'entry-changed', other)
        has(x, 'seen-entry', batchIndex)
      },
    )
  })

  test('a verdict and a decision changed', async () => {
    const decide = await entryOf(5)
    const set = (idx: number, from: string, to: string): string => `UPDATE qm.log_entry SET body = ${swap('body', from, to)} WHERE idx = ${idx}`
    await tamper(set(decide, `in ${heldId}`, `out ${heldId}`), set(decide, `out ${heldId}`, `in ${heldId}`), (r) => {
      has(r, 'entry-changed', decide)
      has(r, 'root')
      has(r, 'result-differs', bulletins[0])
      assert.ok(r.found.some((f) => f.code === 'result-row' && f.division === VILLAGE))
    })
    await tamper(set(batchIndex, 'flag late', 'flag seq'), set(batchIndex, 'flag seq', 'flag late'), (r) => {
      has(r, 'verdict-late', batchIndex)
      has(r, 'seen-entry', batchIndex)
    })
  })

  test('a roster line and a result row changed after freezing', async () => {
    const objects = async (kind: string): Promise<string> => (await site.pg.sql(`SELECT encode(b.${kind}_sha, 'hex') FROM qm.bulletin b WHERE b.idx = ${bulletins[0]}`))[0]!
    const body = (sha: string, from: string, to: string): string =>
      `UPDATE qm.object SET body = ${swap('body', from, to)} WHERE sha256 = '\\x${sha}'; UPDATE qm.object_part SET body = ${swap('body', from, to)} WHERE sha256 = '\\x${sha}'`
    const roster = await objects('roster')
    const [a, b] = [`${homes[3]!.household} ${GRID} counted`, `${homes[3]!.household} ${GRID_FAR} counted`]
    await tamper(body(roster, a, b), body(roster, b, a), (r) => {
      has(r, 'roster-changed', bulletins[0])
      assert.ok(r.found.some((f) => f.code === 'result-row' && f.division === VILLAGE))
    })
    const result = await objects('result')
    const text = Buffer.from((await site.pg.sql(`SELECT encode(body, 'hex') FROM qm.object WHERE sha256 = '\\x${result}'`))[0]!, 'hex').toString('utf8')
    const row = /"m":\[\[(\d+),/.exec(text)!
    const altered = row[0].replace(row[1]!, `${Number(row[1]) + 1}`)
    await tamper(body(result, row[0], altered), body(result, altered, row[0]), (r) => {
      has(r, 'object-changed', bulletins[0])
      has(r, 'result-row', bulletins[0])
    })
  })

  test('a batch counted twice', async () => {
    /* The entry again at the end, signed anew by the server: the log agrees with its own seal. */
    const stored = (await site.pg.sql('SELECT size, encode(root, \'hex\') FROM qm.log_head'))[0]!
    const dump = join(site.dir, 'before.dump')
    await must('pg_dump', ['-Fc', '-n', 'qm', '-f', dump, '-d', site.pg.conninfo])
    await site.pg.sql(`SELECT qm.log_commit(h, ARRAY[1::smallint], ARRAY[${Date.now()}::bigint], ARRAY[(SELECT body FROM qm.log_entry WHERE idx = ${batchIndex})]) FROM qm.log_head h; INSERT INTO qm.batch SELECT county, device, gen_random_uuid(), root, (SELECT size - 1 FROM qm.log_head), ids FROM qm.batch WHERE idx = ${batchIndex}`)
    const r = await report(...kept())
    has(r, 'batch-twice')
    const twice = has(r, 'event-twice')
    assert.ok(twice.event)
    await back(dump)
    assert.equal((await site.pg.sql('SELECT size, encode(root, \'hex\') FROM qm.log_head'))[0], stored)
  })

  test('a key swapped: what its new owner sends is not signed by the phone that was enrolled', async () => {
    const dump = join(site.dir, 'key.dump')
    await must('pg_dump', ['-Fc', '-n', 'qm', '-f', dump, '-d', site.pg.conninfo])
    const d = device['W0001']!
    const thief = new Device(site.url, d.host)
    Object.assign(thief, { uuid: d.uuid, name: d.name, account: d.account, grids: d.grids, log: d.log, seq: d.seq, key: new SigningKey() })
    const [old, new_] = [d.key.key, thief.key.key].map((k) => `'\\x${k.toString('hex')}'`) as [string, string]
    await site.pg.sql(['device', 'device_key', 'device_home'].map((table) => `UPDATE qm.${table} SET key = ${new_} WHERE key = ${old};`).join(' '))
    await site.restart()
    moveTo()
    Object.assign(thief, { url: site.url })
    const got = await thief.send(thief.visit(homes[12]!.household))
    const r = await report(...kept())
    has(r, 'batch-signature', Number(got.receipt.index))
    await back(dump)
  })

  for (const [what, type] of [['an erasure', 6], ['a decision', 5]] as const) {
    test(`${what} dropped and a seal forked: last week's file tells`, async () => {
      const dump = join(site.dir, `fork-${type}.dump`)
      await must('pg_dump', ['-Fc', '-n', 'qm', '-f', dump, '-d', site.pg.conninfo])
      const dropped = await entryOf(type)
      const size = await site.logSize()
      /* The log is cut before that entry and goes on without it, under the same name and key. */
      await site.end('SIGTERM')
      await site.pg.sql(cutAt(dropped))
      forget()
      await site.serve()
      moveTo()
      has(await report(...kept()), 'seen-ahead')
      const w = await site.device('W0001')
      while ((await site.logSize()) <= size) await w.send(w.visit(homes[13]!.household))
      const alone = await report()
      assert.deepEqual(alone.found.filter((f) => f.code === 'root' || f.code === 'entry-changed'), [], 'it agrees with itself')
      const r = await report(...kept())
      has(r, 'seen-fork')
      has(r, 'seen-entry')
      await back(dump)
    })
  }

  /** The database as a dump has it, and a server that remembers nothing of later seals. */
  async function back(dump: string): Promise<void> {
    await site.end('SIGTERM')
    await site.pg.sql('DROP SCHEMA qm CASCADE')
    await must('pg_restore', ['-d', site.pg.conninfo, dump])
    forget()
    await site.serve()
    moveTo()
    assert.equal((await report(...kept())).ok, true)
  }
  /** The server's own memory of the seals that it made. */
  function forget(): void {
    rmSync(join(site.dir, 'state'), { recursive: true })
    mkdirSync(join(site.dir, 'state'))
  }
  function moveTo(): void {
    for (const d of Object.values(device)) Object.assign(d, { url: site.url })
  }
  /** Takes the log back to a size, as if what lies behind had never been. */
  function cutAt(at: number): string {
    const behind = (table: string, column = 'idx'): string => `DELETE FROM qm.${table} WHERE ${column} >= ${at};`
    return [
      `DELETE FROM qm.bulletin_text; DELETE FROM qm.bulletin_row r USING qm.bulletin b WHERE b.draft = r.draft AND b.roster_idx >= ${at};`,
      `DELETE FROM qm.proposal p USING qm.bulletin b WHERE b.draft = p.draft AND b.roster_idx >= ${at}; DELETE FROM qm.bulletin WHERE roster_idx >= ${at};`,
      behind('event'), behind('batch'), behind('decision'), behind('log_entry'), behind('log_checkpoint', 'size - 1'),
      `DELETE FROM qm.log_node WHERE (pos + 1) << level > ${at};`,
      `UPDATE qm.log_head h SET size = ${at}, root = c.root, frontier = (SELECT array_agg(n.hash ORDER BY n.level DESC) FROM generate_series(0, 40) l JOIN qm.log_node n ON n.county = h.county AND n.level = l AND (${at} >> l) & 1 = 1 AND n.pos = (${at} >> l) - 1) FROM qm.log_checkpoint c WHERE c.county = h.county AND c.size = ${at};`,
    ].join(' ')
  }
})
