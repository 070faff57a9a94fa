/* What was promised against what is there: every answered batch and event exactly once, a log
 * without gaps whose older checkpoints are prefixes, figures that a recount confirms. */
import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../integration/lib/command'
import { COUNTY, Site } from '../../integration/lib/site'
import { qiaomen } from '../../integration/lib/where'
import { leafHash, vkeyText } from '../../integration/lib/wire'
import { Chance } from './chance'
import { metric } from './http'
import { Load, post, Sent, taken } from './load'
import { leavesRead, rootsAt } from './tiles'

interface Row {
  idx: number
  line: number
  leaf: string
}

/** qm.event by id. The id is the table's key; that there is one row is still counted here. */
export async function recorded(site: Site, sql = (q: string) => site.pg.sql(q)): Promise<Map<string, Row>> {
  const rows = await sql(`SELECT id, idx, line, encode(sha256('\\x00'::bytea || e), 'hex') FROM qm.event WHERE county = ${COUNTY}`)
  const found = new Map<string, Row>()
  for (const row of rows) {
    const [id, idx, line, leaf] = row.split('|') as [string, string, string, string]
    assert.ok(!found.has(id), `event ${id} is there twice`)
    found.set(id, { idx: Number(idx), line: Number(line), leaf })
  }
  return found
}

/** Each line of each batch is where its verdict says; gives the ids that must be there. */
export function placed(sent: readonly Sent[], rows: Map<string, Row>): Set<string> {
  const ids = new Set<string>()
  for (const { batch, receipt, entry } of sent) {
    const verdicts = new Map(entry.verdicts.map((v) => [Number(v.split(' ')[0]), v.split(' ').slice(1)]))
    for (const [i, line] of batch.lines.entries()) {
      const [word, value] = verdicts.get(i) ?? ['accepted']
      const row = rows.get(line.id)
      const where = `${batch.origin} line ${i} (${line.id}): ${word} ${value ?? ''}`
      if (word === 'reject') {
        assert.ok(!row || row.idx !== receipt.index, `${where}, but recorded`)
        continue
      }
      assert.ok(row, `${where}, but not in the database`)
      assert.equal(row.leaf, leafHash(line.e).toString('hex'), `${where}: other bytes`)
      if (word === 'dup') assert.equal(row.idx, Number(value), where)
      else assert.deepEqual([row.idx, row.line], [receipt.index, i], where)
      ids.add(line.id)
    }
  }
  return ids
}

/** The log as anybody can read it: no gap, leaves of the receipts, old checkpoints are prefixes. */
export async function logHolds(site: Site, sent: readonly Sent[]): Promise<void> {
  const { leaves, root } = await leavesRead(site.url, COUNTY, site.logKey)
  const sizes = sent.map((s) => s.receipt.size)
  const rootOf = rootsAt(leaves, sizes)
  assert.deepEqual(rootsAt(leaves, [leaves.length]).get(leaves.length), root, 'the checkpoint is of other leaves')
  for (const { receipt } of sent) {
    assert.ok(receipt.size <= leaves.length, 'a receipt is above the log')
    assert.ok(rootOf.get(receipt.size)!.equals(receipt.root), `the checkpoint of size ${receipt.size} is no prefix of the log`)
    assert.ok(leaves[receipt.index]!.equals(leafHash(receipt.extra)), `leaf ${receipt.index} is another entry`)
  }
  assert.equal(new Set(sent.map((s) => s.receipt.index)).size, sent.length, 'two batches have one index')
  const [row] = await site.pg.sql(
    `SELECT count(*), min(idx), max(idx), (SELECT size FROM qm.log_head WHERE county = ${COUNTY}) FROM qm.log_entry WHERE county = ${COUNTY}`,
  )
  assert.equal(row, [leaves.length, 0, leaves.length - 1, leaves.length].join('|'), 'entries of the log')
}

const RESEND_MOST = 600

/** Every batch once more: the same index and entry, and no event more. In a long history: the newest
 * ones and as many of the others. */
export async function resendAll(load: Load, url: string, chance: Chance): Promise<void> {
  const old = load.sent.slice(0, -RESEND_MOST / 2)
  const some = old.length > RESEND_MOST / 2 ? Array.from({ length: RESEND_MOST / 2 }, () => chance.of(old)) : old
  const all = [...some, ...load.sent.slice(-RESEND_MOST / 2)]
  const lanes = Array.from({ length: 8 }, async () => {
    for (let s = all.pop(); s; s = all.pop()) {
      const again = taken(s.device, s.batch, await post(url, s.batch))
      assert.equal(again.receipt.index, s.receipt.index, `${s.batch.origin} sent again`)
      assert.ok(again.receipt.extra.equals(s.receipt.extra))
    }
  })
  await Promise.all(lanes)
}

/** Some receipts by the program that people have; one that was changed must fail. */
export async function verifiedByProgram(site: Site, sent: readonly Sent[], chance: Chance, n = 3): Promise<void> {
  const file = join(site.dir, 'receipt')
  const key = vkeyText(site.logKey)
  for (let i = 0; i < Math.min(n, sent.length); i++) {
    const { text } = chance.of(sent)
    writeFileSync(file, text)
    const good = await run(qiaomen, ['verify', '--key', key, file])
    assert.equal(good.code, 0, good.stderr)
    writeFileSync(file, text.replace(/^index (\d+)$/m, (_, d: string) => `index ${Number(d) + 1}`))
    assert.equal((await run(qiaomen, ['verify', '--key', key, file])).code, 1)
  }
}

/** All of it. `others`: events of phones that are not in the load. */
export async function allHolds(site: Site, load: Load, chance: Chance, others: readonly string[] = []): Promise<void> {
  await logHolds(site, load.sent)
  await resendAll(load, site.url, chance)
  const rows = await recorded(site)
  const ids = placed(load.sent, rows)
  for (const id of others) assert.ok(rows.has(id), `event ${id} is lost`)
  assert.equal(rows.size, new Set([...ids, ...others]).size, 'events in the database')
  await site.recount()
  await verifiedByProgram(site, load.sent, chance)
  assert.equal(await metric(site.url, 'qm_bugs_total'), 0)
  assert.equal(await metric(site.url, 'qm_log_stopped'), 0)
}
