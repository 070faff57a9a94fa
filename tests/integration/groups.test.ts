/* Commit groups, budgets, a resident's own receipt, differences for phones, and the guard of the log. */
import { strict as assert } from 'node:assert'
import { ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { must } from './lib/command'
import { Answer, ask, Device, problem } from './lib/device'
import { Description } from './lib/shape'
import { COUNTY, GRID, GRID_FAR, homes, HOST, Site } from './lib/site'
import { until } from './lib/until'
import { qiaomend, root } from './lib/where'
import { keyId, note, receiptVerify, sha256, SigningKey, uuid, vkeyRead } from './lib/wire'

let site: Site
let device: Device

before(async () => {
  site = await Site.start(['db_timeout_ms = 5000'])
  device = await site.device('W0001')
})
after(() => site?.stop())

const get = (path: string, token?: string): Promise<Answer> =>
  ask(site.url + path, token ? { headers: { authorization: `Bearer ${token}` } } : {})
const postJson = (path: string, body: unknown): Promise<Answer> =>
  ask(site.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
const rowsOf = (a: Answer): Record<string, unknown>[] =>
  a.body.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)

/** The port in the line that a server writes when it listens. */
function portOf(server: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = ''
    server.on('exit', () => reject(new Error(text)))
    server.stderr!.on('data', (b: Buffer) => {
      text += b.toString()
      const found = /"event":"listening","port":([0-9]+)/.exec(text)
      if (found) resolve(Number(found[1]))
    })
  })
}

/** As a phone does it: after 503 again. */
async function untilTaken(body: string): Promise<Answer> {
  let a!: Answer
  await until('it is taken', async () => {
    a = await device.post(body)
    assert.ok([200, 503].includes(a.status), `${a.status} ${a.body}`)
    return a.status === 200
  })
  return a
}

describe('commit groups', () => {
  test('forty batches at once: each receipt holds, indexes are dense, fewer commits than batches', async () => {
    const from = await site.logSize()
    const batches = Array.from({ length: 40 }, (_, i) => device.batch([device.visit(homes[i]!.household), device.visit(homes[i + 1]!.household)]))
    const done = await Promise.all(batches.map((b) => device.sync(b)))
    assert.deepEqual(done.map((d) => d.receipt.index).sort((a, b) => a - b), Array.from({ length: 40 }, (_, i) => from + i))
    const commits = await site.pg.sql(`SELECT count(*) FROM qm.log_checkpoint WHERE county = ${COUNTY} AND size > ${from}`)
    assert.ok(Number(commits[0]) < 40, `${commits[0]} commits`)
    await site.recount()
  })

  test('the same batch ten times at once: one entry', async () => {
    const batch = device.batch([device.visit(homes[1]!.household)])
    const done = await Promise.all(Array.from({ length: 10 }, () => device.sync(batch)))
    assert.equal(new Set(done.map((d) => d.receipt.index)).size, 1)
  })

  test('one batch name, two contents at once: one gets a receipt, the other a conflict', async () => {
    const name = uuid(7)
    const answers = await Promise.all(
      [0, 1].map((i) => device.post(device.batch([device.visit(homes[i]!.household)], { uuid: name }).body)),
    )
    assert.deepEqual(answers.map((a) => (a.status === 200 ? 'ok' : problem(a))).sort(), ['batch-conflict', 'ok'])
  })

  test('a batch that the database refuses hurts only itself', async () => {
    await site.pg.sql('ALTER TABLE qm.event ADD CONSTRAINT no_such_seq CHECK (seq <> 666666)')
    try {
      const good = Array.from({ length: 12 }, (_, i) => device.batch([device.visit(homes[i]!.household)]))
      const bad = device.batch([device.visit(homes[0]!.household, { seq: 666666 })])
      const [refused, ...receipts] = await Promise.all([device.post(bad.body), ...good.map((b) => device.sync(b))])
      assert.equal(refused.status, 500)
      assert.equal(new Set(receipts.map((r) => r.receipt.index)).size, 12)
    } finally {
      await site.pg.sql('ALTER TABLE qm.event DROP CONSTRAINT no_such_seq')
    }
    await site.recount()
  })

  test('the outcome of a cut commit is found out by itself', async () => {
    const batches = Array.from({ length: 30 }, (_, i) => device.batch([device.visit(homes[i]!.household)]))
    const answers = batches.map((b) => device.post(b.body))
    for (let i = 0; i < 5; i++)
      await site.pg.sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = current_user')
    for (const [i, a] of (await Promise.all(answers)).entries()) {
      assert.ok(a.status === 200 || a.status === 503, `${a.status} ${a.body}`)
      const again = await untilTaken(batches[i]!.body)
      if (a.status === 200) assert.equal(receiptVerify(a.body, site.logKey).index, receiptVerify(again.body, site.logKey).index)
    }
    await site.recount()
  })
})

describe('a resident’s own receipt', () => {
  const ask_ = (id: string, s: string) => postJson('/v1/receipt', { id, s })
  const saltOf = (p: string) => (JSON.parse(p) as { s: string }).s

  test('two proofs, the text version, and what was private, masked', async () => {
    const home = homes[20]!
    const line = device.event('pledge', { household: home.household, resident: home.people[0]!.resident, text: 'pledge-2026-1', evidence: [sha256('x').toString('hex')] }, { signer: '王小一', relation: 'self', phone: '10012345678', note: '这句不给人看' })
    const bad = device.visit(home.household, { outcome: 'hit' })
    const { receipt } = await device.send(bad, device.visit(home.household), line)
    const a = await ask_(line.id, saltOf(line.p!))
    assert.equal(a.status, 200, a.body)
    const got = JSON.parse(a.body) as { event: string; batch: string; text: string; private: Record<string, string> }
    assert.equal(receiptVerify(got.batch, site.logKey).index, receipt.index)
    const event = receiptVerify(got.event, device.vkey)
    assert.equal(event.extra.toString(), line.e)
    assert.equal(event.index, 2)
    assert.equal(got.text, 'pledge-2026-1')
    assert.deepEqual(got.private, { phone: '100****5678', signer: '王**', relation: 'self' })
  })

  test('another salt, another event, no event, no P, no form: not found, all alike', async () => {
    const home = homes[21]!
    const line = device.event('visit', { household: home.household, outcome: 'met', topics: [], near: 'yes', secs: 60 }, { met: '王二' })
    const plain = device.visit(home.household)
    await device.send(line, plain)
    const salt = saltOf(line.p!)
    const answers = await Promise.all([ask_(line.id, 'A'.repeat(22)), ask_(uuid(7), salt), ask_(plain.id, salt), ask_('x', 'y'), ask_(line.id, '')])
    for (const a of answers) assert.deepEqual([a.status, problem(a)], [404, 'not-found'])
    assert.equal((await ask_(line.id, salt)).status, 200)
  })

  test('not found comes at a set time, whatever had to be opened', async () => {
    const long = device.event('visit', { household: homes[22]!.household, outcome: 'met', topics: [], near: 'yes', secs: 60 }, { note: '"'.repeat(1990) })
    await device.send(long)
    for (const id of [long.id, uuid(7), 'x']) {
      const times: number[] = []
      for (let i = 0; i < 9; i++) {
        const begun = performance.now()
        assert.equal((await ask_(id, 'A'.repeat(22))).status, 404)
        times.push(performance.now() - begun)
      }
      const median = times.sort((a, b) => a - b)[4]!
      assert.ok(median >= 24 && median < 100, `${id}: ${median} ms`)
    }
  })
})

describe('differences for phones', () => {
  test('what changed, what left, what was decided, what is wanted; texts and targets once', async () => {
    const phone = await site.device('W0001')
    const whole = rowsOf(await phone.request('GET', '/v1/changes'))
    assert.equal(whole[0]!['full'], true)
    const since = `/v1/changes?since=${String(whole.at(-1)!['cursor'])}`
    assert.deepEqual(rowsOf(await phone.request('GET', since)).slice(1, -1).filter((row) => row['t'] !== 'want'), [])

    const [visited, moved] = [homes[30]!.household, homes[31]!.household]
    const wanted = sha256('a picture that is not there yet').toString('hex')
    const held = phone.visit(homes[70]!.household, { grid: GRID_FAR })
    const notice = phone.event('notice', { household: visited, text: 'notice-2026-1', evidence: [wanted], state: 'left' })
    await phone.send(phone.visit(visited), notice, held)
    await site.admin('household', 'move', '--county', COUNTY, '--by', 'A0001', '--household', moved, '--grid', GRID_FAR)
    const person = homes[33]!.people[0]!.resident
    await site.admin('resident', 'move', '--county', COUNTY, '--by', 'A0001', '--resident', person, '--household', homes[70]!.household)
    await site.admin('decide', 'in', '--county', COUNTY, '--by', 'A0001', '--code', 'helped-out', held.id)
    await site.admin('texts', 'set', '--county', COUNTY, '--by', 'C0001', join(root, 'deploy/sample/texts.json'))
    await site.admin('targets', 'set', '--county', COUNTY, '--by', 'A0001', join(root, 'deploy/sample/targets.json'))

    const a = await phone.request('GET', since)
    const rows = rowsOf(a)
    assert.equal(rows[0]!['full'], false)
    assert.equal(rows.at(-1)!['rows'], rows.length - 2)
    const home = rows.find((row) => row['t'] === 'household' && row['household'] === visited)!
    assert.deepEqual(home['state'], { visited: true, reached: true, notice: 'left', pledge: 'none', door: 'met' })
    assert.deepEqual(rows.filter((row) => row['t'] === 'gone'), [{ t: 'gone', household: moved }, { t: 'gone', resident: person }])
    assert.deepEqual(rows.find((row) => row['t'] === 'verdict'), { t: 'verdict', event: held.id, in: true, code: 'helped-out' })
    assert.ok(rows.some((row) => row['t'] === 'want' && row['sha256'] === wanted && row['event'] === notice.id))
    assert.ok(rows.some((row) => row['t'] === 'text' && row['kind'] === 'notice'))
    assert.ok(rows.some((row) => row['t'] === 'target' && row['metric'] === 'visited'))
    const later = rowsOf(await phone.request('GET', `/v1/changes?since=${String(rows.at(-1)!['cursor'])}`))
    assert.deepEqual(later.slice(1, -1).filter((row) => row['t'] !== 'want'), [])
  })

  test('what must have a photo to count is said in each answer, whole or not, as long as it holds', async () => {
    const phone = await site.device('W0001')
    const api = new Description(JSON.parse((await get('/v1/openapi.json')).body) as Record<string, unknown>)
    const ask_ = async (since = ''): Promise<{ asked: unknown[]; cursor: string }> => {
      const rows = rowsOf(await phone.request('GET', `/v1/changes${since && `?since=${since}`}`))
      assert.equal(rows.at(-1)!['rows'], rows.length - 2)
      for (const row of rows) assert.deepEqual(api.faults(row, api.schema('ChangesLine')), [])
      return { asked: rows.filter((row) => row['t'] === 'evidence'), cursor: String(rows.at(-1)!['cursor']) }
    }
    const rule = JSON.parse(readFileSync(join(root, 'deploy/sample/rule.json'), 'utf8')) as Record<string, unknown>
    const put = async (assurance: string): Promise<void> => {
      writeFileSync(join(site.dir, 'rule.json'), JSON.stringify({ ...rule, assurance }))
      await site.admin('rule', 'set', '--county', COUNTY, '--by', 'C0001', join(site.dir, 'rule.json'))
    }
    const metrics = (rule['metrics'] as { name: string; ranked: boolean }[]).filter((m) => m.ranked).map((m) => m.name).sort()
    const before = await ask_()
    assert.deepEqual(before.asked, [])
    await put('evidenced')
    const next = await ask_(before.cursor)
    assert.deepEqual(next.asked, [{ t: 'evidence', metrics }])
    assert.deepEqual((await ask_(next.cursor)).asked, next.asked)
    assert.deepEqual((await ask_()).asked, next.asked)
    await put('reported')
    assert.deepEqual((await ask_(next.cursor)).asked, [])
  })

  test('a cursor that nobody made gives everything', async () => {
    const rows = rowsOf(await device.request('GET', '/v1/changes?since=AAAA'))
    assert.equal(rows[0]!['full'], true)
    assert.ok(rows.length > 100)
  })

  test('open objects are for everybody, by hash', async () => {
    const texts = readFileSync(join(root, 'deploy/sample/texts.json'))
    const a = await get(`/v1/log/${COUNTY}/object/${sha256(texts).toString('hex')}`)
    assert.equal(a.status, 200)
    assert.equal(sha256(a.body).toString('hex'), sha256(texts).toString('hex'))
  })

  test('closed objects are for auditors of the whole county', async () => {
    await site.pg.sql(`INSERT INTO qm.object VALUES (${COUNTY}, sha256('roster'), 'roster', false, 'roster')`)
    const path = `/v1/log/${COUNTY}/object/${sha256('roster').toString('hex')}`
    const auditor = await get(path, await site.token('U0001', 'auditor', COUNTY))
    assert.deepEqual([auditor.status, auditor.body], [200, 'roster'])
    assert.match(auditor.headers.get('cache-control') ?? '', /private/)
    assert.equal((await get(path)).status, 401)
    assert.equal((await get(path, await site.token('S0001', 'secretary', '140522110204'))).status, 403)
  })
})

describe('enrolment', () => {
  test('a key that is no point, two signatures, another host’s device', async () => {
    const code = await site.code('W0001')
    const phone = new Device(site.url, HOST)
    const zero = note(`${HOST}/device/v1\n${phone.name}\n${phone.name}+${keyId(phone.name, Buffer.alloc(32)).toString('hex')}+${Buffer.concat([Buffer.from([1]), Buffer.alloc(32)]).toString('base64')}\n`, phone.name, phone.key)
    assert.equal(problem(await phone.enrol(code, { note: zero })), 'malformed')
    const twice = phone.enrolNote() + phone.enrolNote().split('\n').at(-2)! + '\n'
    assert.equal(problem(await phone.enrol(code, { note: twice })), 'malformed')
    const foreign = new Device(site.url, 'qm.other.example')
    assert.equal(problem(await foreign.enrol(code)), 'malformed')
    assert.equal(problem(await phone.enrol(code, { key: 'warm' })), 'malformed')
    const answer = await phone.enrol(code)
    assert.equal(answer.status, 200)
    const again = await phone.enrol(code)
    assert.deepEqual([again.status, again.body], [200, answer.body], 'the same request again gets the same answer')
  })

  test('a device name that another key has', async () => {
    const phone = new Device(site.url, HOST)
    Object.assign(phone, { uuid: device.uuid, name: device.name })
    assert.equal(problem(await phone.enrol(await site.code('W0001'))), 'key-taken')
    assert.equal((await device.send(device.visit(homes[2]!.household))).entry.type, 'batch/v1')
  })
})

describe('budgets', () => {
  test('a device’s syncs are charged after a good signature only, and reloaded at SIGHUP', async () => {
    const phone = await site.device('W0001')
    site.writeConfig(['device_syncs_per_minute = 2'])
    site.signal('SIGHUP')
    await site.logLine((line) => line['event'] === 'reloaded')
    const batch = () => phone.batch([phone.visit(homes[3]!.household)])
    for (let i = 0; i < 5; i++) {
      const forged = phone.batch([phone.visit(homes[3]!.household)], { key: new SigningKey() })
      assert.equal((await phone.post(forged.body)).status, 401)
    }
    await phone.sync(batch())
    await phone.sync(batch())
    const a = await phone.post(batch().body)
    assert.deepEqual([a.status, problem(a)], [429, 'quota-exceeded'])
    assert.match(a.headers.get('retry-after') ?? '', /^[1-9][0-9]*$/)
    await device.sync(device.batch([device.visit(homes[3]!.household)]))
    site.writeConfig()
    site.signal('SIGHUP')
  })

  test('a query that cannot be read at SIGHUP: the settings stay as they were', async () => {
    const sql = join(site.dir, 'sql')
    const empty = join(sql, 'queries', 'empty.sql')
    const one = () => device.post(device.batch([device.visit(homes[3]!.household)]).body)
    cpSync(join(root, 'sql'), sql, { recursive: true })
    site.writeConfig([`sql_dir = ${sql}`])
    await site.restart()
    Object.assign(device, { url: site.url })
    writeFileSync(empty, '')
    site.writeConfig([`sql_dir = ${sql}`, 'device_syncs_per_minute = 1'])
    site.signal('SIGHUP')
    await site.logLine((line) => line['event'] === 'not-reloaded')
    assert.deepEqual([(await one()).status, (await one()).status], [200, 200])
    rmSync(empty)
    site.signal('SIGHUP')
    await site.logLine((line) => line['event'] === 'reloaded')
    await until('the budget has taken effect', async () => (await one()).status === 429)
  })

  test('when too many wait: 503 at once', async () => {
    site.writeConfig(['group_wait_max = 3', 'group_max_events = 2'])
    await site.restart()
    Object.assign(device, { url: site.url })
    const batches = Array.from({ length: 40 }, (_, i) => device.batch([device.visit(homes[i]!.household)]))
    const release = await site.hold()
    const asked = batches.map((b) => device.post(b.body))
    await Promise.race(asked)
    await release()
    const answers = await Promise.all(asked)
    const full = answers.filter((a) => a.status === 503)
    assert.ok(full.length > 0 && full.length < 40, `${full.length} of 40`)
    for (const a of full) {
      assert.equal(problem(a), 'overload')
      assert.match(a.headers.get('retry-after') ?? '', /^[1-9][0-9]*$/)
    }
    assert.ok(answers.every((a) => a.status === 200 || a.status === 503))
    site.writeConfig()
    await site.restart()
    Object.assign(device, { url: site.url })
  })

  test('SIGTERM in the middle of syncs: whoever got a receipt is in the log', async () => {
    const batches = Array.from({ length: 60 }, (_, i) => device.batch([device.visit(homes[i % 60]!.household)]))
    const answers = batches.map((b) => device.post(b.body).catch(() => null))
    const code = await site.end('SIGTERM')
    assert.equal(code, 0)
    await site.serve()
    Object.assign(device, { url: site.url })
    for (const [i, a] of (await Promise.all(answers)).entries()) {
      const again = await device.sync(batches[i]!)
      if (a?.status === 200) assert.equal(receiptVerify(a.body, site.logKey).index, again.receipt.index)
    }
  })
})

describe('two servers on one database', () => {
  test('both take batches at once; every receipt holds, no guard stops, the log has no gap', async () => {
    const dir = join(site.dir, 'second')
    mkdirSync(join(dir, 'state'), { recursive: true })
    const config = readFileSync(join(site.dir, 'qiaomend.conf'), 'utf8').replace(join(site.dir, 'state'), join(dir, 'state'))
    writeFileSync(join(dir, 'qiaomend.conf'), config)
    const second = spawn(qiaomend, ['--config', join(dir, 'qiaomend.conf'), 'serve'], { stdio: ['ignore', 'ignore', 'pipe'] })
    const gone = new Promise((resolve) => second.on('exit', resolve))
    try {
      const port = await portOf(second)
      const other = Object.assign(Object.create(Device.prototype) as Device, device, { url: `http://127.0.0.1:${port}` })
      const ready = async (): Promise<boolean> => (await ask(`${other.url}/readyz`)).status === 200
      await until('the second server is ready', ready)
      const from = await site.logSize()
      const batches = Array.from({ length: 60 }, (_, i) => device.batch([device.visit(homes[i % 60]!.household)]))
      const reads = Array.from({ length: 40 }, (_, i) => ask(`${i % 2 ? other.url : site.url}/v1/log/${COUNTY}/checkpoint`))
      const done = await Promise.all(batches.map((b, i) => (i % 2 ? other : device).sync(b)))
      for (const a of await Promise.all(reads)) assert.equal(a.status, 200, a.body)
      assert.deepEqual(done.map((d) => d.receipt.index).sort((a, b) => a - b), Array.from({ length: 60 }, (_, i) => from + i))
      for (const [i, b] of batches.entries())
        assert.equal((await (i % 2 ? device : other).sync(b)).receipt.index, done[i]!.receipt.index)
    } finally {
      second.kill('SIGTERM')
      await gone
    }
    assert.equal(second.exitCode, 0)
    await site.recount()
  })
})

describe('the guard of the log', () => {
  const dump = () => join(site.dir, 'older.dump')
  const backup = () => must('pg_dump', ['-Fc', '-n', 'qm', '-f', dump(), '-d', site.pg.conninfo])
  const restore = async (): Promise<void> => {
    await site.pg.sql('DROP SCHEMA qm CASCADE')
    await must('pg_restore', ['-d', site.pg.conninfo, dump()])
  }
  /** From the table: a stopped log serves no checkpoint. */
  const logSize = async (): Promise<number> => Number((await site.pg.sql(`SELECT size FROM qm.log_head WHERE county = ${COUNTY}`))[0])
  const stopped = async (): Promise<void> => {
    const a = await device.post(device.batch([device.visit(homes[5]!.household)]).body)
    assert.deepEqual([a.status, problem(a)], [503, 'log-stopped'])
    assert.match(a.headers.get('retry-after') ?? '', /^[1-9][0-9]*$/)
    assert.equal(problem(await get(`/v1/log/${COUNTY}/checkpoint`)), 'log-stopped')
  }

  test('an older database under a running server, and under a new one: nothing is signed, nothing committed', async () => {
    await backup()
    const lost = await device.send(device.visit(homes[5]!.household))
    const size = await logSize()
    await restore()
    assert.ok((await logSize()) < size)
    await site.pg.sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = current_user')
    const before = await logSize()
    await until('ready again', async () => (await get('/readyz')).status === 200)
    await stopped()
    assert.match((await get('/metrics')).body, /^qm_log_stopped 1$/m)
    await site.restart()
    Object.assign(device, { url: site.url })
    await stopped()
    assert.equal(await logSize(), before)
    await site.logLine((line) => line['event'] === 'log-stopped' && String(line['todo']).includes('log continue'))

    await site.admin('log', 'continue', '--county', COUNTY, '--by', 'A0001')
    const [vkey] = await site.pg.sql(`SELECT vkey FROM qm.log_tree WHERE county = ${COUNTY} AND tree = 2`)
    device.log = vkeyRead(vkey!)
    assert.equal(device.log.name, `${HOST}/log/${COUNTY}-2`)
    const again = await device.sync(lost.batch)
    assert.ok(again.receipt.index >= before, 'the phone sends again what was lost')
    assert.equal((await get(`/v1/log/${COUNTY}/checkpoint`)).body.split('\n')[0], `${HOST}/log/${COUNTY}-2`)
    const old = (await get(`/v1/log/${COUNTY}-1/checkpoint`)).body.split('\n')
    assert.deepEqual([old[0], Number(old[1])], [`${HOST}/log/${COUNTY}`, before])
    assert.equal((await get(`/v1/log/${COUNTY}-3/checkpoint`)).status, 404)
    assert.match((await get('/metrics')).body, /^qm_log_stopped 0$/m)
    await site.recount()
  })

  test('the largest signed checkpoint is in the state folder', async () => {
    const { receipt } = await device.send(device.visit(homes[6]!.household))
    await site.end('SIGTERM')
    const file = join(site.dir, 'state', `${COUNTY}.checkpoint`)
    assert.ok(existsSync(file))
    const [origin, size] = readFileSync(file, 'utf8').split('\n')
    assert.deepEqual([origin, Number(size)], [`${HOST}/log/${COUNTY}-2`, receipt.size])
    await site.serve()
    Object.assign(device, { url: site.url })
  })
})

test('a grid that is not of this worker stays unknown to its phone', async () => {
  const rows = rowsOf(await device.request('GET', '/v1/changes'))
  assert.ok(rows.filter((row) => row['t'] === 'household').every((row) => row['grid'] === GRID))
})
