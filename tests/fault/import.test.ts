/* An import whose answer is lost after its commit: nobody knows whether it is there, and the file with the new
 * pseudonyms is the only one that may be imported again. */
import { strict as assert } from 'node:assert'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, Server } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Outcome, run } from '../integration/lib/command'
import { COUNTY, GRID, Site } from '../integration/lib/site'
import { qiaomend } from '../integration/lib/where'

let site: Site
let server: Server
let cuts = 0
/** Where the cluster's socket lies. */
const socketDir = (): string => /host=(\S+)/.exec(site.pg.conninfo)![1]!

/** PostgreSQL's socket with a break in it: what answers the import's statement does not come through. */
function cutting(): Promise<void> {
  const upstream = join(socketDir(), '.s.PGSQL.5432')
  server = createServer((client) => {
    const pg = connect(upstream)
    let importing = false
    client.on('data', (bytes) => {
      importing ||= bytes.includes('qm.import_households')
      pg.write(bytes)
    })
    // The server sends its answer with the end of the transaction: the rows are committed by now.
    pg.on('data', (bytes) => {
      if (!importing) return void client.write(bytes)
      cuts++
      client.destroy()
      pg.destroy()
    })
    for (const s of [client, pg]) s.on('error', () => {}).on('close', () => (client.destroy(), pg.destroy()))
  })
  return new Promise((resolve) => server.listen(join(site.dir, '.s.PGSQL.5432'), resolve))
}

before(async () => {
  site = await Site.start()
  await cutting()
})
after(async () => {
  server?.close()
  await site?.stop()
})

describe('an import whose outcome is not known', () => {
  const rows = Array.from({ length: 20 }, (_, i) => `,${GRID},home,counted,断线${i}号`)
  const file = (): string => join(site.dir, 'cut.csv')
  const out = (): string => join(site.dir, 'cut.out.csv')
  const there = async (): Promise<string> => (await site.pg.sql(`SELECT count(*) FROM qm.household_card WHERE door LIKE '断线%'`))[0]!
  const through = (...more: string[]): Promise<Outcome> =>
    run(qiaomend, ['--config', join(site.dir, 'qiaomend.conf'), `--database=${site.pg.conninfo.replace(socketDir(), site.dir)}`, 'admin', 'households', 'import', ...more, '--county', COUNTY, '--by', 'C0001'])

  test('keeps the file with the pseudonyms and says to import that one, which makes the rows once', async () => {
    writeFileSync(file(), ['household,grid,place,status,door', ...rows].join('\n') + '\n')
    const cut = await through(file(), '--out', out())
    assert.deepEqual([cut.code, cuts], [3, 1], cut.stdout + cut.stderr)
    assert.match(cut.stderr, /Import the file with pseudonyms \(--out\) now/)
    assert.ok(existsSync(out()))
    assert.equal(await there(), '20')
    assert.equal(readFileSync(out(), 'utf8').trim().split('\n').length, 21)
    await site.admin('households', 'import', out(), '--county', COUNTY, '--by', 'C0001')
    await site.admin('households', 'import', out(), '--county', COUNTY, '--by', 'C0001')
    assert.equal(await there(), '20')
    await site.recount()
  })

  test('without such a file it says to look first; a file that has all pseudonyms may be repeated', async () => {
    const loose = await through(file())
    assert.match(loose.stderr, /look whether the 20 rows/)
    const safe = await through(out())
    assert.match(safe.stderr, /repeating it is harmless/)
  })
})
