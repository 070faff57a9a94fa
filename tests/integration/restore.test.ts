/* A phone through a restore of the database to an older backup: the log stops, goes on under
 * another name, and the phone, without being told, fetches its key and sends again what was lost. */
import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { must, Outcome, run } from './lib/command'
import { COUNTY, homes, HOST, Site } from './lib/site'
import { qiaomen } from './lib/where'

type Json = Record<string, unknown>

let site: Site
before(async () => {
  site = await Site.start()
})
after(() => site?.stop())

const phone = (name: string, ...args: string[]): Promise<Outcome> =>
  run(qiaomen, [...args, '--home', join(site.dir, name), '--lang', 'en', '--json'])

async function ok(name: string, ...args: string[]): Promise<Json> {
  const got = await phone(name, ...args)
  assert.equal(got.code, 0, `${args.join(' ')}: ${got.stdout}${got.stderr}`)
  return JSON.parse(got.stdout) as Json
}

const visit = (name: string, i: number): Promise<Json> =>
  ok(name, 'visit', homes[i]!.household, '--outcome', 'met', '--met', '李四')

async function enrol(name: string): Promise<void> {
  await ok(name, 'enrol', '--server', site.url, '--host', HOST, '--code', await site.code('W0001'))
}

test('what was confirmed after the backup is confirmed again under the new name', async () => {
  const dump = join(site.dir, 'older.dump')
  await enrol('early')
  await visit('early', 0)
  await ok('early', 'sync')
  await must('pg_dump', ['-Fc', '-n', 'qm', '-f', dump, '-d', site.pg.conninfo])
  const visits = (await site.counters())['visits']!
  for (const i of [1, 2]) {
    await visit('early', i)
    await ok('early', 'sync')
  }
  // Enrolled after the backup: the restored server does not know this phone at all.
  await enrol('late')
  await visit('late', 3)
  await ok('late', 'sync')

  const port = site.port
  await site.end('SIGTERM')
  await site.pg.sql('DROP SCHEMA qm CASCADE')
  await must('pg_restore', ['-d', site.pg.conninfo, dump])
  await site.serve()
  const moved = async (name: string): Promise<void> => {
    if (site.port !== port) await ok(name, 'move', '--server', site.url)
  }
  await moved('early')
  await moved('late')

  await visit('early', 4)
  assert.equal((await phone('early', 'sync', '--now')).code, 4)
  const waiting = await ok('early', 'status')
  assert.deepEqual([waiting['waiting'], waiting['confirmed']], [1, 3])

  await site.admin('log', 'continue', '--county', COUNTY, '--by', 'A0001')
  await ok('early', 'sync', '--now')
  const early = await ok('early', 'status')
  assert.deepEqual([early['waiting'], early['confirmed'], early['alarm']], [0, 4, ''])
  assert.equal(early['log'], `${HOST}/log/${COUNTY}-2`)

  assert.equal((await phone('late', 'sync', '--now')).code, 5)
  assert.equal((await ok('late', 'status'))['stopped'], 'unknown-key')
  await enrol('late')
  await ok('late', 'sync')
  const late = await ok('late', 'status')
  assert.deepEqual([late['waiting'], late['confirmed'], late['log']], [0, 1, `${HOST}/log/${COUNTY}-2`])

  assert.equal((await site.counters())['visits'], visits + 4)
  await site.recount()
})
