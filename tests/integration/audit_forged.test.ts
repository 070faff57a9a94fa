/* A superuser who knows how the log is built: records, entries and objects are forged together with
 * every hash, node and seal above them, so that the log agrees with itself again, or are left in
 * lengths that nothing writes. What was kept outside, or what phones signed, still tells. */
import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import {
  begin, bulletins, device, entryOf, forget, has, heldId, keep, kept, moveTo, note, report, Report, send, site, swap, tamper, VILLAGE,
} from './lib/audited'
import { ask, Line } from './lib/device'
import { COUNTY, GRID, GRID_FAR, GRID_OTHER, homes } from './lib/site'
import { entryRead, leafHash, merkleRoot, note as sign, sha256, SigningKey } from './lib/wire'

let late: Line
let lateIndex = 0

/** The audit path of leaf i among n (RFC 9162, section 2.1.3.1). */
function path(i: number, leaves: Buffer[]): Buffer[] {
  if (leaves.length === 1) return []
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return i < k ? [...path(i, leaves.slice(0, k)), merkleRoot(leaves.slice(k))] : [...path(i - k, leaves.slice(k)), merkleRoot(leaves.slice(0, k))]
}

const entryBytes = async (idx: number): Promise<Buffer> => Buffer.from((await site.pg.sql(`SELECT encode(body, 'hex') FROM qm.log_entry WHERE idx = ${idx}`))[0]!, 'hex')
const text = (s: string): string => `convert_to($body$${s}$body$, 'UTF8')`
const setText = (idx: number, s: string): string => `UPDATE qm.log_entry SET body = ${text(s)} WHERE idx = ${idx}`

/** The proof of an entry, as somebody outside keeps it. */
async function keepProof(idx: number): Promise<void> {
  const seal = (await ask(`${site.url}/v1/log/${COUNTY}/checkpoint`)).body
  const size = Number(seal.split('\n')[1])
  const leaves = (await site.pg.sql(`SELECT encode(hash, 'hex') FROM qm.log_node WHERE level = 0 AND pos < ${size} ORDER BY pos`)).map((h) => Buffer.from(h, 'hex'))
  const lines = ['c2sp.org/tlog-proof@v1', `extra ${(await entryBytes(idx)).toString('base64')}`, `index ${idx}`, ...path(idx, leaves).map((h) => h.toString('base64'))]
  keep(`${lines.join('\n')}\n\n${seal}`)
}

/** Builds all of the tree anew over the entries as they are now, with the seals of all sizes and the
 * seal codes that bulletins name. */
const rebuilt = `DO $$
DECLARE
  v_head qm.log_head; v_seal record; v_from bigint := 0; v_revision bigint;
BEGIN
  CREATE TEMP TABLE e ON COMMIT DROP AS SELECT * FROM qm.log_entry;
  CREATE TEMP TABLE s ON COMMIT DROP AS SELECT * FROM qm.log_checkpoint;
  SELECT revision INTO v_revision FROM qm.log_head;
  DELETE FROM qm.log_entry; DELETE FROM qm.log_node; DELETE FROM qm.log_checkpoint;
  UPDATE qm.log_head SET size = 0, frontier = '{}', root = sha256('');
  FOR v_seal IN SELECT size FROM s ORDER BY size LOOP
    SELECT * INTO v_head FROM qm.log_head;
    UPDATE e SET body = convert_to(regexp_replace(convert_from(e.body, 'UTF8'), E'\\nroot [^\\n]*', E'\\nroot ' || encode(c.root, 'base64')), 'UTF8')
      FROM qm.log_checkpoint c
     WHERE e.type = 10 AND e.idx >= v_from AND e.idx < v_seal.size
       AND c.size = substring(convert_from(e.body, 'UTF8') FROM E'\\nto ([0-9]+)\\n')::bigint;
    PERFORM qm.log_commit(v_head, array_agg(type ORDER BY idx), array_agg(recv ORDER BY idx), array_agg(body ORDER BY idx))
       FROM e WHERE idx >= v_from AND idx < v_seal.size;
    v_from := v_seal.size;
  END LOOP;
  UPDATE qm.log_head SET revision = v_revision;
END $$;`

async function quietly(change: string): Promise<void> {
  await site.end('SIGTERM')
  await site.pg.sql(`BEGIN; ${change}; ${rebuilt} COMMIT`)
  forget()
  await site.serve()
  moveTo()
}

/** Forges with all hashes, looks alone and with what was kept, takes it back; the log holds again. */
async function forge(change: string, undo: string, look: (alone: Report, r: Report) => unknown): Promise<void> {
  await quietly(change)
  try {
    const alone = await report()
    assert.deepEqual(alone.found.filter((f) => ['root', 'entry-changed', 'checkpoint-signature'].includes(f.code ?? '')), [], 'it agrees with itself')
    const r = await report(...kept())
    assert.equal(r.ok, false)
    has(r, 'seen-fork')
    look(alone, r)
  } finally {
    await quietly(undo)
  }
  assert.equal((await report(...kept())).ok, true)
}

const setBody = (idx: number, from: string, to: string): string => `UPDATE qm.log_entry SET body = ${swap('body', from, to)} WHERE idx = ${idx}`
const bulletinOf = async (what: string): Promise<string> => (await site.pg.sql(`SELECT ${what} FROM qm.bulletin WHERE idx = ${bulletins[0]}`))[0]!

const onlyKeptTells = (alone: Report): void => assert.deepEqual([alone.ok, alone.bad], [true, 0], JSON.stringify(alone.found.filter((f) => f.type === 'finding')))

/** An object of the first bulletin under its new hash, and the log entries that name it. */
async function forgeObject(kind: 'roster' | 'result', from: string, to: string, look: (alone: Report, r: Report) => unknown): Promise<void> {
  const old = await bulletinOf(`encode(${kind}_sha, 'hex')`)
  const rosterIdx = Number(await bulletinOf('roster_idx'))
  const bytes = Buffer.from((await site.pg.sql(`SELECT encode(coalesce((SELECT string_agg(p.body, ''::bytea ORDER BY p.part) FROM qm.object_part p WHERE p.sha256 = o.sha256), o.body), 'hex') FROM qm.object o WHERE sha256 = '\\x${old}'`))[0]!, 'hex')
  const forged = bytes.toString('utf8').replace(from, to)
  assert.notEqual(forged, bytes.toString('utf8'))
  const fresh = sha256(forged).toString('hex')
  const indices = kind === 'roster' ? [rosterIdx, bulletins[0]!] : [bulletins[0]!]
  const entries = (a: string, b: string): string => indices.map((i) => setBody(i, `${kind} sha256:${a}`, `${kind} sha256:${b}`)).join('; ') + (kind === 'roster' ? `; ${setBody(rosterIdx, `sha256:${a}`, `sha256:${b}`)}` : '')
  await forge(
    `INSERT INTO qm.object (county, sha256, kind, open, body, parts, bytes) SELECT county, '\\x${fresh}', kind, open, ${swap('body', from, to)}, parts, bytes FROM qm.object WHERE sha256 = '\\x${old}';
     INSERT INTO qm.object_part SELECT county, '\\x${fresh}', part, ${swap('body', from, to)} FROM qm.object_part WHERE sha256 = '\\x${old}';
     UPDATE qm.bulletin SET ${kind}_sha = '\\x${fresh}' WHERE idx = ${bulletins[0]}; ${entries(old, fresh)}`,
    `UPDATE qm.bulletin SET ${kind}_sha = '\\x${old}' WHERE idx = ${bulletins[0]}; ${entries(fresh, old)};
     DELETE FROM qm.object WHERE sha256 = '\\x${fresh}'; DELETE FROM qm.object_part WHERE sha256 = '\\x${fresh}'`,
    look,
  )
}

before(async () => {
  await begin()
  const d = device['W0001']!
  late = d.visit(homes[30]!.household)
  lateIndex = await send(d, late)
  for (const b of bulletins) await keepProof(b)
  await report('--out', note)
  assert.equal((await report(...kept())).ok, true)
})
after(() => site?.stop())

describe('forged with every hash above it', () => {
  test('a record dropped as if it had been refused', async () => {
    const leaf = leafHash(late.e).toString('hex')
    const was = (await entryBytes(lateIndex)).toString('utf8')
    await forge(
      `CREATE TABLE public.dropped AS SELECT * FROM qm.event WHERE id = '${late.id}'; DELETE FROM qm.event WHERE id = '${late.id}';
       UPDATE qm.batch SET ids = ARRAY[NULL::uuid] WHERE idx = ${lateIndex};
       INSERT INTO qm.quarantine (county, idx, line, reason, recv, leaf) VALUES (${COUNTY}, ${lateIndex}, 0, 2, 0, '\\x${leaf}');
       ${setText(lateIndex, was.replace('\n\n', '\n0 reject private\n\n'))}`,
      `INSERT INTO qm.event SELECT * FROM public.dropped; UPDATE qm.batch SET ids = ARRAY['${late.id}'::uuid] WHERE idx = ${lateIndex};
       DELETE FROM qm.quarantine WHERE idx = ${lateIndex}; ${setText(lateIndex, was)}`,
      (alone, r) => {
        onlyKeptTells(alone)
        has(r, 'seen-entry', lateIndex)
      },
    )
  })

  test('a record changed, and the batch that the phone signed with it', async () => {
    const changed = late.e.replace('"met"', '"absent"')
    const root = (e: string): string => merkleRoot([leafHash(e)]).toString('base64')
    const set = (from: string, to: string): string => `UPDATE qm.event SET e = ${text(to)} WHERE id = '${late.id}'; ${setBody(lateIndex, root(from), root(to))}`
    await forge(set(late.e, changed), set(changed, late.e), (alone, r) => {
      has(alone, 'batch-signature', lateIndex)
      has(r, 'seen-entry', lateIndex)
    })
  })

  test('a batch moved to another week', async () => {
    const places = (await site.pg.sql('SELECT idx FROM qm.batch ORDER BY idx')).map(Number)
    const [i, j] = [places[1]!, places.filter((p) => p > bulletins[0]!)[1]!]
    const exchange = (table: string): string => `UPDATE qm.${table} SET idx = -1 WHERE idx = ${i}; UPDATE qm.${table} SET idx = ${i} WHERE idx = ${j}; UPDATE qm.${table} SET idx = ${j} WHERE idx = -1`
    const both = ['batch', 'event', 'log_entry'].map(exchange).join('; ')
    await forge(both, both, (alone, r) => {
      has(alone, 'result-differs', bulletins[0])
      has(r, 'seen-entry', i)
      has(r, 'seen-entry', j)
    })
  })

  test('a verdict changed', async () => {
    const held = Number((await site.pg.sql(`SELECT idx FROM qm.event WHERE id = '${heldId}'`))[0])
    await forge(setBody(held, '0 hold scope', '0 flag unknown'), setBody(held, '0 flag unknown', '0 hold scope'), (alone, r) => {
      onlyKeptTells(alone)
      has(r, 'seen-entry', held)
    })
  })

  test('a decision changed', async () => {
    const decided = await entryOf(5)
    await forge(setBody(decided, `in ${heldId}`, `out ${heldId}`), setBody(decided, `out ${heldId}`, `in ${heldId}`), (alone) => {
      has(alone, 'result-differs', bulletins[0])
      assert.ok(alone.found.some((f) => f.code === 'result-row' && f.division === VILLAGE))
    })
  })

  test('a roster line changed after freezing, within a village and into another one', async () => {
    const line = (grid: string): string => `${homes[3]!.household} ${grid} counted`
    await forgeObject('roster', line(GRID), line(GRID_OTHER), (alone, r) => {
      onlyKeptTells(alone)
      has(alone, 'signoff-differs', bulletins[0])
      has(r, 'seen-entry', bulletins[0])
    })
    await forgeObject('roster', line(GRID), line(GRID_FAR), (alone) => {
      has(alone, 'result-differs', bulletins[0])
      assert.ok(alone.found.some((f) => f.code === 'result-row' && f.division === VILLAGE))
    })
  })

  test('a result row changed', async () => {
    const result = await bulletinOf("(SELECT convert_from(body, 'UTF8') FROM qm.object o WHERE o.sha256 = result_sha)")
    const row = /"m":\[\[(\d+),/.exec(result)!
    await forgeObject('result', row[0], row[0].replace(row[1]!, `${Number(row[1]) + 1}`), (alone, r) => {
      has(alone, 'result-row', bulletins[0])
      has(r, 'seen-entry', bulletins[0])
    })
  })

  test("a phone's key swapped where it was enrolled, and all its batches signed anew", async () => {
    const d = device['W0003']!
    const thief = new SigningKey()
    const enrolled = Number((await site.pg.sql(`SELECT idx FROM qm.log_entry WHERE type = 2 AND position('${d.name}' IN convert_from(body, 'UTF8')) > 0`))[0])
    const places = (await site.pg.sql(`SELECT idx FROM qm.batch WHERE device = '${d.uuid}'`)).map(Number)
    const changes: string[] = []
    const undo: string[] = []
    for (const idx of [enrolled, ...places]) {
      const was = (await entryBytes(idx)).toString('utf8')
      const own = entryRead(Buffer.from(was)).payload
      const forged = idx === enrolled ? d.enrolNote(thief) : sign(own.slice(0, own.indexOf('\n\n') + 1), d.name, thief)
      changes.push(setText(idx, was.replace(own, forged)))
      undo.push(setText(idx, was))
    }
    await forge(changes.join('; '), undo.join('; '), (alone, r) => {
      onlyKeptTells(alone)
      has(r, 'seen-entry', places[0])
    })
  })
})

describe('lengths and rows that nothing writes: the export stays in its form and the audit names them', () => {
  const saved = (table: string, where: string): string => `DROP TABLE IF EXISTS public.saved; CREATE TABLE public.saved AS SELECT * FROM qm.${table} WHERE ${where};`
  const again = (table: string, where: string): string =>
    table === 'object'
      ? 'UPDATE qm.object o SET body = s.body FROM public.saved s WHERE o.sha256 = s.sha256;' // others refer to its row
      : `BEGIN; DELETE FROM qm.${table} WHERE ${where}; INSERT INTO qm.${table} SELECT * FROM public.saved; COMMIT;`
  /** One change of a table's rows; constraints that forbid it are taken away and put back. */
  async function rows(table: string, where: string, change: string, look: (r: Report) => unknown, constraint = ''): Promise<void> {
    const definition = constraint && (await site.pg.sql(`SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '${constraint}' AND conrelid = 'qm.${table}'::regclass`))[0]!
    const [off, on] = constraint ? [`ALTER TABLE qm.${table} DROP CONSTRAINT ${constraint};`, `ALTER TABLE qm.${table} ADD CONSTRAINT ${constraint} ${definition};`] : ['', '']
    await tamper(`${saved(table, where)} ${off} ${change}`, `${again(table, where)} ${on}`, look)
  }
  const hash = (kind: string): Promise<string> => bulletinOf(`encode(${kind}_sha, 'hex')`)
  const shorter = (column: string, table: string, where: string): string => `UPDATE qm.${table} SET ${column} = substring(${column} FOR octet_length(${column}) - 7) WHERE ${where}`
  const longer = (column: string, table: string, where: string, times = 1): string => `UPDATE qm.${table} SET ${column} = ${column} || convert_to(repeat('one more', ${times}), 'UTF8') WHERE ${where}`
  const both = [['shortened', shorter], ['lengthened', longer]] as const

  for (const [what, change] of both) {
    test(`a result, a rule and a roster ${what}`, async () => {
      for (const [kind, code] of [['result', 'object-changed'], ['public', 'object-changed'], ['rule', 'object-changed']] as const) {
        const where = `sha256 = '\\x${await hash(kind)}'`
        await rows('object', where, change('body', 'object', where), (r) => has(r, code))
      }
      const where = `sha256 = '\\x${await hash('roster')}' AND part = 0`
      await rows('object_part', where, change('body', 'object_part', where), (r) => has(r, 'roster-changed', bulletins[0]))
    })

    test(`a record ${what}`, async () => {
      const where = `id = '${late.id}'`
      await rows('event', where, change('e', 'event', where), (r) => has(r, 'batch-root', lateIndex))
    })

    test(`an entry ${what}`, async () => {
      const where = `idx = ${lateIndex}`
      await rows('log_entry', where, change('body', 'log_entry', where), (r) => {
        has(r, 'entry-changed', lateIndex)
        has(r, 'seen-entry', lateIndex)
      })
    })
  }

  test('a roster in parts that are gone, too long, or too many', async () => {
    const sha = `sha256 = '\\x${await hash('roster')}'`
    const changed = (r: Report): unknown => has(r, 'roster-changed', bulletins[0])
    await rows('object_part', sha, `DELETE FROM qm.object_part WHERE ${sha}`, changed)
    await rows('object_part', sha, `UPDATE qm.object_part SET part = 7 WHERE ${sha}`, changed)
    await rows('object_part', sha, longer('body', 'object_part', sha, 400000), changed, 'object_part_body_check')
    await tamper(`UPDATE qm.object SET parts = 0 WHERE ${sha}`, `UPDATE qm.object SET parts = 1 WHERE ${sha}`, changed)
    /* What was written down of its length is not what counts. */
    await site.pg.sql(`UPDATE qm.object SET parts = parts + 5, bytes = bytes + 1000 WHERE ${sha}`)
    assert.equal((await report(...kept())).ok, true)
    await site.pg.sql(`UPDATE qm.object SET parts = parts - 5, bytes = bytes - 1000 WHERE ${sha}`)
  })

  test('an entry of the office taken out: its place is empty, and what stands behind it stays', async () => {
    for (const type of [5, 6]) {
      const idx = await entryOf(type)
      await rows('log_entry', `idx = ${idx}`, `DELETE FROM qm.log_entry WHERE idx = ${idx}`, (r) => {
        has(r, 'entry-form', idx)
        has(r, 'entry-changed', idx)
        has(r, 'root')
        assert.deepEqual([r.entries, r.found.filter((f) => f.code === 'entry-changed').length], [r.size, 1])
      })
    }
  })

  test('an entry and a record longer than any can be, a leaf gone, a batch without lines', async () => {
    const at = `idx = ${lateIndex}`
    await rows('log_entry', at, longer('body', 'log_entry', at, 10000), (r) => has(r, 'entry-changed', lateIndex), 'log_entry_body_check')
    await rows('log_node', `level = 0 AND pos = ${lateIndex}`, `DELETE FROM qm.log_node WHERE level = 0 AND pos = ${lateIndex}`, (r) => has(r, 'entry-changed', lateIndex))
    const e = `id = '${late.id}'`
    await rows('event', e, longer('e', 'event', e, 400000), (r) => has(r, 'batch-missing', lateIndex))
    await rows('batch', at, `UPDATE qm.batch SET ids = '{}' WHERE ${at}`, (r) => has(r, 'batch-missing', lateIndex))
    await rows('batch', at, `DELETE FROM qm.batch WHERE ${at}`, (r) => has(r, 'batch-missing', lateIndex))
  })
})
