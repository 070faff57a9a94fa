/* Two counties on two database servers, reached through PL/Proxy by county: the same calls, the same
 * answers. What the functions promise must not depend on there being one database. */
import { strict as assert } from 'node:assert'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { must } from '../integration/lib/command'
import { Batch, Device } from '../integration/lib/device'
import { Postgres } from '../integration/lib/postgres'
import { fixedPseudonym, HOST } from '../integration/lib/site'
import { freshFolder, qiaomend, root } from '../integration/lib/where'
import { entryRead, leafHash, merkleRoot, pseudonym, sha256 } from '../integration/lib/wire'
import { placeOf } from './lib/cluster'
import { rootsAt } from './lib/tiles'

interface County {
  code: number
  shard: number
  grid: string
  homes: string[]
  device: Device
}

const COUNTIES = [140522, 140525].map((code, shard): County => {
  const grid = `${code}110204001`
  const device = new Device('', HOST)
  device.grids = [grid]
  return { code, shard, grid, device, homes: Array.from({ length: 4 }, (_, i) => fixedPseudonym(`${code}-${i}`)) }
})
/** All functions that the server calls for one county. */
const FUNCTIONS = [
  'sync', 'enrol', 'rotate', 'revoke', 'decide', 'erase', 'set_config', 'county_add', 'log_continue', 'blob_put', 'blob_note',
  'blob_sweep', 'birthdays', 'import_grids', 'import_accounts', 'import_households', 'import_residents', 'set_status', 'claim',
  'move_household', 'merge_household', 'move_resident', 'code_new', 'token_new', 'recount_note', 'coverage', 'list_households',
  'list_residents', 'batch_lines', 'recount', 'changes',
]
const dir = freshFolder()
const shards: Postgres[] = []
let proxy: Postgres

before(async () => {
  await must('chmod', ['711', dir])
  for (const name of ['a', 'b', 'p']) {
    const pg = await Postgres.start(join(dir, name))
    if (name === 'p') proxy = pg
    else shards.push(pg)
  }
  for (const [i, pg] of shards.entries()) {
    const config = join(dir, `${i}.conf`)
    writeFileSync(config, [`database = ${pg.conninfo}`, `sql_dir = ${join(root, 'sql')}`, `state_dir = ${join(dir, 'state')}`].join('\n') + '\n')
    await must(qiaomend, ['--config', config, 'migrate'])
  }
  mkdirSync(join(dir, 'state'), { recursive: true })
  await makeProxy()
})
after(async () => {
  for (const pg of [...shards, proxy]) await pg?.drop()
  rmSync(dir, { recursive: true, force: true })
})

/** The proxy's functions have the shards' own signatures and nothing else. */
async function makeProxy(): Promise<void> {
  const names = FUNCTIONS.map((f) => `'${f}'`).join(',')
  const found = await shards[0]!.sql(
    `SELECT format('CREATE FUNCTION qm.%I(%s) RETURNS %s LANGUAGE plproxy AS $p$ CLUSTER ''qm''; RUN ON p_county; $p$;', p.proname,
                   pg_get_function_arguments(p.oid), pg_get_function_result(p.oid))
       FROM pg_proc p WHERE p.pronamespace = 'qm'::regnamespace AND p.proname IN (${names})`,
  )
  assert.equal(found.length, FUNCTIONS.length, 'functions that take a county')
  const servers = shards.map((pg, i) => `p${i} 'dbname=qiaomen user=qiaomen host=${placeOf(pg)}'`).join(', ')
  const script = [
    'CREATE EXTENSION plproxy;',
    `CREATE SERVER qm FOREIGN DATA WRAPPER plproxy OPTIONS (${servers});`,
    'CREATE USER MAPPING FOR PUBLIC SERVER qm;',
    'GRANT USAGE ON FOREIGN SERVER qm TO qiaomen;',
    'CREATE SCHEMA qm;',
    ...found,
    'GRANT USAGE ON SCHEMA qm TO qiaomen;',
  ]
  await must('psql', ['-Xq', '-v', 'ON_ERROR_STOP=1', '-d', `host=${placeOf(proxy)} user=postgres dbname=qiaomen`, '-f', '-'], { input: script.join('\n') })
}

/* ---- values as SQL ---- */

const text = (v: string | null): string => (v === null ? 'NULL' : `'${v.replaceAll("'", "''")}'`)
const bytes = (v: Buffer | string | null): string => (v === null ? 'NULL' : `'\\x${Buffer.from(v as string).toString('hex')}'`)
const list = (type: string, values: (string | number | boolean | null)[]): string => `ARRAY[${values.map((v) => (v === null ? 'NULL' : String(v))).join(',')}]::${type}[]`
const uuidOf = (name: string): string => text(Buffer.from(name, 'base64url').toString('hex'))

async function call(pg: Postgres, name: string, ...args: (string | number)[]): Promise<string[][]> {
  return (await pg.sql(`SELECT * FROM qm.${name}(${args.join(', ')})`)).map((row) => row.split('|'))
}

/** The arguments of qm.sync for batches whose lines are visits and found households. */
function syncArguments(county: County, batches: Batch[], recv: number): (string | number)[] {
  const lines = batches.flatMap((b, i) => b.lines.map((line, k) => ({ b: i + 1, k, line, e: JSON.parse(line.e) as Record<string, string | number> })))
  const found = lines.map((l, i) => ({ ...l, ord: i + 1 })).filter((l) => l.e['kind'] === 'household')
  const each = (type: string, of: (l: (typeof lines)[number]) => string | number | boolean | null): string => list(type, lines.map(of))
  const of = (type: string, one: (b: Batch) => string | number): string => list(type, batches.map(one))
  const none = (): null => null
  return [
    county.code,
    of('uuid', () => text(county.device.uuid)), of('bytea', () => bytes(county.device.key.key)),
    of('uuid', (b) => text(b.origin.slice(-36))), of('bytea', (b) => bytes(merkleRoot(b.lines.map((l) => leafHash(l.e))))),
    of('bigint', () => recv), of('bytea', (b) => bytes(b.note)), of('int', (b) => b.lines.length),
    each('int', (l) => l.b), each('smallint', (l) => l.k), each('smallint', () => 0), each('bytea', (l) => bytes(leafHash(l.line.e))),
    each('uuid', (l) => text(l.line.id)), each('smallint', (l) => (l.e['kind'] === 'visit' ? 1 : 5)), each('bigint', (l) => l.e['seq']!),
    each('bigint', (l) => l.e['at']!), each('bigint', (l) => l.e['grid']!), each('uuid', (l) => uuidOf(l.e['household'] as string)),
    each('uuid', none), each('uuid', none), each('smallint', () => 1), each('smallint', () => 0), each('smallint', () => 1),
    each('smallint', () => 0), each('smallint', () => 0), each('smallint', () => 0), each('bytea', (l) => bytes(l.line.e)),
    each('bytea', (l) => bytes(l.line.p ?? null)), list('int', []), list('bytea', []),
    list('int', found.map((l) => l.ord)), list('date', found.map(none)), list('bytea', found.map(() => bytes('sealed'))),
    list('bytea', found.map(none)), list('bytea', found.map(none)), list('text', found.map(() => text('1'))),
  ]
}

/** Columns of the result of qm.sync. */
const [B, STATUS, IDX, ENTRY, ACCEPTED, , , , SIZE, , , ROOT] = Array.from({ length: 13 }, (_, i) => i) as [number, number, number, number, number, number, number, number, number, number, number, number]

describe('through the proxy', () => {
  for (const county of COUNTIES) {
    const c = county.code
    const now = Date.now()
    const by = text('A0001')

    test(`${c}: set up, register, enrolment`, async () => {
      await shards[county.shard]!.sql(
        `INSERT INTO qm.division VALUES (${text(String(c))}, '县', '1405', 'county'), (${text(`${c}110`)}, '镇', ${text(String(c))}, 'township'), (${text(`${c}110204`)}, '村', ${text(`${c}110`)}, 'village')`,
      )
      const vkey = text(`${HOST}/log/${c}+00000000+AAAA`)
      const status = async (name: string, ...args: (string | number)[]): Promise<string | undefined> => (await call(proxy, name, ...args))[0]?.[0]
      assert.equal(await status('county_add', c, text('县'), by, now, vkey, text('2026-11-21')), '0')
      assert.equal(await status('county_add', c, text('县'), by, now, vkey, text('2026-11-21')), '1', 'again')
      assert.equal(await status('import_grids', c, by, now, list('bigint', [county.grid]), list('text', [text('一')]), list('int', [900]), list('text', [text('t')]), list('date', [text('2026-06-30')])), '0')
      assert.equal(await status('import_accounts', c, by, now, list('text', [text('W0001')]), list('text', [text('worker')]), list('bytea', [bytes('n')]), list('bytea', [bytes('p')]), list('text', [text(county.grid)]), 'NULL::date[]', 'NULL::date[]'), '0')
      const n = county.homes.length
      const all = (type: string, v: string | number): string => list(type, Array.from({ length: n }, () => v))
      const homes = list('uuid', county.homes.map(uuidOf))
      assert.equal(
        await status('import_households', c, by, now, homes, all('bigint', county.grid), all('smallint', 1), all('smallint', 1), all('text', text('一组')), all('text', text('街')), all('text', text('1')), all('bytea', bytes('h')), all('bytea', bytes('p')), all('bytea', bytes('m')), all('text', text('W0001'))),
        '0',
      )
      const mac = bytes(sha256(`code ${c}`))
      assert.equal(await status('code_new', c, by, text('W0001'), mac, now + 86_400_000), '0')
      const { uuid, key } = county.device
      const enrol = [c, mac, text(uuid), bytes(key.key), 'false', bytes(county.device.enrolNote()), now]
      const first = await call(proxy, 'enrol', ...enrol)
      assert.deepEqual(first[0]!.slice(0, 3), ['0', 'W0001', `{${county.grid}}`])
      assert.deepEqual((await call(proxy, 'enrol', ...enrol))[0]!.slice(0, 4), first[0]!.slice(0, 4), 'the same request again')
    })

    test(`${c}: the sync function, and each call again on the shard itself`, async () => {
      const d = county.device
      const one = d.batch(county.homes.map((h) => d.visit(h)))
      const made = pseudonym()
      const two = d.batch([d.event('household', { household: made, place: 'home', why: 'found' }, { name: '新' }), d.visit(made)])
      const args = syncArguments(county, [one, two], now)
      const rows = await call(proxy, 'sync', ...args)
      assert.deepEqual(rows.map((r) => [r[B], r[STATUS], r[ACCEPTED]]), [['1', '0', '4'], ['2', '0', '2']])
      for (const [i, batch] of [one, two].entries()) {
        const entry = entryRead(Buffer.from(rows[i]![ENTRY]!.slice(2), 'hex'))
        assert.deepEqual([entry.type, entry.verdicts, entry.payload], ['batch/v1', [], batch.note])
      }
      const shard = shards[county.shard]!
      const again = await call(shard, 'sync', ...args)
      assert.deepEqual(again.map((r) => [r[STATUS], r[IDX]]), rows.map((r) => ['1', r[IDX]]))
      assert.deepEqual((await call(proxy, 'sync', ...args)).map((r) => [r[STATUS], r[IDX], r[ROOT]]), again.map((r) => [r[STATUS], r[IDX], r[ROOT]]))

      const leaves = (await shard.sql(`SELECT encode(body, 'hex') FROM qm.log_entry WHERE county = ${c} ORDER BY idx`)).map((hex) => leafHash(Buffer.from(hex, 'hex')))
      assert.equal(leaves.length, Number(rows[0]![SIZE]))
      assert.equal(`\\x${rootsAt(leaves, [leaves.length]).get(leaves.length)!.toString('hex')}`, rows[0]![ROOT])
    })

    test(`${c}: figures, lists, recount`, async () => {
      const [row] = await call(proxy, 'coverage', c, text('township'), text(String(c)), text('village'), text(String(c)))
      const places = Object.fromEntries((await shards[county.shard]!.sql('SELECT name, place FROM qm.counter_place')).map((r) => r.split('|')))
      const v = row![2]!.replace(/[{}]/g, '').split(',').map(Number)
      const figure = (name: string): number => v[Number(places[name]) - 1]!
      assert.deepEqual([row![0], figure('homes'), figure('visited')], [`${c}110204`, 5, 5])
      assert.deepEqual(await call(proxy, 'recount', c, text(String(c))), [])
      assert.ok((await call(proxy, 'changes', c, text('W0001'), -1, list('bigint', []))).length > 5)
    })
  }

  test('each county lies on its own server only', async () => {
    for (const county of COUNTIES)
      for (const [i, pg] of shards.entries()) {
        const [n] = await pg.sql(`SELECT count(*) FROM qm.event WHERE county = ${county.code}`)
        assert.equal(n, i === county.shard ? '6' : '0')
      }
  })

  test('an error on the shard arrives with its code, and nothing of the call is kept', async () => {
    const [county] = COUNTIES as [County]
    const d = county.device
    await shards[0]!.sql('ALTER TABLE qm.event ADD CONSTRAINT no_such_seq CHECK (seq <> 666666)')
    const [before_] = await shards[0]!.sql('SELECT size FROM qm.log_head WHERE county = 140522')
    const bad = d.batch([d.visit(county.homes[0]!), d.visit(county.homes[0]!, { seq: 666666 })])
    await assert.rejects(call(proxy, 'sync', ...syncArguments(county, [bad], Date.now())), /no_such_seq/)
    assert.deepEqual(await shards[0]!.sql('SELECT size FROM qm.log_head WHERE county = 140522'), [before_])
    await shards[0]!.sql('ALTER TABLE qm.event DROP CONSTRAINT no_such_seq')
  })

  test('a shard that is away stops its own county only, and is used again when it is back', async () => {
    const [here, away] = COUNTIES as [County, County]
    const d = away.device
    const args = syncArguments(away, [d.batch([d.visit(away.homes[0]!)])], Date.now())
    await shards[away.shard]!.stop()
    await assert.rejects(call(proxy, 'sync', ...args))
    const e = here.device
    assert.equal((await call(proxy, 'sync', ...syncArguments(here, [e.batch([e.visit(here.homes[0]!)])], Date.now())))[0]![STATUS], '0')
    await shards[away.shard]!.restart()
    assert.equal((await call(proxy, 'sync', ...args))[0]![STATUS], '0')
    assert.equal((await call(proxy, 'sync', ...args))[0]![STATUS], '1')
    for (const c of COUNTIES) assert.deepEqual(await call(proxy, 'recount', c.code, text(String(c.code))), [])
  })
})
