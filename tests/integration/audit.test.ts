/* The audit from outside: a server's export holds with what phones and last week's file kept; what a
 * superuser changes straight in the database is found and named. */
import { strict as assert } from 'node:assert'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, ServerResponse } from 'node:http'
import { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import {
  audit, back, batchIndex, begin, bulletins, changed, cutAt, device, entryOf, forget, has, heldId, kept, key, moveTo, n, note, phoneEvent, publish, receipts, report, Report, site, swap,
  tamper, token, VILLAGE, week,
} from './lib/audited'
import { must, run } from './lib/command'
import { Device } from './lib/device'
import { GRID, GRID_FAR, homes } from './lib/site'
import { qiaomen } from './lib/where'
import { SigningKey } from './lib/wire'

before(begin)
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
    const got = await audit('--json', '--threads', '4', ...kept())
    const alone = await audit('--json', '--threads', '1', ...kept())
    await site.pg.sql('INSERT INTO qm.event SELECT * FROM public.kept')
    await site.pg.sql(`UPDATE qm.batch SET ids = ids[1:3] || '${changed.id}'::uuid || ids[4:] WHERE idx = ${batchIndex}`)
    assert.equal(ids, '8')
    assert.equal(got.code, 1, got.stdout + got.stderr)
    assert.deepEqual([alone.code, alone.stdout], [1, got.stdout], 'the same by one thread')
    for (const wrong of ['0', '9', 'all']) assert.equal((await audit('--threads', wrong)).code, 2)
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
})
