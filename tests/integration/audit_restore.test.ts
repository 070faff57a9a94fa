/* An auditor through a restore of the database to an older backup: the log goes on under another name,
 * phones send again, the office publishes again; what was kept of the old log holds, and what it has
 * above the restored size is reported as lost, with whether its batch came again. */
import { strict as assert } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { audit, begin, bulletins, day, device, Found, has, keep, key, moveTo, publish, receipts, Report, report, send, site } from './lib/audited'
import { must, run } from './lib/command'
import { ask, Batch, problem } from './lib/device'
import { COUNTY, homes, HOST } from './lib/site'
import { qiaomen } from './lib/where'
import { vkeyRead, vkeyText } from './lib/wire'

before(begin)
after(() => site?.stop())

async function phone(...args: string[]): Promise<Record<string, unknown>> {
  return JSON.parse(await must(qiaomen, [...args, '--home', join(site.dir, 'phone'), '--json'])) as Record<string, unknown>
}
const month = (): string => day(0).slice(0, 7)
const all = (r: Report, code: string): Found[] => r.found.filter((f) => f.code === code)

/** Everything between the backup and the restore: what it gives is sent again later. */
async function lostWeek(known: Batch): Promise<{ again: Batch[]; indices: number[]; gone: string; goneIndex: number }> {
  const d = device['W0001']!
  const second = await d.send(d.visit(homes[32]!.household), d.visit(homes[33]!.household))
  keep(second.text)
  await phone('visit', homes[34]!.household, '--outcome', 'met')
  await phone('sync')
  const status = await phone('visit', homes[36]!.household, '--outcome', 'met')
  await phone('sync')
  keep((await phone('receipt', status['event'] as string))['batch'] as string)
  const never = await device['W0003']!.send(device['W0003']!.visit(homes[65]!.household))
  await publish(month())
  /* Its entry lies below the backup's size, its seal above. */
  keep((await d.sync(known)).text)
  return { again: [second.batch], indices: [Number(second.receipt.index)], gone: never.text, goneIndex: Number(never.receipt.index) }
}

test('what was kept holds; what the restore lost is named, and so is what came again', async () => {
  const dump = join(site.dir, 'older.dump')
  const old = join(site.dir, 'old.note')
  const d = device['W0001']!
  const known = (await d.send(d.visit(homes[31]!.household))).batch
  await must('pg_dump', ['-Fc', '-n', 'qm', '-f', dump, '-d', site.pg.conninfo])
  const size = await site.logSize()
  const lost = await lostWeek(known)
  assert.equal((await report('--seen', receipts, '--out', old)).ok, true)
  const before_ = Number(readFileSync(old, 'utf8').split('\n')[1])
  const oldKey = key()

  await site.end('SIGTERM')
  await site.pg.sql('DROP SCHEMA qm CASCADE')
  await must('pg_restore', ['-d', site.pg.conninfo, dump])
  await site.serve()
  moveTo()
  assert.equal(problem(await ask(`${site.url}/v1/log/${COUNTY}/checkpoint`)), 'log-stopped')
  await site.admin('log', 'continue', '--county', COUNTY, '--by', 'A0001')
  site.logKey = vkeyRead((await site.pg.sql(`SELECT vkey FROM qm.log_tree WHERE county = ${COUNTY} AND tree = 2`))[0]!)
  assert.notEqual(vkeyText(site.logKey), oldKey)
  for (const x of Object.values(device)) x.log = site.logKey

  await phone('move', '--server', site.url)
  await phone('sync', '--now')
  for (const b of lost.again) await d.sync(b)
  bulletins.pop()
  await publish(month())
  while ((await site.logSize()) <= before_ + 2) await send(d, d.visit(homes[40]!.household))
  assert.equal((await phone('status'))['log'], `${HOST}/log/${COUNTY}-2`)

  const r = await report('--seen', old, '--seen', receipts)
  assert.deepEqual(all(r, 'seen-fork'), [], 'nothing that was kept contradicts the log')
  assert.equal(r.ok, true, JSON.stringify(r.found.filter((f) => f.type === 'finding')))
  assert.deepEqual(r.found.filter((f) => f.type === 'bulletin').map((f) => [f.computed, f.holds]), [[true, true], [true, true], [true, true]])
  assert.match(has(r, 'seen-lost-range', size).detail!, new RegExp(`${size}-${before_ - 1}$`))
  const again = all(r, 'seen-again').map((f) => f.index)
  assert.deepEqual([again.length, again.includes(lost.indices[0]!)], [2, true], 'the batches of a phone and of a device')
  const said = await audit('--seen', old, '--seen', receipts)
  assert.match(said.stdout, /Everything holds/)
  assert.match(said.stdout, /lost in a restore; its batch came again/)
  const chinese = await audit('--seen', old, '--seen', receipts, '--lang', 'zh')
  assert.match(chinese.stdout, /恢复备份时丢了这一号,它的一批已经再入账/)

  const gone = join(site.dir, 'gone')
  writeFileSync(gone, lost.gone)
  const found = await report('--seen', old, '--seen', receipts, '--seen', gone)
  assert.equal(found.ok, false)
  assert.match(has(found, 'seen-lost', lost.goneIndex).detail!, /gone: batch\/v1$/)
  assert.equal(found.bad, 1, 'only that one did not come again')
  assert.equal((await run(qiaomen, ['verify', '--key', oldKey, gone])).code, 0, 'it stays true what the old log said')
})
