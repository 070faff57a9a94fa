/* Who works on one phone: PINs, what they cost and who may set them, on an IndexedDB in memory and a township in memory. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as qm from '../src/index.js'
import { pinWaitMs } from '../src/seal.js'
import { Place } from './lib/place.js'
import { CODE, COUNTY, GRID, HOUSEHOLD, SERVER, Town } from './lib/town.js'
import { HOST } from './lib/vectors.js'

let town: Town
let place: Place
let client: qm.QmClient
const opened: qm.QmClient[] = []

async function open(worker: string, more: Partial<qm.OpenOptions> = {}): Promise<qm.QmClient> {
  const one = await qm.QmClient.open({ worker, platform: place, ...more })
  opened.push(one)
  return one
}
const LINK = `${SERVER}/app/#enrol=${CODE}`
const household = JSON.stringify({
  t: 'household', household: HOUSEHOLD, grid: GRID, place: 'home', status: 'counted', group: '一组', lane: '东街', door: '2号', head: '王五', phone: '138****0001',
  state: { visited: false, reached: false, notice: 'none', pledge: 'none', door: 'none_yet' },
})
const visit = (): Promise<qm.RecordedAs> => client.record('visit', { household: HOUSEHOLD, outcome: 'met', near: 'yes' }, { met: '王五' })

beforeEach(async () => {
  town = new Town()
  town.rows = [household]
  place = new Place(town)
  client = await open(await new qm.Workers(place).add('王网格员'))
  expect(await client.enrol(LINK, SERVER, HOST)).toBe('ok')
  expect((await client.sync()).err).toBe('ok')
  town.rows = []
})
afterEach(() => {
  opened.splice(0).forEach((one) => one.close())
  Place.held.clear()
})

describe('workers and PINs', () => {
  test('two workers: two keys, two outboxes', async () => {
    await visit()
    const workers = new qm.Workers(place)
    await client.setPin('', '2468')
    const other = await open(await workers.add('李网格员', '1357'), { pin: '1357' })
    expect(await other.enrol(LINK, SERVER, HOST)).toBe('ok')
    expect((await other.status()).counts.waiting).toBe(0)
    expect((await other.status()).device).not.toBe((await client.status()).device)
    const listed = (await workers.list()).filter((w) => [client.worker, other.worker].includes(w.id))
    expect(listed.map((w) => [w.name, w.hasPin]).sort()).toEqual([['李网格员', true], ['王网格员', true]])
  })

  test('a wrong PIN opens nothing, and costs time', async () => {
    const id = await new qm.Workers(place).add('赵', '1357')
    await expect(open(id)).rejects.toMatchObject({ code: 'forbidden' })
    for (let i = 0; i < 3; i++) await expect(open(id, { pin: '0000' })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(open(id, { pin: '1357' })).rejects.toMatchObject({ code: 'quota-exceeded' })
    const entry = (await new qm.Workers(place).list()).find((w) => w.id === id)!
    expect(entry.retryMs).toBeGreaterThan(town.nowMs)
    town.nowMs = entry.retryMs
    const client = await open(id, { pin: '1357' })
    await expect(client.setPin('9999', '2468')).rejects.toMatchObject({ code: 'forbidden' })
    await expect(client.setPin('1357', '12')).rejects.toMatchObject({ code: 'invalid' })
    await client.setPin('1357', '2468')
    await open(id, { pin: '2468' })
  })

  test('who is alone on a phone may go without a PIN; nobody is enrolled beside one who has none', async () => {
    place = new Place(town)
    const workers = new qm.Workers(place)
    const flags = async () => (await workers.list()).map((w) => [w.name, w.enrolled, w.hasPin]).sort()
    const first = await open(await workers.add('王', '1357'), { pin: '1357' })
    expect(await first.enrol(LINK, SERVER, HOST)).toBe('ok')
    const second = await open(await workers.add('李'))
    // Who only began to enrol does not share it.
    await first.setPin('1357', '')
    expect(await flags()).toEqual([['李', false, false], ['王', true, false]])
    town.rows = [household]
    await first.sync()
    await first.record('visit', { household: HOUSEHOLD, outcome: 'met' })
    place.asked = []
    await expect(second.enrol(LINK, SERVER, HOST)).rejects.toMatchObject({ code: 'conflict' })
    await second.setPin('', '2468')
    await expect(second.enrol(LINK, SERVER, HOST)).rejects.toMatchObject({ code: 'conflict' })
    expect(place.asked, 'the code is not used up').toEqual([])
    // What the first one has not sent does not wait for the new PIN.
    await workers.firstPin(first.worker, '1357', '李')
    expect(await workers.unsent(first.worker)).toEqual({ records: 0, photos: 0 })
    await expect(workers.firstPin(first.worker, '9999', '李')).rejects.toMatchObject({ code: 'forbidden' })
    expect(await second.enrol(LINK, SERVER, HOST)).toBe('ok')
    expect(await flags()).toEqual([['李', true, true], ['王', true, true]])
    for (const [one, pin] of [[first, '1357'], [second, '2468']] as const) {
      await expect(one.setPin(pin, '')).rejects.toMatchObject({ code: 'conflict' })
      await expect(open(one.worker)).rejects.toMatchObject({ code: 'forbidden' })
    }
  })

  test('without a network the first one gets a PIN all the same, and what is unsent stays', async () => {
    place = new Place(town)
    const workers = new qm.Workers(place)
    const first = await open(await workers.add('王'))
    expect(await first.enrol(LINK, SERVER, HOST)).toBe('ok')
    town.rows = [household]
    await first.sync()
    await first.record('visit', { household: HOUSEHOLD, outcome: 'met' })
    place.network = () => Promise.reject(new Error('no network'))
    await workers.firstPin(first.worker, '1357', '李')
    expect([(await workers.unsent(first.worker)).records, (await workers.list())[0]!.hasPin]).toEqual([1, true])
  })

  describe('a first PIN that somebody else typed', () => {
    const office = { server: SERVER, host: HOST, code: CODE }
    let workers: qm.Workers
    let first: qm.QmClient
    const infoOf = async () => (await workers.list()).find((w) => w.id === first.worker)!
    /** Something is not sent, and there is no network when 李 sets the PIN. */
    beforeEach(async () => {
      place = new Place(town)
      workers = new qm.Workers(place)
      first = await open(await workers.add('王'))
      expect(await first.enrol(LINK, SERVER, HOST)).toBe('ok')
      town.rows = [household]
      await first.sync()
      await first.record('visit', { household: HOUSEHOLD, outcome: 'met' }, { met: '王五' })
      place.network = () => Promise.reject(new Error('no network'))
      await workers.firstPin(first.worker, '1357', '李')
      place.network = (_, answer) => answer()
      first.close()
    })

    test('the worker is told by whom and when, until they have answered', async () => {
      expect(await infoOf()).toMatchObject({ hasPin: true, officeOpens: true, given: { by: '李', atMs: town.nowMs } })
      await expect(open(first.worker)).rejects.toMatchObject({ code: 'forbidden' })
      const again = await open(first.worker, { pin: '1357' })
      await again.givenHeard()
      expect((await infoOf()).given).toBeUndefined()
      // To know the PIN is not to be the worker: the office's way in stays, whoever changes it.
      await again.setPin('1357', '9753')
      expect((await infoOf()).officeOpens).toBe(true)
    })

    test('a code of the office replaces it: nothing is lost, and the new PIN alone opens from then on', async () => {
      const before = town.deviceKey!.name
      expect(await workers.pinByOffice(first.worker, office, '2468')).toBe('ok')
      expect(town.deviceKey!.name).not.toBe(before)
      await expect(open(first.worker, { pin: '1357' })).rejects.toMatchObject({ code: 'forbidden' })
      const again = await open(first.worker, { pin: '2468' })
      expect((await again.records()).map((r) => [r.state, r.hidden?.met])).toEqual([['waiting', '王五']])
      await again.sync()
      expect((await again.status()).counts).toMatchObject({ waiting: 0, confirmed: 1 })
      expect(await infoOf()).toMatchObject({ officeOpens: false, given: undefined })
      await expect(workers.pinByOffice(first.worker, office, '8888')).rejects.toMatchObject({ code: 'not-found' })
    })

    test('what is sent under way, when the answer was lost, is sent once', async () => {
      const again = await open(first.worker, { pin: '1357' })
      place.network = async (kind, answer) => {
        await answer()
        throw new Error(`the answer to ${kind} is lost`)
      }
      await again.sync({ now: true, what: ['records'] })
      again.close()
      place.network = (_, answer) => answer()
      expect(await workers.unsent(first.worker)).toEqual({ records: 1, photos: 0 })
      expect(await workers.pinByOffice(first.worker, office, '2468')).toBe('ok')
      // The server has it already, from the device of before.
      town.verdicts = ['0 dup 1']
      const mine = await open(first.worker, { pin: '2468' })
      await mine.sync({ now: true })
      expect((await mine.status()).counts).toMatchObject({ waiting: 0, confirmed: 1 })
    })

    test("another's code, a used one, no network: all is as it was", async () => {
      const { device } = await (await open(first.worker, { pin: '1357' })).status()
      town.account = 'W0456'
      expect(await workers.pinByOffice(first.worker, office, '2468')).toBe('conflict')
      town.account = 'W0123'
      expect(await workers.pinByOffice(first.worker, { ...office, code: `${COUNTY}.AAAAAAAAAAAAAAAAAAAAAA` }, '2468')).toBe('forbidden')
      place.network = () => Promise.reject(new Error('no network'))
      expect(await workers.pinByOffice(first.worker, office, '2468')).toBe('offline')
      await expect(workers.pinByOffice(first.worker, office, '24')).rejects.toMatchObject({ code: 'invalid' })
      const same = await open(first.worker, { pin: '1357' })
      expect([(await same.status()).device, (await same.records()).length, (await infoOf()).given?.by]).toEqual([device, 1, '李'])
      // The same code again, once there is a network.
      place.network = (_, answer) => answer()
      expect(await workers.pinByOffice(first.worker, office, '2468')).toBe('ok')
    })
  })

  test('a PIN that is set before enrolling is sure: the code of the office was there', async () => {
    place = new Place(town)
    const workers = new qm.Workers(place)
    const one = await open(await workers.add('王'))
    await one.setPin('', '1357')
    expect(await one.enrol(LINK, SERVER, HOST)).toBe('ok')
    await expect(workers.pinByOffice(one.worker, { server: SERVER, host: HOST, code: CODE }, '2468')).rejects.toMatchObject({ code: 'not-found' })
    // Taken away and set anew it is like any other first PIN.
    await one.setPin('1357', '')
    await one.setPin('', '1357')
    expect((await workers.list())[0]).toMatchObject({ officeOpens: true, given: undefined })
  })

  test('wrong PINs cost more and more time, and never more than a quarter of an hour', () => {
    expect(Array.from({ length: 13 }, (_, failures) => pinWaitMs(failures) / 1000)).toEqual([0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900])
  })

  test('a forgotten PIN: the spare code sets another one, and what is unsent is there', async () => {
    place = new Place(town)
    const workers = new qm.Workers(place)
    const id = await workers.add('孙', '1357')
    const infoOf = async () => (await workers.list()).find((w) => w.id === id)!
    const first = await open(id, { pin: '1357' })
    expect(await first.enrol(LINK, SERVER, HOST)).toBe('ok')
    await first.sync()
    await first.record('visit', { household: HOUSEHOLD, outcome: 'met' }, { met: '王五' })
    await expect(workers.pinForgotten(id, '0'.repeat(16), '2468')).rejects.toMatchObject({ code: 'not-found' })
    expect((await infoOf()).hasSpare).toBe(false)
    await expect(first.spareCode('9999')).rejects.toMatchObject({ code: 'forbidden' })
    const old = await first.spareCode('1357')
    const code = await first.spareCode('1357')
    expect([old, code].every((c) => /^[0-9]{16}$/.test(c)) && old !== code).toBe(true)
    expect([(await infoOf()).hasSpare, (await workers.unsent(id)).records]).toEqual([true, 1])
    first.close()

    // A wrong code opens nothing; the right one does, spaced as people write it, whatever wrong PINs cost.
    for (let i = 0; i < 3; i++) await expect(open(id, { pin: '0000' })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(open(id, { pin: '1357' })).rejects.toMatchObject({ code: 'quota-exceeded' })
    for (const wrong of [old, '2468']) await expect(workers.pinForgotten(id, wrong, '2468')).rejects.toMatchObject({ code: 'forbidden' })
    await expect(workers.pinForgotten(id, code, '24')).rejects.toMatchObject({ code: 'invalid' })
    await workers.pinForgotten(id, code.replace(/(.{4})/g, '$1 '), '2468')
    await expect(open(id, { pin: '1357' })).rejects.toMatchObject({ code: 'forbidden' })
    const again = await open(id, { pin: '2468' })
    expect((await again.records()).map((r) => r.hidden?.met)).toEqual(['王五'])
    await again.sync()
    expect([(await again.status()).counts.confirmed, (await workers.unsent(id)).records]).toEqual([1, 0])
  })

  test('a worker with unsent records is not removed', async () => {
    const workers = new qm.Workers(place)
    await visit()
    await expect(workers.remove(client.worker)).rejects.toMatchObject({ code: 'conflict' })
    await client.sync()
    client.close()
    await workers.remove(client.worker)
    expect((await workers.list()).map((w) => w.id)).not.toContain(client.worker)
    await expect(open(client.worker)).rejects.toMatchObject({ code: 'not-found' })
  })
})
