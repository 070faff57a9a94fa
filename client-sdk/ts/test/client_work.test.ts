/* Own records as one text, which a start reads instead of thousands of rows: when it is read, what was recorded since,
 * a save that is cut off, and a text that says something else than the records.  And what is counted beside them. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import * as qm from '../src/index.js'
import { Outbox, type WorkRow } from '../src/outbox.js'
import { Place } from './lib/place.js'
import { CODE, HOUSEHOLD, SERVER, Town } from './lib/town.js'
import { HOST } from './lib/vectors.js'

/** One more than a start reads one by one. */
const MANY = 101
const visit = { kind: 'visit', members: { household: HOUSEHOLD, outcome: 'absent' }, hidden: { met: '王五' } } as const

let place: Place
let client: qm.QmClient
let outbox: Outbox
const opened: { close: () => void }[] = []

async function open(more: Partial<qm.OpenOptions> = {}): Promise<qm.QmClient> {
  const one = await qm.QmClient.open({ worker: client.worker, platform: place, ...more })
  opened.push(one)
  return one
}
const waiting = async (one: qm.QmClient): Promise<number> => (await one.status()).counts.waiting

/** A store, mostly that of single values, by hand. */
async function values<T>(work: (store: IDBObjectStore) => IDBRequest<T>, name = 'value'): Promise<T> {
  const db = await new Promise<IDBDatabase>((resolve) => {
    const asked = indexedDB.open(`qm.worker.${client.worker}`)
    asked.onsuccess = () => resolve(asked.result)
  })
  const asked = work(db.transaction(name, 'readwrite').objectStore(name))
  await new Promise((resolve) => (asked.onsuccess = resolve))
  db.close()
  return asked.result
}
interface Copy {
  age: number
  text: string
}
const copyGet = (): Promise<Copy | undefined> => values((store) => store.get('work 2') as IDBRequest<Copy | undefined>)
/** As a page would that knows nothing of the text. */
async function copyChange(change: (text: string) => string): Promise<void> {
  const copy = (await copyGet())!
  await values((store) => store.put({ ...copy, text: change(copy.text) }, 'work 2'))
}

beforeEach(async () => {
  place = new Place(new Town())
  client = await qm.QmClient.open({ worker: await new qm.Workers(place).add('王'), platform: place })
  opened.push(client)
  expect(await client.enrol(`${SERVER}/app/#enrol=${CODE}`, SERVER, HOST)).toBe('ok')
  outbox = await Outbox.open(`qm.worker.${client.worker}`, '', { subtle: place.subtle, random: place.random, now: () => place.now() })
  opened.push(outbox)
  await client.recordAll(Array.from({ length: MANY }, () => visit))
})
afterEach(() => {
  opened.splice(0).forEach((one) => one.close())
  Place.held.clear()
})

test('batches of other phones are counted, whatever they are called; own ones are not, nor those of a former device', async () => {
  expect((await client.sync()).err).toBe('ok')
  const { device } = await client.status()
  expect(device).toBeDefined()
  const batch = (origin: string, events: number, more: object): object => ({ origin, events, note: new Uint8Array(), keyId: '', code: '', foreign: true, ...more })
  const rows = [
    batch('!/b/1', 1, { open: 1 }),
    batch(`${device}.2/b/1`, 10, { settled: { log: 'l', atMs: 1 } }),
    batch(`${device}a/b/1`, 100, { open: 1 }),
    batch('~/b/1', 1000, { code: 'malformed' }),
    batch('~/b/2', 5000, { foreign: false, settled: { log: 'l', atMs: 1 } }),
  ]
  for (const row of rows) await values((store) => store.add(row) as IDBRequest<unknown>, 'batch')
  expect((await client.status()).others).toEqual({ waiting: 101, done: 10, refused: 1000 })
})

test('the rounds leave it without being asked; a start reads it, and then the records behind it', async () => {
  place.unplugged = true
  const stop = client.keepSyncing()
  await expect.poll(() => place.ring(), { timeout: 10_000 }).toBe(true)
  await expect.poll(copyGet, { timeout: 10_000 }).toBeDefined()
  stop()
  await copyChange((text) => text.replace('"waiting"', '"held"'))
  await client.record('visit', { household: HOUSEHOLD, outcome: 'met' })
  const { counts, gaps } = await (await open()).status()
  expect([counts.waiting, counts.held, gaps]).toEqual([MANY, 1, []])
})

test('is there before anybody is told to read all records again', async () => {
  expect((await client.sync()).err).toBe('ok')
  const copy = await copyGet()
  expect(copy?.age).toBe(await values((store) => store.get('work-age') as IDBRequest<number>))
  expect(copy!.text.split('"confirmed"').length - 1).toBe(MANY)
})

test('its records are those that are stored, with their private parts', async () => {
  const before = await client.records()
  await outbox.workKeep(false)
  expect(await (await open()).records()).toEqual(before)
  expect(before.map((r) => r.hidden?.met)).toEqual(Array.from({ length: MANY }, () => '王五'))
  // Of what one of them says only once it is asked.
  const asked = (rows: WorkRow[]): object[] => rows.map((row) => ({ ...row, said: row.event })).sort((a, b) => a.seq - b.seq)
  expect(asked(await outbox.work())).toEqual(asked(await outbox.workOf(HOUSEHOLD)))
})

test('is not read any more once a record was sent or taken back', async () => {
  await outbox.workKeep(false)
  const { event } = (await client.records())[0]!
  await client.undo(event)
  expect(await waiting(await open())).toBe(MANY - 1)
  await client.recordAll([visit, visit])
  await outbox.workKeep(false)
  expect((await client.sync({ what: ['records'] })).confirmed).toBe(MANY + 1)
  const { counts } = await (await open()).status()
  expect([counts.waiting, counts.confirmed]).toEqual([0, MANY + 1])
  await outbox.workKeep(false)
  expect((await (await open()).records()).map((r) => r.entry)).toEqual((await client.records()).map((r) => r.entry))
})

test('a save that is cut off leaves neither a record nor a word of it', async () => {
  await outbox.workKeep(false)
  const { add } = IDBObjectStore.prototype
  let asked = 0
  IDBObjectStore.prototype.add = function (this: IDBObjectStore, ...args: [unknown]) {
    const request = add.apply(this, args)
    if (++asked === 2) this.transaction.abort()
    return request
  }
  try {
    await expect(client.recordAll([visit, visit, visit])).rejects.toBeInstanceOf(qm.QmError)
  } finally {
    IDBObjectStore.prototype.add = add
  }
  const fresh = await open()
  expect([await waiting(fresh), await waiting(client), (await fresh.status()).gaps]).toEqual([MANY, MANY, []])
  await client.recordAll([visit])
  expect(await waiting(await open())).toBe(MANY + 1)
})

test.each([
  ['says something else', (text: string) => text.replace('"waiting"', '"held"'), MANY - 1],
  ['cannot be taken apart', (text: string) => text.slice(1), MANY],
])('one that %s is made anew by the first round, and pages read again', async (_, change, shown) => {
  place.unplugged = true
  await outbox.workKeep(false)
  await copyChange(change)
  const page = await open()
  expect(await waiting(page)).toBe(shown)
  const heard: qm.Change[] = []
  page.on((what) => heard.push(what))
  const stop = client.keepSyncing()
  await expect.poll(() => place.ring(), { timeout: 10_000 }).toBe(true)
  await expect.poll(() => heard, { timeout: 10_000 }).toContain('records')
  stop()
  expect(await waiting(page)).toBe(MANY)
  expect(await waiting(await open())).toBe(MANY)
})

test('no room for it: everything is there without it', async () => {
  const { put } = IDBObjectStore.prototype
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: [unknown, IDBValidKey?]) {
    if (args[1] === 'work 2') throw new DOMException('full', 'QuotaExceededError')
    return put.apply(this, args)
  }
  try {
    await expect(outbox.workKeep(false)).rejects.toMatchObject({ code: 'disk-full' })
  } finally {
    IDBObjectStore.prototype.put = put
  }
  expect(await waiting(await open())).toBe(MANY)
})
