/* The office's command: imports that are all or nothing, settings, tokens, claims, and that what it
 * writes can be read again. */
import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { run } from './lib/command'
import { COUNTY, GRID, GRID_OTHER, fixedPseudonym, homes, HOST, Site } from './lib/site'
import { qiaomend } from './lib/where'

let site: Site
before(async () => {
  site = await Site.start()
})
after(() => site?.stop())

const HOUSEHOLDS = 'household,grid,place,status,group,lane,door,head,phone,worker'
const RESIDENTS = 'resident,household,name,born,phone,status,groups'
const count = async (table: string): Promise<number> =>
  Number((await site.pg.sql(`SELECT count(*) FROM qm.${table} WHERE county = ${COUNTY}`))[0])

async function importFails(what: string, header: string, rows: string[], ...lines: RegExp[]): Promise<void> {
  const file = site.csv('faulty', header, rows)
  const got = await site.adminRun(what, 'import', file, '--county', COUNTY, '--by', 'C0001')
  assert.equal(got.code, 1, got.stdout + got.stderr)
  for (const line of lines) assert.match(got.stdout + got.stderr, line)
}

describe('import', () => {
  const good = (i: number): string => `${fixedPseudonym(`new${i}`)},${GRID},home,counted,二组,西街,${i}号,李户主,,W0001`

  test('every faulty line is named, and nothing is kept', async () => {
    const before = await count('household')
    await importFails(
      'households',
      HOUSEHOLDS,
      [good(1), good(2).replace(GRID, '140522110204999'), good(3).replace('home', 'castle'), good(4).replace('W0001', 'W9999'), good(5).replace(/^[^,]+/, 'short')],
      /line 3.*grid/i, /line 4.*place/i, /line 5.*worker/i, /line 6.*household/i,
    )
    assert.equal(await count('household'), before)
  })

  test('repeating a file changes nothing', async () => {
    await site.importCsv('households', HOUSEHOLDS, [good(1), good(2)])
    const before = await site.counters()
    await site.importCsv('households', HOUSEHOLDS, [good(1), good(2)])
    assert.deepEqual(await site.counters(), before)
    await site.recount()
  })

  test('columns in any order, quoted fields, CRLF and a byte-order mark', async () => {
    const file = join(site.dir, 'odd.csv')
    const id = fixedPseudonym('odd')
    writeFileSync(file, `\ufeffdoor,"grid",household,place,status,group,lane,head,phone,worker\r\n"猫3号, ""后院""",${GRID},${id},home,counted,,,"李""四",,\r\n`)
    await site.admin('households', 'import', file, '--county', COUNTY, '--by', 'C0001')
    const rows = await site.pg.sql(`SELECT c.door FROM qm.household_card c WHERE county = ${COUNTY} AND door LIKE '猫3号%'`)
    assert.deepEqual(rows, ['猫3号, "后院"'])
  })

  test('a header without a needed column, bytes that are no UTF-8, an open quote', async () => {
    await importFails('households', HOUSEHOLDS.replace('grid,', ''), [], /grid/)
    const file = join(site.dir, 'latin.csv')
    writeFileSync(file, Buffer.concat([Buffer.from(`${RESIDENTS}\n,${homes[0]!.household},`), Buffer.from([0xc3, 0x28]), Buffer.from(',,,counted,\n')]))
    const got = await site.adminRun('residents', 'import', file, '--county', COUNTY, '--by', 'C0001')
    assert.equal(got.code, 1)
    assert.match(got.stdout + got.stderr, /line 2/)
    await importFails('residents', RESIDENTS, [`,${homes[0]!.household},"open,,,counted,`], /line 2/)
  })

  test('a birthday that does not exist, a status and a household that are not known', async () => {
    const row = (born: string, status: string, home = homes[0]!.household): string => `,${home},某人,${born},,${status},`
    await importFails('residents', RESIDENTS, [row('2001-02-29', 'counted'), row('1990-01-01', 'happy'), row('1990-01-01', 'counted', fixedPseudonym('nowhere'))], /line 2/, /line 3/, /line 4/)
  })

  test('names and numbers are sealed in the database', async () => {
    const dump = (await site.pg.sql(`SELECT encode(head, 'escape') || encode(phone, 'escape') FROM qm.household_card WHERE county = ${COUNTY} AND head IS NOT NULL`)).join('\n')
    assert.ok(dump.length > 1000)
    assert.doesNotMatch(dump, /王户主|10041000000/)
  })

  test('1,000 households and 2,600 people in one go', async () => {
    const ids = Array.from({ length: 1000 }, (_, i) => fixedPseudonym(`bulk${i}`))
    await site.importCsv('households', HOUSEHOLDS, ids.map((id, i) => `${id},${GRID_OTHER},home,counted,一组,东街,${i}号,赵某,10042000000,W0003`))
    await site.importCsv('residents', RESIDENTS, Array.from({ length: 2600 }, (_, i) => `${fixedPseudonym(`p${i}`)},${ids[i % 1000]},赵某,1980-01-01,,counted,`))
    assert.equal((await site.counters(GRID_OTHER))['homes'], 1010)
    await site.recount()
  })
})

describe('site and county', () => {
  test('the host is fixed for ever, the master key is not overwritten', async () => {
    const again = await site.adminRun('init', '--host', 'qm.other.example')
    assert.equal(again.code, 1)
    assert.match(again.stdout + again.stderr, new RegExp(HOST.replaceAll('.', '\\.')))
    await site.admin('init', '--host', HOST)
  })

  test('a lost master key comes back from its paper copy, and from no other', async () => {
    const path = join(site.dir, 'master')
    const master = readFileSync(path)
    const paper = Array.from({ length: 4 }, (_, i) => {
      const bytes = master.subarray(8 * i, 8 * i + 8)
      const check = createHash('sha256').update(Buffer.from([i + 1])).update(bytes).digest('hex').slice(0, 8)
      return `${i + 1} ${bytes.toString('hex').replace(/(.{4})(?=.)/g, '$1 ')}-${check}`
    })
    const file = join(site.dir, 'paper.txt')
    const restore = async (text: string) => {
      writeFileSync(file, text)
      return site.adminRun('master', 'restore', file)
    }
    const there = await restore(paper.join('\n'))
    assert.deepEqual([there.code, /stays as it is/.test(there.stderr)], [1, true])
    renameSync(path, `${path}.away`)
    const init = await site.adminRun('init', '--host', HOST)
    assert.match(init.stderr, /admin master restore/)
    const slip = await restore(paper.map((l, i) => (i === 2 ? l.replace(/[0-9a-f]$/, (c) => (c === '7' ? '3' : '7')) : l)).join('\n'))
    assert.deepEqual([slip.code, /line 3 of the paper copy/.test(slip.stderr)], [1, true])
    const other = Buffer.from(master.map((b) => b ^ 1))
    const foreign = Array.from({ length: 4 }, (_, i) => {
      const bytes = other.subarray(8 * i, 8 * i + 8)
      return `${i + 1} ${bytes.toString('hex')}-${createHash('sha256').update(Buffer.from([i + 1])).update(bytes).digest('hex').slice(0, 8)}`
    })
    const wrong = await restore(foreign.join('\n'))
    assert.deepEqual([wrong.code, /another master key/.test(wrong.stderr)], [1, true])
    assert.equal(existsSync(path), false)
    assert.equal((await restore(paper.join('\n'))).code, 0)
    assert.deepEqual(readFileSync(path), master)
    await site.admin('login', 'code', '--county', COUNTY, '--account', 'A0001', '--by', 'C0001')
  })

  test('a command that there is not is named, without the whole help', async () => {
    const got = await site.adminRun('county', 'remove')
    assert.deepEqual([got.code, got.stdout, got.stderr.split('\n').length], [2, '', 2])
    assert.match(got.stderr, /no such command: county remove/)
  })

  test('a county is set up once, and only one that is among the divisions', async () => {
    assert.equal((await site.adminRun('county', 'add', COUNTY, '--by', 'C0001')).code, 1)
    assert.equal((await site.adminRun('county', 'add', '999999', '--by', 'C0001')).code, 1)
    await site.admin('county', 'add', '320623', '--by', 'C0001')
  })

  test('a wrong setting stops everything and is named', async () => {
    const got = await run(qiaomend, ['--config', join(site.dir, 'nothing.conf'), 'serve'])
    assert.notEqual(got.code, 0)
    site.writeConfig(['address_per_minute = many'])
    const wrong = await run(qiaomend, ['--config', join(site.dir, 'qiaomend.conf'), 'serve'])
    site.writeConfig()
    assert.notEqual(wrong.code, 0)
    assert.match(wrong.stderr, /address_per_minute/)
    const serve = (setting: string) => run(qiaomend, ['--config', join(site.dir, 'qiaomend.conf'), setting, 'serve'])
    const taken = await serve(`--listen=127.0.0.1:${site.port}`)
    assert.match(taken.stderr, new RegExp(`"listen","value":"127.0.0.1:${site.port}"`))
    const nowhere = await serve('--state_dir=/nonexistent/state')
    assert.match(nowhere.stderr, /"state_dir","value":"\/nonexistent\/state"/)
  })
})

describe('settings of the county', () => {
  const setting = (kind: string, value: unknown) => {
    const file = join(site.dir, `${kind}.json`)
    writeFileSync(file, JSON.stringify(value))
    return site.adminRun(kind, 'set', file, '--county', COUNTY, '--by', 'A0001')
  }
  const target = { metric: 'visited', prefix: '140522110', basis: 'door', threshold: 5000, from: '2026-01-01', due: '2099-12-31', assurance: 'reported' }

  test('targets are in the log once, and in the coverage', async () => {
    const size = await site.logSize()
    assert.equal((await setting('targets', [target])).code, 0)
    assert.equal(await site.logSize(), size + 1)
    assert.equal((await setting('targets', [target])).code, 0)
    assert.equal(await site.logSize(), size + 1)
    const coverage = JSON.stringify(await site.adminJson('coverage', '--county', COUNTY, '--prefix', '140522110', '--level', 'village'))
    assert.match(coverage, /"threshold":5000/)
  })

  test('unknown metrics, days and members are refused', async () => {
    for (const wrong of [{ ...target, metric: 'hugs' }, { ...target, due: '2026-02-30' }, { ...target, more: 1 }, { ...target, threshold: 10001 }]) {
      const got = await setting('targets', [wrong])
      assert.equal(got.code, 1, JSON.stringify(wrong))
    }
  })
})

describe('claims and status', () => {
  test('a household without a worker is shown as a hole', async () => {
    const before = (await site.counters())['unclaimed']!
    const household = homes[1]!.household
    await site.admin('claim', 'set', '--county', COUNTY, '--by', 'A0001', '--household', household, '--account', '')
    assert.equal((await site.counters())['unclaimed'], before + 1)
    await site.admin('claim', 'set', '--county', COUNTY, '--by', 'A0001', '--household', household, '--account', 'W0001')
    assert.equal((await site.counters())['unclaimed'], before)
  })

  test('dead and gone people leave the population, unknown ids are refused', async () => {
    const before = (await site.counters())['population']!
    await site.admin('status', 'set', '--county', COUNTY, '--by', 'A0001', '--resident', homes[2]!.people[0]!.resident, '--status', 'dead')
    assert.equal((await site.counters())['population'], before - 1)
    const got = await site.adminRun('status', 'set', '--county', COUNTY, '--by', 'A0001', '--resident', fixedPseudonym('nobody'), '--status', 'dead')
    assert.equal(got.code, 1)
    await site.recount()
  })

  test('codes are for workers, tokens only for roles that the account has', async () => {
    assert.equal((await site.adminRun('code', 'new', '--county', COUNTY, '--account', 'S0001')).code, 1)
    assert.equal((await site.adminRun('token', 'new', '--county', COUNTY, '--account', 'S0001', '--role', 'auditor', '--prefix', COUNTY)).code, 1)
  })
})
