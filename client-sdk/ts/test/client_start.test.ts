/* What makes the page quick: the list that is opened as one piece, and rounds in another thread. */
import { webcrypto } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as qm from '../src/index.js'
import { databaseOf } from '../src/outbox_workers.js'
import { Place } from './lib/place.js'
import { CODE, GRID, HOUSEHOLD, SERVER, Town } from './lib/town.js'
import { HOST } from './lib/vectors.js'

const HOMES = ['AAECAwQFBgcICQoLDA0ODw', 'EBESExQVFhcYGRobHB0eHw', 'IiMkJSYnKCkqKywtLi8wMQ', HOUSEHOLD]
const row = (household: string, door: string): string =>
  JSON.stringify({
    t: 'household', household, grid: GRID, place: 'home', status: 'counted', group: '一组', lane: '', door, head: `户主${door}`, phone: '',
    state: { visited: false, reached: false, notice: 'none', pledge: 'none', door: 'none_yet' },
  })

let town: Town
let place: Place
let client: qm.QmClient
let opens: number
const opened: qm.QmClient[] = []

/** A phone of the same database whose openings of sealed bytes are counted. */
function counted(): qm.Platform {
  const { subtle } = webcrypto as unknown as Crypto
  const decrypt = (...args: Parameters<SubtleCrypto['decrypt']>): Promise<ArrayBuffer> => {
    opens++
    return subtle.decrypt(...args)
  }
  const watched = new Proxy(subtle, {
    get: (target, name) => (name === 'decrypt' ? decrypt : (Reflect.get(target, name) as (...a: unknown[]) => unknown).bind(target)),
  })
  return Object.assign(Object.create(place) as Place, { subtle: watched })
}
async function open(more: Partial<qm.OpenOptions> = {}): Promise<qm.QmClient> {
  const one = await qm.QmClient.open({ worker: client.worker, platform: place, ...more })
  opened.push(one)
  return one
}
const heads = async (one: qm.QmClient): Promise<string[]> => (await one.households()).map((h) => h.head)

beforeEach(async () => {
  town = new Town()
  town.rows = HOMES.map((id, i) => row(id, `${i + 1}号`))
  place = new Place(town)
  opens = 0
  client = await qm.QmClient.open({ worker: await new qm.Workers(place).add('王'), platform: place })
  opened.push(client)
  expect(await client.enrol(`${SERVER}/app/#enrol=${CODE}`, SERVER, HOST)).toBe('ok')
  expect((await client.sync()).err).toBe('ok')
  town.rows = []
})
afterEach(() => {
  opened.splice(0).forEach((one) => one.close())
  Place.held.clear()
})

describe('the list in pieces', () => {
  const IN_ORDER = ['户主1号', '户主2号', '户主3号', '户主4号']

  test('is left by the round that brought the rows, or by the first reading, and opened at once by the next start', async () => {
    expect(await heads(await open({ platform: counted() }))).toEqual(IN_ORDER)
    expect(opens).toBe(2)
    await client.record('household', { why: 'found', place: 'home' }, { name: '新户', door: '5号' })
    opens = 0
    expect(await heads(await open({ platform: counted() }))).toEqual(['新户', ...IN_ORDER])
    expect(opens).toBe(1 + HOMES.length + 1)
    opens = 0
    expect(await heads(await open({ platform: counted() }))).toEqual(['新户', ...IN_ORDER])
    expect(opens).toBe(2)
  })

  test('more households than a piece holds, and one who lives in none of them', async () => {
    const pseudonym = (i: number): string => qm.base64url(qm.sha256(qm.utf8(`${i}`)).subarray(0, 16))
    const person = (resident: string, household: string): string =>
      JSON.stringify({
        t: 'resident', resident, household, name: `人${household.slice(0, 3)}`, born: '1990-01-01', phone: '', status: 'counted', groups: ['student'],
        app: { state: 'installed', real_name: true, call_alert: false, sms_alert: true },
      })
    const doors = Array.from({ length: 117 }, (_, i) => pseudonym(i))
    town.rows = [...doors.map((id, i) => row(id, `${i + 10}号`)), ...doors.map((id, i) => person(pseudonym(1000 + i), id)), person(pseudonym(5000), pseudonym(6000))]
    await client.sync()
    const copied = await (await open()).households()
    expect(copied.length).toBe(HOMES.length + doors.length)
    await client.record('household', { why: 'found', place: 'home' }, { name: '新户', door: '999号' })
    // Read from the rows this time.
    expect((await (await open()).households()).slice(1)).toEqual(copied)
    expect(copied[10]!.residents).toMatchObject([{ state: 'installed', real_name: true, sms_alert: true, groups: ['student'], inAge: true }])
  })

  test('is not taken after the office or this phone has changed a row', async () => {
    await client.households()
    town.rows = [row(HOMES[0]!, '9号')]
    await client.sync()
    expect(await heads(await open())).toEqual(['户主2号', '户主3号', '户主4号', '户主9号'])
    await client.record('household', { why: 'found', place: 'home' }, { name: '新户', door: '10号' })
    expect(await heads(await open())).toContain('新户')
    town.rows = [JSON.stringify({ t: 'gone', household: HOMES[1] })]
    await client.sync()
    expect(await heads(await open())).not.toContain('户主2号')
  })

  test('an undone household is gone from it', async () => {
    const made = await client.record('household', { why: 'found', place: 'home' }, { name: '新户', door: '10号' })
    expect(await heads(await open())).toContain('新户')
    expect(await client.undo(made.event)).toBe('removed')
    expect(await heads(await open())).toEqual(IN_ORDER)
  })

  test('is the same array until something changes', async () => {
    const before = await client.households()
    expect(await client.households()).toBe(before)
    await client.record('visit', { household: HOUSEHOLD, outcome: 'absent' })
    const after = await client.households()
    expect(after).not.toBe(before)
    expect(after.find((h) => h.household === HOUSEHOLD)).toMatchObject({ door: 'absent', waiting: 1 })
  })

  test('more records than are read at once are all read, in their order', async () => {
    const visit = { kind: 'visit', members: { household: HOUSEHOLD, outcome: 'absent' } } as const
    const made = await client.recordAll(Array.from({ length: 201 }, () => visit))
    const read = await (await open()).records()
    expect(read.map((r) => r.event)).toEqual(made.map((r) => r.event).reverse())
  })

  test('that does not open is done without, and made again', async () => {
    await client.households()
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const asked = indexedDB.open(`qm.worker.${client.worker}`)
      asked.onsuccess = () => resolve(asked.result)
      asked.onerror = () => reject(new Error('no database'))
    })
    const values = db.transaction('value', 'readwrite').objectStore('value')
    await new Promise<void>((resolve) => {
      values.get('list').onsuccess = (e) => {
        const copy = (e.target as IDBRequest<{ age: number; pieces: Uint8Array[] }>).result
        copy.pieces[0]![20]! ^= 1
        values.put(copy, 'list').onsuccess = () => resolve()
      }
    })
    db.close()
    expect(await heads(await open())).toEqual(IN_ORDER)
    opens = 0
    expect(await heads(await open({ platform: counted() }))).toEqual(IN_ORDER)
    expect(opens).toBe(2)
  })
})

describe('rounds in another thread', () => {
  const visit = (one: qm.QmClient): Promise<qm.RecordedAs> => one.record('visit', { household: HOUSEHOLD, outcome: 'absent' })
  const settled = async (one: qm.QmClient): Promise<number> => (await one.status()).counts.confirmed

  test('a round that is asked for here is done there', async () => {
    const thread = await open()
    let there = 0
    const place: qm.SyncPlace = { sync: (call) => (there++, thread.sync(call)), keepSyncing: () => thread.keepSyncing(), close: () => thread.close() }
    const page = await open({ elsewhere: () => Promise.resolve(place) })
    await visit(page)
    expect(await page.sync()).toMatchObject({ err: 'ok', confirmed: 1 })
    expect(there).toBe(1)
    expect(await settled(page)).toBe(1)
  })

  test('a record here wakes the rounds there, without being asked', async () => {
    const thread = await open()
    const page = await open({ elsewhere: () => Promise.resolve(thread) })
    const stop = page.keepSyncing()
    await Promise.resolve()
    await expect.poll(() => place.ring()).toBe(true)
    await expect.poll(async () => (await page.status()).lastSyncMs).toBe(place.now())
    await visit(page)
    expect(place.ring()).toBe(true)
    await expect.poll(() => settled(page)).toBe(1)
    stop()
  })

  test('a record of the moment in which a round ends is sent soon', async () => {
    const thread = await open()
    const page = await open({ elsewhere: () => Promise.resolve(thread) })
    const tab = place.channel(databaseOf(page.worker))
    // The round has found nothing more to send, and has not planned the next one.
    const off = thread.on((change) => change === 'state' && tab.post('nudge'))
    const stop = page.keepSyncing()
    await Promise.resolve()
    await expect.poll(() => place.ring()).toBe(true)
    await expect.poll(async () => (await page.status()).lastSyncMs).toBe(place.now())
    await expect.poll(() => place.timers.map((timer) => timer.at - place.now())).toEqual([1500])
    off()
    await visit(page)
    expect(place.ring()).toBe(true)
    await expect.poll(() => settled(page)).toBe(1)
    await expect.poll(() => place.timers.map((timer) => timer.at - place.now())).toEqual([900_000])
    stop()
    tab.close()
  })

  test('where there is no thread, or it fails, the rounds end with a word', async () => {
    const page = await open({ elsewhere: () => Promise.resolve(undefined) })
    await visit(page)
    expect(await page.sync()).toMatchObject({ err: 'ok', confirmed: 1 })
    const failing: qm.SyncPlace = { sync: () => Promise.reject(new qm.QmError('io', 'gone')), keepSyncing: () => () => undefined, close: () => undefined }
    const other = await open({ elsewhere: () => Promise.resolve(failing) })
    expect(await other.sync()).toMatchObject({ err: 'io', confirmed: 0 })
  })

  test('it is asked for with the first round only, and closed with the page', async () => {
    let asked = 0
    let closed = 0
    const thread = await open()
    const there: qm.SyncPlace = { sync: (call) => thread.sync(call), keepSyncing: () => thread.keepSyncing(), close: () => closed++ }
    const page = await open({ elsewhere: () => (asked++, Promise.resolve(there)) })
    await visit(page)
    expect(asked).toBe(0)
    await page.sync()
    await page.sync()
    expect(asked).toBe(1)
    page.close()
    await Promise.resolve()
    expect(closed).toBe(1)
  })
})

test('an id of nobody is not found, and leaves no database', async () => {
  await expect(qm.QmClient.open({ worker: 'nobodyat', platform: place })).rejects.toMatchObject({ code: 'not-found' })
  expect((await indexedDB.databases()).map((db) => db.name)).not.toContain('qm.worker.nobodyat')
})
