/* The phone's program is killed at any moment, and its disk fills up: no record is lost or doubled,
 * and the next start goes on. */
import { strict as assert } from 'node:assert'
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { run } from '../integration/lib/command'
import { COUNTY, homes, Site } from '../integration/lib/site'
import { chance, ROUNDS } from './lib/chance'
import { recorded } from './lib/ledger'
import { Phone } from './lib/phone'

const luck = chance()
const mine = homes.filter((h) => h.worker === 'W0001' && h.people.length > 1)
let site: Site

before(async () => {
  site = await Site.start()
})
after(() => site?.stop())

async function phone(name: string, home?: string): Promise<Phone> {
  const p = new Phone(site, name, home)
  await p.enrol('W0001')
  await p.syncAll()
  return p
}

function picture(name: string, bytes = 3000): string {
  const file = join(site.dir, `${name}.png`)
  writeFileSync(file, Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(bytes)]))
  return file
}

function someRecord(i: number): string[] {
  const home = luck.of(mine)
  if (i % 5 === 3) return ['notice', home.household, '--text', 'notice-2026-1', '--state', 'left', '--evidence', picture(`e${i}`)]
  if (i % 5 === 4) return ['household', '--name', '新户', '--door', `新${i}号`]
  return ['visit', home.household, '--outcome', 'met', '--met', '王一', '--secs', String(i)]
}

/** All that was stored is in the log, once; beside it at most what a killed call may have stored. */
async function nothingLostOrDoubled(p: Phone): Promise<void> {
  const status = await p.status()
  assert.deepEqual([status.waiting, status.held, status.rejected, status.alarm, status.stopped], [0, 0, 0, '', ''])
  assert.equal(status.photos_waiting, 0)
  const rows = await recorded(site)
  for (const event of p.stored) assert.ok(rows.has(event), `${event} was stored and is not there`)
  const device = status.device.slice(-36)
  const there = (await site.pg.sql(`SELECT seq FROM qm.event WHERE county = ${COUNTY} AND device = '${device}' ORDER BY seq`)).map(Number)
  assert.deepEqual(there, Array.from({ length: there.length }, (_, i) => i + 1), 'numbers of the device')
  assert.ok(there.length >= p.stored.length && there.length <= p.stored.length + p.open, `${there.length} events, ${p.stored.length} stored, ${p.open} unknown`)
  assert.deepEqual(status.records.map((r) => r.event).sort(), [...new Set(status.records.map((r) => r.event))].sort())
  assert.equal(status.records.length, there.length)
  for (const r of status.records) assert.equal(rows.get(r.event)?.idx, r.index, `${r.event}: the phone has another index`)
  const wants = await site.pg.sql(`SELECT count(*) FROM qm.want w JOIN qm.event e ON e.county = w.county AND e.id = w.event WHERE e.device = '${device}'`)
  assert.deepEqual(wants, ['0'], 'pictures are missing')
  await site.recount()
}

async function receiptsHold(p: Phone, n = 3): Promise<void> {
  const { log_key } = await p.status()
  for (let i = 0; i < n; i++) {
    const file = join(site.dir, 'receipt')
    writeFileSync(file, (await p.ok('receipt', luck.of(p.stored)))['batch'] as string)
    await p.ok('verify', '--key', log_key, file)
  }
}

describe('killed while it records and while it syncs', () => {
  let kills = 0
  for (let round = 1; round <= ROUNDS; round++) {
    test(`round ${round}`, async () => {
      const p = await phone(`kill-${round}`)
      for (let part = 0; part < 3; part++) {
        for (let i = 0; i < 6; i++) await p.record(...someRecord(round * 100 + part * 10 + i))
        for (let i = 0; i < 6; i++) {
          const got = await p.killed(luck.between(1, 30), ...someRecord(round * 100 + part * 10 + i))
          if (got?.code === 0) p.stored.push((JSON.parse(got.stdout) as { event: string }).event)
          else p.open++
        }
        const began = Date.now()
        for (let i = 0; i < 4; i++) {
          const got = await p.killed(luck.between(1, luck.of([10, 25, 60, 120])), 'sync', '--now')
          if (got === null) kills++
          else if (got.code !== 0 && got.code !== 4) assert.fail(`sync after ${Date.now() - began} ms: ${got.code} ${got.stdout}`)
        }
      }
      await p.syncAll()
      await nothingLostOrDoubled(p)
      await receiptsHold(p)
    })
  }

  test('syncs were really killed', () => assert.ok(kills >= ROUNDS))

  test('killed while it enrols: the same code goes on', async () => {
    for (let i = 0; i < ROUNDS; i++) {
      const p = new Phone(site, `enrol-${i}`)
      const code = await site.code('W0001')
      const enrol = ['enrol', '--server', site.url, '--host', 'qm.test.example', '--code', code]
      for (let k = 0; k < 3; k++) await p.killed(luck.between(1, 40), ...enrol)
      const got = await p.run(...enrol)
      assert.ok(got.code === 0 || /"exists"/.test(got.stdout), got.stdout)
      await p.syncAll()
      await p.record('visit', luck.of(mine).household, '--outcome', 'met')
      await p.syncAll()
      await nothingLostOrDoubled(p)
      assert.deepEqual(await site.pg.sql(`SELECT count(*) FROM qm.enrol_code WHERE used_key = (SELECT key FROM qm.device WHERE device = '${(await p.status()).device.slice(-36)}')`), ['1'])
    }
  })
})

/** Records until the disk is full; gives how many were taken. The failure must say what it is. */
async function fillUp(p: Phone, attempt: (...args: string[]) => ReturnType<Phone['run']>, most: number): Promise<number> {
  const note = '记'.repeat(600)
  for (let i = 0; i < most; i++) {
    const got = await attempt('visit', luck.of(mine).household, '--outcome', 'met', '--note', note)
    if (got.code === 0) {
      p.stored.push((JSON.parse(got.stdout) as { event: string }).event)
      continue
    }
    assert.equal(got.code, 7, `${got.code} ${got.stdout}${got.stderr}`)
    const said = JSON.parse(got.stdout) as Record<string, unknown>
    assert.equal(said['ok'], false)
    assert.match(got.stdout, /disk-full/)
    return i
  }
  assert.fail(`${most} records and the disk is not full`)
}

describe('the disk fills up under the outbox', () => {
  for (let round = 1; round <= ROUNDS; round++) {
    test(`round ${round}: a limit for the size of a file`, async () => {
      const p = await phone(`limit-${round}`)
      for (let i = 0; i < 3; i++) await p.record(...someRecord(round * 1000 + i))
      const size = Number((await run('bash', ['-c', `stat -c %s ${p.home}/outbox.db* | sort -n | tail -n 1`])).stdout)
      const limit = Math.ceil(size / 1024) + luck.between(1, 60)
      await fillUp(p, (...args) => p.limited(limit, ...args), 400)
      const waiting = (await p.status()).waiting
      assert.equal(waiting, p.stored.length, 'a refused record was stored, or a stored one is gone')
      const got = await p.limited(limit, 'sync', '--now')
      assert.ok([0, 4, 7].includes(got.code), `${got.code} ${got.stdout}`)
      await p.syncAll()
      await nothingLostOrDoubled(p)
      await receiptsHold(p, 1)
    })
  }

  test('a file system without room', { skip: process.getuid?.() !== 0 && 'only root can mount one' }, async (t) => {
    const home = join(site.dir, 'small')
    mkdirSync(home)
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', home])
    if (mounted.code !== 0) {
      t.skip(`no mount here: ${mounted.stderr}`)
      return
    }
    try {
      const p = await phone('small', home)
      await p.record('visit', mine[0]!.household, '--outcome', 'met')
      await fillUp(p, (...args) => p.run(...args), 2000)
      assert.equal((await p.status()).waiting, p.stored.length)
      const full = await p.run('sync', '--now')
      assert.ok([0, 4, 7].includes(full.code), `${full.code} ${full.stdout}`)
      assert.equal((await run('mount', ['-o', 'remount,size=16m', home])).code, 0)
      await p.syncAll()
      await nothingLostOrDoubled(p)
      await receiptsHold(p, 1)
    } finally {
      await run('umount', [home])
      rmSync(home, { recursive: true, force: true })
    }
  })
})
