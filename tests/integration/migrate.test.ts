/* Migrations: order, records, two at once, a site's own command between, and who may do what. */
import { strict as assert } from 'node:assert'
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { must, Outcome, run } from './lib/command'
import { Postgres } from './lib/postgres'
import { freshFolder, qiaomend, root } from './lib/where'

let dir: string
let pg: Postgres
let sqlDir: string
let database = ''
let made = 0

before(async () => {
  dir = freshFolder()
  await must('chmod', ['711', dir])
  pg = await Postgres.start(join(dir, 'pg'))
})
after(async () => {
  await pg?.drop()
  rmSync(dir, { recursive: true, force: true })
})

/* A database and a copy of sql/ of its own for each test. */
beforeEach(async () => {
  const name = `m${++made}`
  database = pg.conninfo.replace(/dbname=\S+/, `dbname=${name}`)
  await as('postgres', 'postgres', `CREATE DATABASE ${name} OWNER qiaomen`)
  sqlDir = join(dir, name)
  cpSync(join(root, 'sql'), sqlDir, { recursive: true })
})

const as = (user: string, name: string, statement: string): Promise<string> =>
  must('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', pg.conninfo.replace(/user=\S+/, `user=${user}`).replace(/dbname=\S+/, `dbname=${name}`), '-c', statement])
const migrate = (...args: string[]): Promise<Outcome> => run(qiaomend, [`--database=${database}`, `--sql_dir=${sqlDir}`, 'migrate', ...args])
const file = (...parts: string[]): string => join(sqlDir, ...parts)
async function rows(statement: string): Promise<string[]> {
  const out = await must('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', database, '-c', statement])
  return out.split('\n').filter((line) => line !== '')
}
const tables = (): string[] => readdirSync(file('migrations')).filter((name) => name.endsWith('.tables.sql'))
const recorded = (): Promise<string[]> => rows('SELECT name FROM qm.migration ORDER BY name')
async function good(...args: string[]): Promise<string> {
  const got = await migrate(...args)
  assert.equal(got.code, 0, got.stdout + got.stderr)
  return got.stdout
}
async function refused(needle: RegExp, ...args: string[]): Promise<void> {
  const got = await migrate(...args)
  assert.equal(got.code, 1, got.stdout + got.stderr)
  assert.match(got.stderr, needle)
}

describe('migrate', () => {
  test('runs each file once, and functions every time', async () => {
    assert.match(await good(), /0001_main\.tables\.sql: run[\s\S]*keys[\s\S]*data/)
    const first = await recorded()
    assert.match(await good(), /done, 0 new files/)
    assert.deepEqual(await recorded(), first)
  })

  test('many at once: all succeed, each file ran once', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => migrate()))
    for (const got of all) assert.equal(got.code, 0, got.stderr)
    const ran = all.flatMap((got) => got.stdout.match(/tables\.sql: run/g) ?? [])
    assert.equal(ran.length, tables().length)
  })

  test('a file that was run must not change, and must not be missing', async () => {
    await good()
    const tables = file('migrations', '0001_main.tables.sql')
    const text = readFileSync(tables)
    appendFileSync(tables, '-- x\n')
    await refused(/0001_main\.tables\.sql has changed/)
    writeFileSync(tables, text)
    renameSync(file('migrations', '0001_main.data.sql'), file('kept'))
    await refused(/0001_main\.data\.sql, which is not in/)
    renameSync(file('kept'), file('migrations', '0001_main.data.sql'))
    await good()
  })

  test('a new migration runs behind the others; a failing one leaves nothing of itself', async () => {
    await good()
    writeFileSync(file('migrations', '9000_more.tables.sql'), 'CREATE TABLE qm.more (county int PRIMARY KEY);\nSELECT 1/0;\n')
    await refused(/9000_more\.tables\.sql: .*division by zero/)
    assert.deepEqual(await rows("SELECT to_regclass('qm.more') IS NULL"), ['t'])
    writeFileSync(file('migrations', '9000_more.tables.sql'), 'CREATE TABLE qm.more (county int PRIMARY KEY);\n')
    assert.match(await good(), /9000_more\.tables\.sql: run/)
    assert.ok((await recorded()).includes('9000_more.tables.sql'))
  })

  test("the site's command runs between tables and keys, once, and again after it failed", async () => {
    const seen = join(dir, `seen${made}`)
    const command = `psql -XAtq -d "${database}" -c "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace = 'qm'::regnamespace" >>${seen}`
    await refused(/the command between failed/, '--between', `${command}; exit 3`)
    assert.deepEqual((await recorded()).filter((n) => n.includes('keys')), [])
    await good('--between', command)
    await good('--between', command)
    const counts = readFileSync(seen, 'utf8').trimEnd().split('\n').map(Number)
    assert.equal(counts.length, 1 + tables().length, 'once where it failed, then once a migration')
    assert.deepEqual(counts.slice(0, 2), [0, 0], 'before the first keys')
    assert.ok(counts.slice(2).every((n) => n > 0))
  })

  test('functions and rights are all applied or none', async () => {
    await good()
    writeFileSync(file('functions', '00_early.sql'), "CREATE FUNCTION qm.early() RETURNS int LANGUAGE sql SET search_path = qm AS 'SELECT 1';\n")
    writeFileSync(file('functions', '99_late.sql'), 'CREATE FUNCTION broken(;\n')
    await refused(/99_late\.sql: .*syntax/)
    assert.deepEqual(await rows("SELECT to_regproc('qm.early') IS NULL"), ['t'])
    unlinkSync(file('functions', '99_late.sql'))
    await good()
    assert.deepEqual(await rows("SELECT to_regproc('qm.early') IS NULL"), ['f'])
  })

  test('names outside the pattern are no migrations and are not passed over', async () => {
    for (const name of ['main.sql', '0002_More.tables.sql', '9000_more.views.sql', '2_more.tables.sql']) {
      writeFileSync(file('migrations', name), '')
      const got = await migrate()
      assert.equal(got.code, 3, name)
      assert.ok(got.stderr.includes(name), got.stderr)
      unlinkSync(file('migrations', name))
    }
    writeFileSync(file('migrations', '0001_other.tables.sql'), '')
    assert.match((await migrate()).stderr, /same number/)
  })

  test('a database that is away, a folder that is none, wrong words', async () => {
    assert.equal((await run(qiaomend, ['--database=host=/nowhere', `--sql_dir=${sqlDir}`, 'migrate'])).code, 3)
    assert.equal((await run(qiaomend, [`--database=${database}`, '--sql_dir=/nowhere', 'migrate'])).code, 3)
    assert.equal((await migrate('--now')).code, 2)
    await rows('CREATE SCHEMA qm')
    await refused(/not made by migrate/)
    assert.ok(existsSync(sqlDir))
  })

  test('the console needs the statements too, and names the folder or the one that is not there', async () => {
    await good()
    const console_ = async (dir: string): Promise<Outcome> =>
      run(qiaomend, [`--database=${database}`, `--sql_dir=${dir}`, 'admin', 'held', 'list', '--county', '140522'])
    const away = await console_('/nowhere')
    assert.equal(away.code, 3)
    assert.match(away.stderr, /cannot read \/nowhere\/queries \(.*\); set sql_dir/)
    assert.equal((await console_(sqlDir)).code, 1, 'with them it says that the county is not set up')
    unlinkSync(file('queries', 'log_head.sql'))
    const missing = await console_(sqlDir)
    assert.equal(missing.code, 3)
    assert.match(missing.stderr, /the statement log_head cannot run .*set sql_dir to the folder that came with this program/)
  })
})

describe('what the server may do', () => {
  const asApp = (statement: string): Promise<Outcome> =>
    run('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', database.replace(/user=\S+/, 'user=postgres'), '-c', `SET ROLE qiaomen_app; ${statement}`])

  test('it reads figures and calls its functions', async () => {
    await good()
    for (const statement of ['SELECT count(*) FROM qm.log_entry', "SELECT * FROM qm.coverage(140522, 'admin', '140522', 'county', '140522')"]) {
      const got = await asApp(statement)
      assert.equal(got.code, 0, got.stderr)
    }
  })

  test('it cannot change or drop a fact, nor do the office\'s work', async () => {
    await good()
    const facts = ['log_entry', 'log_node', 'log_checkpoint', 'batch', 'event', 'void_mark', 'decision', 'evidence', 'object', 'setting', 'account_role', 'token']
    for (const table of facts) {
      for (const statement of [`DELETE FROM qm.${table}`, `UPDATE qm.${table} SET county = county`, `TRUNCATE qm.${table}`]) {
        const got = await asApp(statement)
        assert.match(got.stderr, /permission denied/, statement)
      }
    }
    for (const call of ["qm.erase(140522, 'A0001', 1, '{}', '{}')", "qm.token_new(140522, 'A0001', 'admin', '140522', '', 1)", "qm.code_new(140522, 'A0001', 'W0001', '', 1)"]) {
      const got = await asApp(`SELECT * FROM ${call}`)
      assert.match(got.stderr, /permission denied for function/, call)
    }
    assert.match((await asApp('SELECT * FROM qm.migration')).stderr, /permission denied/)
    assert.match((await asApp('CREATE TABLE qm.x (i int)')).stderr, /permission denied/)
  })
})
