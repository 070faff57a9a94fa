/* What needs somebody, and what does not any more: rejected records that are filled in again, put away or taken back;
 * the office's reasons; acknowledgements and corrections that are taken back before they are sent; photos alone in a file. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as qm from '../src/index.js'
import { Place } from './lib/place.js'
import { CODE, GRID, HOUSEHOLD, SERVER, Town } from './lib/town.js'
import { HOST } from './lib/vectors.js'

const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3)
const OTHER = 'AAECAwQFBgcICQoLDA0ODw'
let town: Town
let place: Place
let client: qm.QmClient

const household = (id: string, door: string): string =>
  JSON.stringify({
    t: 'household', household: id, grid: GRID, place: 'home', status: 'counted', group: '一组', lane: '', door, head: '王五', phone: '',
    state: { visited: false, reached: false, notice: 'none', pledge: 'none', door: 'none_yet' },
  })
const directive = JSON.stringify({ t: 'directive', directive: '01a1dcaa-e627-760b-aabb-7b608d78d963', title: '通知', body: '…', due: '', at: 1, acknowledged: false })
const visit = (outcome: qm.Visit['outcome'] = 'met', where = HOUSEHOLD): Promise<qm.RecordedAs> => client.record('visit', { household: where, outcome }, {})
async function stands(): Promise<{ rejected: number; done: number; door: number }> {
  const { counts, done } = await client.status()
  return { rejected: counts.rejected, done, door: (await client.households())[0]!.rejected }
}
async function reject(outcome: qm.Visit['outcome'] = 'met'): Promise<string> {
  const { event } = await visit(outcome)
  town.verdicts = ['0 reject county']
  await client.sync({ now: true })
  town.verdicts = []
  return event
}

beforeEach(async () => {
  town = new Town()
  town.rows = [household(HOUSEHOLD, '2号'), household(OTHER, '4号'), directive]
  place = new Place(town)
  client = await qm.QmClient.open({ worker: await new qm.Workers(place).add('王网格员'), platform: place })
  expect(await client.enrol(`${SERVER}/app/#enrol=${CODE}`, SERVER, HOST)).toBe('ok')
  expect((await client.sync()).err).toBe('ok')
  town.rows = []
})
afterEach(() => {
  client.close()
  Place.held.clear()
})

describe('a rejected record', () => {
  test('is counted, at its door too, until the same was recorded there again', async () => {
    await reject()
    expect(await stands()).toEqual({ rejected: 1, done: 0, door: 1 })
    await visit('met', OTHER)
    await visit('absent')
    expect(await stands()).toEqual({ rejected: 1, done: 0, door: 1 })
    const again = await visit()
    expect(await stands()).toEqual({ rejected: 0, done: 1, door: 0 })
    // What was filled in again is taken back: somebody has to fill it in after all.
    await client.undo(again.event)
    expect(await stands()).toEqual({ rejected: 1, done: 0, door: 1 })
  })

  test('that is rejected again counts once', async () => {
    const first = await reject()
    const second = await reject()
    expect(await stands()).toEqual({ rejected: 1, done: 1, door: 1 })
    expect((await client.records({ state: 'rejected', done: false })).map((r) => r.event)).toEqual([second])
    expect((await client.records({ state: 'rejected', done: true })).map((r) => r.event)).toEqual([first])
  })

  test('is put away by hand, through a new start, and back again', async () => {
    const event = await reject()
    await client.putAway(event)
    expect(await stands()).toEqual({ rejected: 0, done: 1, door: 0 })
    client.close()
    client = await qm.QmClient.open({ worker: client.worker, platform: place })
    expect(await stands()).toEqual({ rejected: 0, done: 1, door: 0 })
    await client.putAway(event, false)
    expect(await stands()).toEqual({ rejected: 1, done: 0, door: 1 })
  })

  test('only what was rejected is put away', async () => {
    const { event } = await visit()
    await expect(client.putAway(event)).rejects.toMatchObject({ code: 'conflict' })
    await expect(client.putAway('01a1dcaa-e627-760b-aabb-7b608d78d963')).rejects.toMatchObject({ code: 'not-found' })
  })

  test.each([
    ['double', /重复/], ['not-true', /不符/], ['moved', /搬家/], ['wrong-area', /不归您的网格/], ['lost-phone', /手机丢失/], ['whatever', /^办公室决定不计,请问办公室$/],
  ])('by a decision (%s) says why', async (code, words) => {
    const { event } = await visit()
    town.verdicts = ['0 hold scope']
    await client.sync()
    town.rows = [JSON.stringify({ t: 'verdict', event, in: false, code })]
    await client.sync()
    const [record] = await client.records({ state: 'rejected' })
    expect(record!.todo).toMatch(words)
  })
})

describe('before it is sent', () => {
  test('an acknowledgement is taken back, and nothing of it goes out', async () => {
    const [{ directive: id }] = (await client.directives()) as [qm.Directive]
    await client.acknowledge(id)
    expect((await client.directives())[0]!.acknowledged).toBe(true)
    await client.acknowledgeBack(id)
    expect((await client.directives())[0]!.acknowledged).toBe(false)
    place.asked = []
    await client.sync({ now: true })
    expect(place.asked).not.toContain('acknowledge')
    await expect(client.acknowledgeBack(id)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('no round begins for an acknowledgement while it can be taken back', async () => {
    const end = client.keepSyncing()
    const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
    await wait(20)
    while (place.timers.some((timer) => timer.at <= place.now())) place.ring()
    await wait(50)
    const [{ directive: id }] = (await client.directives()) as [qm.Directive]
    const began = place.now()
    await client.acknowledge(id)
    expect(Math.min(...place.timers.map((timer) => timer.at))).toBeGreaterThanOrEqual(began + 8000)
    end()
  })

  test('a correction is taken back, and the record stands as before', async () => {
    const { event } = await visit()
    await client.sync()
    expect(await client.undo(event)).toBe('voided')
    const [correction] = await client.records({ state: 'waiting' })
    expect([correction!.content.kind, correction!.undoable]).toEqual(['void', true])
    expect(await client.undo(correction!.event)).toBe('removed')
    expect((await client.records()).map((r) => [r.event, r.voided])).toEqual([[event, false]])
    expect((await client.households())[0]!.correcting).toBe(false)
  })
})

describe('a file', () => {
  test('of photos alone says how many', async () => {
    await client.attach(JPEG)
    const made = await client.exportQueue('correct horse')
    expect([made.records, made.photos, made.others]).toEqual([0, 1, 0])
    expect(await new qm.Workers(place).unsent(client.worker)).toEqual({ records: 0, photos: 1 })
    await expect(new qm.Workers(place).remove(client.worker)).rejects.toMatchObject({ code: 'conflict' })
  })
})
