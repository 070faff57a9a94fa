/* Rosters as offices have them: ID numbers, other encodings, missing pseudonyms, and what the office
 * changes in the register afterwards. */
import { strict as assert } from 'node:assert'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { must, Outcome } from './lib/command'
import { COUNTY, fixedPseudonym, GRID, GRID_FAR, GRID_OTHER, homes, HOST, Site } from './lib/site'
import { qiaomen } from './lib/where'

let site: Site
before(async () => {
  site = await Site.start()
})
after(() => site?.stop())

let files = 0
function fileOf(bytes: string | Buffer): string {
  const file = join(site.dir, `import${++files}.csv`)
  writeFileSync(file, bytes)
  return file
}
const importRun = (what: string, file: string, ...more: string[]): Promise<Outcome> =>
  site.adminRun(what, 'import', file, '--county', COUNTY, '--by', 'C0001', ...more)
const residents = async (): Promise<number> => Number((await site.pg.sql('SELECT count(*) FROM qm.resident'))[0])
const home = homes[0]!.household

/* GB 11643: the check character of 17 digits. */
function idNumber(digits: string): string {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  return digits + '10X98765432'[weights.reduce((sum, w, i) => sum + w * Number(digits[i]), 0) % 11]!
}

describe('ID numbers', () => {
  const number = idNumber('14052219491231002')

  test('give the birthday and are then nowhere', async () => {
    const got = await importRun('residents', fileOf(`resident,household,name,id_number\n${fixedPseudonym('idn')},${home},钱某,${number}\n`), '--json')
    assert.equal(got.code, 0, got.stdout + got.stderr)
    assert.equal((JSON.parse(got.stdout) as Record<string, unknown>)['id_numbers_dropped'], 1)
    assert.deepEqual(await site.pg.sql(`SELECT born, status FROM qm.resident WHERE qm.pseudonym(resident) = '${fixedPseudonym('idn')}'`), ['1949-12-31|1'])
    assert.doesNotMatch(got.stdout + got.stderr + (await site.pg.sql('SELECT c.*::text FROM qm.resident_card c')).join('\n'), new RegExp(number.slice(0, 17)))
  })

  test('with a wrong check character, length or another birthday are faults that do not repeat the number', async () => {
    const wrong = number.slice(0, 17) + (number[17] === '1' ? '2' : '1')
    const rows = [`,${home},甲,,${wrong}`, `,${home},乙,,${number.slice(0, 15)}`, `,${home},丙,1949-12-30,${number}`, `,${home},丁,,${idNumber('14052219490230002')}`]
    const before = await residents()
    const got = await importRun('residents', fileOf(`resident,household,name,born,id_number\n${rows.join('\n')}\n`))
    assert.equal(got.code, 1)
    for (const line of [/line 2: id_number/, /line 3: id_number/, /line 4: born/, /line 5: id_number/]) assert.match(got.stdout, line)
    assert.doesNotMatch(got.stdout + got.stderr, /1405221949/)
    assert.equal(await residents(), before)
  })
})

describe('rows without a pseudonym', () => {
  test('get one, and --out is the file to import from then on', async () => {
    const out = join(site.dir, 'with-ids.csv')
    const file = fileOf(`household,grid,head,door\n,${GRID_OTHER},"孙, 某",1号\n,${GRID_OTHER},周某,2号\n`)
    const before = (await site.counters(GRID_OTHER))['homes']!
    const got = await importRun('households', file, '--out', out)
    assert.equal(got.code, 0, got.stderr)
    assert.equal(statSync(out).mode & 0o777, 0o600)
    assert.match(readFileSync(out, 'utf8'), /\n[A-Za-z0-9_-]{22},140522110204002,.*"孙, 某"/)
    assert.equal((await site.counters(GRID_OTHER))['homes'], before + 2)
    assert.equal((await importRun('households', out)).code, 0)
    assert.equal((await site.counters(GRID_OTHER))['homes'], before + 2)
    assert.equal((await importRun('households', file, '--out', out)).code, 3, 'an old file is not overwritten')
    assert.equal((await site.counters(GRID_OTHER))['homes'], before + 2)
  })
})

describe('files of other programs', () => {
  test('GB18030, UTF-16 and workbooks are refused with advice', async () => {
    const gbk = Buffer.concat([Buffer.from(`household,grid,head\n,${GRID},`), Buffer.from([0xd5, 0xc5, 0xc8, 0xfd]), Buffer.from('\n')])
    for (const [bytes, advice] of [
      [gbk, /line 2: .*GB18030.*iconv/],
      [Buffer.from(`\ufeffhousehold,grid\n`, 'utf16le'), /UTF-16/],
      [Buffer.from('PK\x03\x04'), /workbook/],
    ] as const) {
      const got = await importRun('households', fileOf(bytes))
      assert.equal(got.code, 1)
      assert.match(got.stdout, advice)
    }
    assert.equal((await importRun('households', join(site.dir, 'none.csv'))).code, 3)
  })

  test('with --json all faults are data', async () => {
    const got = await importRun('households', fileOf(`household,grid\nx,${GRID}\n${home},1\n${home},${GRID}\n`), '--json')
    const said = JSON.parse(got.stdout) as { ok: boolean; faults: number; list: { line: number; where: string }[] }
    assert.deepEqual([got.code, said.ok, said.faults], [1, false, said.list.length])
    assert.deepEqual(said.list.map((f) => [f.line, f.where]).slice(0, 2), [[2, 'household'], [3, 'grid']])
  })
})

describe('changes of the register', () => {
  const office = (...args: string[]): Promise<Outcome> => site.adminRun(...args, '--county', COUNTY, '--by', 'A0001')
  async function done(...args: string[]): Promise<void> {
    const got = await office(...args)
    assert.equal(got.code, 0, got.stderr)
    await site.recount()
  }
  const homesOf = async (grid: string): Promise<number> => (await site.counters(grid))['homes']!

  test('a household moves with its people and its visits', async () => {
    const device = await site.device('W0001')
    const moved = homes[3]!
    await device.send(device.visit(moved.household))
    const [here, there] = [await homesOf(GRID), await homesOf(GRID_FAR)]
    const visited = (await site.counters(GRID_FAR))['visited']!
    await done('household', 'move', '--household', moved.household, '--grid', GRID_FAR)
    assert.deepEqual([await homesOf(GRID), await homesOf(GRID_FAR)], [here - 1, there + 1])
    assert.equal((await site.counters(GRID_FAR))['visited'], visited + 1)
  })

  test('a merged household counts once, with the events of both', async () => {
    const device = await site.device('W0001')
    const [gone, into] = [homes[5]!, homes[7]!]
    await device.send(device.visit(gone.household))
    const [count, visited] = [await homesOf(GRID), (await site.counters())['visited']!]
    await done('household', 'merge', '--household', gone.household, '--into', into.household)
    assert.deepEqual([await homesOf(GRID), (await site.counters())['visited']], [count - 1, visited])
    assert.equal((await office('household', 'merge', '--household', gone.household, '--into', into.household)).code, 1)
    assert.equal((await office('household', 'merge', '--household', into.household, '--into', into.household)).code, 1)
  })

  test('a resident moves to another household', async () => {
    const who = homes[9]!.people[0]!.resident
    await done('resident', 'move', '--resident', who, '--household', homes[70]!.household)
    assert.equal((await office('resident', 'move', '--resident', who, '--household', fixedPseudonym('nowhere'))).code, 1)
    assert.equal((await office('resident', 'move', '--resident', who, '--household', 'short')).code, 2)
  })

  test('claims come from a file, all or nothing', async () => {
    const claim = (rows: string): Promise<Outcome> => importRun('claim', fileOf(`household,account\n${rows}`))
    const unclaimed = async (): Promise<number> => (await site.counters())['unclaimed']!
    const before = await unclaimed()
    assert.equal((await claim(`${homes[11]!.household},\n${homes[13]!.household},W9999\n`)).code, 1)
    assert.equal(await unclaimed(), before)
    assert.equal((await claim(`${homes[11]!.household},\n${homes[13]!.household},W0002\n`)).code, 0)
    assert.equal(await unclaimed(), before + 1)
    await site.recount()
  })

  test('a wrong word is refused with the usage and changes nothing', async () => {
    for (const args of [
      ['status', 'set', '--household', home, '--status', 'dead'],
      ['status', 'set', '--status', 'away'],
      ['household', 'move', '--household', home, '--grid', '320623110204001'],
      ['decide', 'in', '--code', 'Bad Code', '01890000-0000-7000-8000-000000000000'],
      ['erase', 'x'],
      ['revoke', '--device', 'x', '--lost', '1'],
    ]) {
      const got = await office(...args)
      assert.equal(got.code, 2, args.join(' '))
      assert.match(got.stderr, /usage: qiaomend admin/)
    }
    assert.equal((await site.adminRun('hug')).code, 2)
  })
})

describe('an account of many grids', () => {
  const grids = Array.from({ length: 65 }, (_, i) => `140522110204${101 + i}`)
  const accounts = (rows: string[]): string => fileOf(`account,role,name,phone,areas\n${rows.join('\n')}\n`)
  const of = (n: number): string => grids.slice(0, n).join(' ')

  test('has at most as many as a device holds, over all its rows', async () => {
    assert.equal((await importRun('grids', fileOf(`grid,name\n${grids.map((g) => `${g},网格`).join('\n')}\n`))).code, 0)
    for (const rows of [[`W0065,leader,某,10040000065,${of(65)}`], [`W0065,leader,某,10040000065,${of(40)}`, `W0065,worker,某,10040000065,${grids.slice(30).join(' ')}`]]) {
      const got = await importRun('accounts', accounts(rows))
      assert.equal(got.code, 1)
      assert.match(got.stdout, /areas: 65 grids for one account, at most 64.*share them/)
    }
    assert.deepEqual(await site.pg.sql(`SELECT count(*) FROM qm.account WHERE account = 'W0065'`), ['0'])
  })

  test('with all that a device holds it enrols; with one more it gets no code and is told what to do', async () => {
    const many = await importRun('accounts', accounts([`W0065,leader,某,10040000065,${of(64)}`, `W0065,worker,某,10040000065,${of(64)}`]))
    assert.equal(many.code, 0, many.stdout + many.stderr)
    const at = ['--home', join(site.dir, 'phone65'), '--json']
    const got = JSON.parse(await must(qiaomen, ['enrol', '--server', site.url, '--host', HOST, '--code', await site.code('W0065'), ...at])) as Record<string, unknown>
    assert.equal(got['account'], 'W0065')
    await site.pg.sql(`INSERT INTO qm.account_grid (county, account, grid, now) VALUES (${COUNTY}, 'W0065', ${grids[64]!}, true)`)
    const no = await site.adminRun('code', 'new', '--county', COUNTY, '--account', 'W0065', '--by', 'A0001')
    assert.deepEqual([no.code, /W0065 has more than 64 grids.*share them among several accounts/.test(no.stderr)], [1, true], no.stderr)
  })
})
