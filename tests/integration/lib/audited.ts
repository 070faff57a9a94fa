/* A county of which an auditor has kept something: a week of field work with every kind of entry, two
 * bulletins, the receipts of the phones and last week's file; and what a superuser of the database
 * can do to it. One world a test file: the bindings are filled by begin().
 */
import { strict as assert } from 'node:assert'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { must, Outcome, run } from './command'
import { ask, Device, Line } from './device'
import { COUNTY, GRID, homes, HOST, Site } from './site'
import { until } from './until'
import { qiaomen, root } from './where'
import { sha256, vkeyText } from './wire'

export const TOWNSHIP = '140522110'
export const VILLAGE = '140522110204'

export interface Found { type: string; code?: string; index?: number; event?: string; division?: string; detail?: string; text?: string; holds?: boolean; computed?: boolean }
export interface Report { found: Found[]; ok: boolean; size: number; entries: number; recorded: number; held: number; bulletins: number; seen: number; only_itself: boolean; bad: number }

export let site: Site
export const device: Record<string, Device> = {}
export const token: Record<string, string> = {}
export let receipts = ''
export let note = ''
export let changed: Line
export let batchIndex = 0
export let heldId = ''
export let phoneEvent = ''
export const bulletins: number[] = []

export const day = (n: number): string => new Date(Date.now() + 8 * 3600000 + n * 86400000).toISOString().slice(0, 10)
export function week(n: number): string {
  const d = new Date(`${day(n)}T00:00:00Z`)
  d.setUTCDate(d.getUTCDate() + 3 - ((d.getUTCDay() + 6) % 7))
  const first = Date.UTC(d.getUTCFullYear(), 0, 1)
  return `${d.getUTCFullYear()}-W${String(Math.floor((d.getTime() - first) / 604800000) + 1).padStart(2, '0')}`
}

export const key = (): string => vkeyText(site.logKey)
export const audit = (...more: string[]): Promise<Outcome> =>
  run(qiaomen, ['audit', '--server', site.url, '--token', join(site.dir, 'token'), '--key', key(), '--lang', 'en', '--spool', site.dir, ...more], { env: { TMPDIR: site.dir } })

export async function report(...more: string[]): Promise<Report> {
  const got = await audit('--json', ...more)
  assert.ok(got.code === 0 || got.code === 1, `${got.code}: ${got.stdout}${got.stderr}`)
  const r = JSON.parse(got.stdout) as Report
  assert.equal(r.ok, got.code === 0)
  return r
}
export const kept = (): string[] => ['--seen', note, '--seen', receipts]

export async function call(who: string, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const a = await ask(site.url + path, {
    method,
    headers: { Authorization: `Bearer ${token[who]!}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  assert.equal(a.status, 200, a.body)
  return JSON.parse(a.body) as Record<string, unknown>
}
export async function publish(period: string, more: object = {}): Promise<void> {
  const draft = await call('one', 'POST', '/v1/bulletins', { scope: TOWNSHIP, period, ...more })
  const done = await call('two', 'POST', `/v1/bulletins/${draft['id'] as string}/publish`)
  bulletins.push(done['index'] as number)
}

export let n = 0
export const keep = (text: string): void => writeFileSync(join(receipts, `${++n}.txt`), text)

/** Sends lines and keeps the server's receipt. */
export async function send(d: Device, ...lines: Line[]): Promise<number> {
  const got = await d.send(...lines)
  keep(got.text)
  return Number(got.receipt.index)
}

/** A picture and the name that a record gives it. */
export function picture(what: string): { bytes: Buffer; sha: string } {
  const bytes = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(what)])
  return { bytes, sha: sha256(bytes).toString('hex') }
}
/** Brings it; the log lists it within seconds. */
export async function bring(d: Device, { bytes, sha }: { bytes: Buffer; sha: string }): Promise<void> {
  const listed = async (): Promise<number> => Number((await site.pg.sql('SELECT count(*) FROM qm.log_entry WHERE type = 4'))[0])
  const before = await listed()
  const put = await d.request('PUT', `/v1/blobs/${sha}`, { type: 'image/jpeg', bytes })
  assert.equal(put.status, 201, put.body)
  await until('the picture in the log', async () => (await listed()) === before + 1)
}
/** A pledge and its picture. */
export async function photo(d: Device): Promise<void> {
  const paper = picture('a picture of a signed paper')
  const home = homes[0]!
  await send(d, d.event('pledge', { household: home.household, resident: home.people[0]!.resident, text: 'pledge-2026-1', evidence: [paper.sha] }, { signer: '张三' }))
  await bring(d, paper)
}

/** The real phone: a record, its two receipts, a new key, another record. */
export async function phone(): Promise<void> {
  const at = ['--home', join(site.dir, 'phone'), '--json']
  const ok = async (...args: string[]): Promise<Record<string, unknown>> => JSON.parse(await must(qiaomen, [...args, ...at])) as Record<string, unknown>
  await ok('enrol', '--server', site.url, '--host', HOST, '--code', await site.code('W0002'))
  const first = await ok('visit', homes[20]!.household, '--outcome', 'met')
  await ok('sync')
  const got = await ok('receipt', first['event'] as string)
  phoneEvent = first['event'] as string
  keep(got['batch'] as string)
  keep(got['single'] as string)
  await ok('rotate')
  await ok('visit', homes[22]!.household, '--outcome', 'met')
  await ok('sync')
}

/** A county with its people and its rule, of which nothing is kept yet. */
export async function open(): Promise<void> {
  site = await Site.start()
  receipts = join(site.dir, 'receipts')
  note = join(site.dir, 'last.note')
  mkdirSync(receipts)
  await site.importCsv('accounts', 'account,role,name,phone,areas', [`A0002,township,办公室二,10040000011,${TOWNSHIP}`, `D0001,deputy,文书,10040000012,${VILLAGE}`])
  for (const [name, account, role, prefix] of [['one', 'A0001', 'township', TOWNSHIP], ['two', 'A0002', 'township', TOWNSHIP], ['auditor', 'U0001', 'auditor', COUNTY], ['deputy', 'D0001', 'deputy', VILLAGE], ['secretary', 'S0001', 'secretary', VILLAGE]] as const) token[name] = await site.token(account, role, prefix)
  writeFileSync(join(site.dir, 'token'), `${token['auditor']!}\n`)
  await site.admin('rule', 'set', join(root, 'deploy', 'sample', 'rule.json'), '--county', COUNTY, '--by', 'C0001')
}

/** Everything up to the second bulletin. */
export async function begin(): Promise<void> {
  await open()
  for (const w of ['W0001', 'W0003', 'W0004']) device[w] = await site.device(w)
  const d = device['W0001']!
  const person = homes[0]!.people[0]!.resident
  changed = d.visit(homes[3]!.household)
  batchIndex = await send(
    d,
    ...homes.slice(0, 3).map((h) => d.visit(h.household)),
    changed,
    d.event('notice', { household: homes[0]!.household, text: 'notice-2026-1', evidence: [] }),
    d.event('app', { household: homes[0]!.household, resident: person, state: 'installed', real_name: true, call_alert: true, sms_alert: true, evidence: [] }),
    d.event('visit', { household: homes[0]!.household }),
    d.event('visit', { household: homes[5]!.household, outcome: 'met', topics: [], near: 'yes', secs: 1, at: Date.now() - 40 * 86400000 }),
    d.visit(homes[6]!.household, { grid: '140523110204001' }),
  )
  await send(d, d.visit(homes[4]!.household), d.void_(changed.id))
  await photo(d)
  await phone()
  const out = device['W0003']!.visit(homes[7]!.household, { grid: GRID })
  heldId = out.id
  await send(device['W0003']!, out, ...homes.slice(60, 64).map((h) => device['W0003']!.visit(h.household)))
  await site.admin('decide', 'in', '--county', COUNTY, '--by', 'A0001', '--code', 'helped-out', heldId)
  const prepared = ((await call('deputy', 'POST', '/v1/signoffs', { village: VILLAGE, period: week(-7), step: 'prepare' }))['signoffs'] as Record<string, unknown>[]).find((s) => s['village'] === VILLAGE)!
  await call('secretary', 'POST', '/v1/signoffs', { village: VILLAGE, period: week(-7), step: 'confirm', to: prepared['to'], roster: prepared['roster'] })
  await publish(week(-7))
  const far = device['W0004']!
  await send(far, ...homes.slice(70, 73).map((h) => far.visit(h.household)))
  await site.admin('erase', '--county', COUNTY, '--by', 'A0001', changed.id)
  await send(d, d.visit(homes[8]!.household))
  await site.admin('revoke', '--county', COUNTY, '--by', 'A0001', '--device', device['W0004']!.name, '--lost', String(Date.now() - 1000))
  await send(far, far.visit(homes[74]!.household))
  await publish(week(0))
}

/* ---- a superuser ---- */

/** Changes, audits, changes back; the log must hold again. */
export async function tamper(change: string, back: string, look: (r: Report) => unknown): Promise<void> {
  await site.pg.sql(change)
  try {
    const r = await report(...kept())
    assert.equal(r.ok, false)
    look(r)
  } finally {
    await site.pg.sql(back)
  }
  assert.equal((await report(...kept())).ok, true)
}
export const has = (r: Report, code: string, index?: number): Found => {
  const f = r.found.find((x) => x.code === code && (index === undefined || x.index === index))
  assert.ok(f, `${code} ${index ?? ''} not among ${JSON.stringify(r.found.filter((x) => x.type === 'finding').slice(0, 12))}`)
  return f
}
export const swap = (column: string, from: string, to: string): string => `decode(replace(encode(${column}, 'hex'), '${Buffer.from(from).toString('hex')}', '${Buffer.from(to).toString('hex')}'), 'hex')`
export const entryOf = async (type: number, last = true): Promise<number> => Number((await site.pg.sql(`SELECT ${last ? 'max' : 'min'}(idx) FROM qm.log_entry WHERE type = ${type}`))[0])

/** The database as a dump has it, and a server that remembers nothing of later seals. */
export async function back(dump: string): Promise<void> {
  await site.end('SIGTERM')
  await site.pg.sql('DROP SCHEMA qm CASCADE')
  await must('pg_restore', ['-d', site.pg.conninfo, dump])
  forget()
  await site.serve()
  moveTo()
  assert.equal((await report(...kept())).ok, true)
}
/** The server's own memory of the seals that it made. */
export function forget(): void {
  rmSync(join(site.dir, 'state'), { recursive: true })
  mkdirSync(join(site.dir, 'state'))
}
export function moveTo(): void {
  for (const d of Object.values(device)) Object.assign(d, { url: site.url })
}
/** Takes the log back to a size, as if what lies behind had never been. */
export function cutAt(at: number): string {
  const behind = (table: string, column = 'idx'): string => `DELETE FROM qm.${table} WHERE ${column} >= ${at};`
  return [
    `DELETE FROM qm.bulletin_text; DELETE FROM qm.bulletin_row r USING qm.bulletin b WHERE b.draft = r.draft AND b.roster_idx >= ${at};`,
    `DELETE FROM qm.proposal p USING qm.bulletin b WHERE b.draft = p.draft AND b.roster_idx >= ${at}; DELETE FROM qm.bulletin WHERE roster_idx >= ${at};`,
    behind('event'), behind('batch'), behind('decision'), behind('log_entry'), behind('log_checkpoint', 'size - 1'),
    `DELETE FROM qm.log_node WHERE (pos + 1) << level > ${at};`,
    `UPDATE qm.log_head h SET size = ${at}, root = c.root, frontier = (SELECT array_agg(n.hash ORDER BY n.level DESC) FROM generate_series(0, 40) l JOIN qm.log_node n ON n.county = h.county AND n.level = l AND (${at} >> l) & 1 = 1 AND n.pos = (${at} >> l) - 1) FROM qm.log_checkpoint c WHERE c.county = h.county AND c.size = ${at};`,
  ].join(' ')
}
