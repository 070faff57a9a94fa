/* The list that is kept in memory and made anew in parts: after each step it is, to the last member, what a
 * client makes that reads everything now. */
import { afterEach, expect, test } from 'vitest'
import * as qm from '../src/index.js'
import { sameKept } from '../src/client_book.js'
import { Outbox, type WorkRow } from '../src/outbox.js'
import { Place } from './lib/place.js'
import { CODE, GRID, problem, seeded, SERVER, Town } from './lib/town.js'
import { HOST } from './lib/vectors.js'

const HOMES = 6
const STEPS = 40
const opened: qm.QmClient[] = []
let town: Town
let place: Place

const name = (text: string): string => qm.base64url(qm.sha256(qm.utf8(text)).subarray(0, 16))
const home = (i: number): string => name(`home ${i}`)
const person = (i: number): string => name(`person ${i}`)
const householdRow = (i: number, state: object = {}): string =>
  JSON.stringify({
    t: 'household', household: home(i), grid: GRID, place: 'home', status: 'counted', group: '一组', lane: '', door: `${i}号`, head: `户主${i}`, phone: '',
    state: { visited: false, reached: false, notice: 'none', pledge: 'none', door: 'none_yet', ...state },
  })
const residentRow = (i: number, at: number): string =>
  JSON.stringify({
    t: 'resident', resident: person(i), household: home(at), name: `人${i}`, born: '1990-01-01', phone: '', status: 'counted', groups: [],
    app: { state: 'none_yet', real_name: false, call_alert: false, sms_alert: false },
  })

async function open(worker: string, more: Partial<qm.OpenOptions> = {}): Promise<qm.QmClient> {
  const one = await qm.QmClient.open({ worker, platform: place, ...more })
  opened.push(one)
  return one
}
afterEach(() => {
  opened.splice(0).forEach((one) => one.close())
  Place.held.clear()
})

/** Leaves what the next start reads, as the rounds do. */
async function workKeep(worker: string): Promise<boolean> {
  const outbox = await Outbox.open(`qm.worker.${worker}`, '', { subtle: place.subtle, random: place.random, now: () => place.now() })
  try {
    return await outbox.workKeep(true)
  } finally {
    outbox.close()
  }
}

/** Everything that a list and the counts are made of, read now. */
async function anew(worker: string): Promise<{ list: qm.HouseholdView[]; counts: object; gaps: number[] }> {
  const fresh = await open(worker)
  const { counts, gaps } = await fresh.status()
  const list = await fresh.households()
  fresh.close()
  return { list, counts, gaps }
}

const REFUSALS: readonly qm.ErrCode[] = ['overload', 'batch-conflict', 'malformed']

/** More than a start reads one by one. */
const MANY = 101

test.each([['a', 0], ['b', 0], ['c', MANY], ['d', MANY]])('any order of work, undoing, rounds and refusals (%s, begun with %i)', async (seed, before) => {
  const draw = seeded(seed)
  const pick = (n: number): number => draw(1)[0]! % n
  town = new Town()
  town.rows = Array.from({ length: HOMES }, (_, i) => [householdRow(i), residentRow(i, i)]).flat()
  place = new Place(town)
  const worker = await new qm.Workers(place).add('王')
  const thread = await open(worker)
  const page = await open(worker, { elsewhere: () => Promise.resolve(thread) })
  expect(await page.enrol(`${SERVER}/app/#enrol=${CODE}`, SERVER, HOST)).toBe('ok')
  expect((await page.sync()).err).toBe('ok')
  const notice = { kind: 'notice', members: { household: home(0), text: 'notice-2026-1', state: 'left' } } as const
  const made = (await page.recordAll(Array.from({ length: before }, () => notice))).map((r) => r.event)
  const steps: (() => Promise<unknown>)[] = [
    async () => made.push((await page.record('visit', { household: home(pick(HOMES)), outcome: (['met', 'absent', 'refused'] as const)[pick(3)]! })).event),
    async () => {
      const i = pick(HOMES)
      made.push((await page.record('app', { household: home(i), resident: person(i), state: pick(2) === 0 ? 'installed' : 'later' })).event)
    },
    async () => made.push((await page.record('notice', { household: home(pick(HOMES)), text: 'notice-2026-1', state: 'left' })).event),
    async () => {
      const event = made.splice(pick(Math.max(made.length, 1)), 1)[0]
      if (event !== undefined) await page.undo(event)
    },
    async () => expect(await workKeep(worker)).toBe(true),
    // Another tab of the same worker.
    async () => thread.record('visit', { household: home(pick(HOMES)), outcome: 'gone' }),
    async () => {
      const { waiting } = (await page.status()).counts
      town.verdicts = waiting > 0 && pick(2) === 0 ? ['0 hold clock'] : []
      town.rows = pick(2) === 0 ? [] : [householdRow(pick(HOMES), { visited: true, reached: true, door: 'met' }), residentRow(0, pick(HOMES))]
      place.network = (kind, answer) => (kind === 'batch' && pick(3) === 0 ? Promise.resolve(problem(REFUSALS[pick(REFUSALS.length)]!)) : answer())
      await page.sync({ now: true })
      town.verdicts = []
    },
  ]
  for (let i = 0; i < STEPS; i++) {
    town.nowMs += 60_000
    await steps[pick(steps.length)]!()
    const list = await page.households()
    const { counts, gaps } = await page.status()
    expect({ list, counts, gaps }).toEqual(await anew(worker))
  }
})

test('what was settled is laid over the list no longer, though the list is the same', async () => {
  town = new Town()
  town.rows = [householdRow(0)]
  place = new Place(town)
  const worker = await new qm.Workers(place).add('王')
  const thread = await open(worker)
  const page = await open(worker)
  expect(await thread.enrol(`${SERVER}/app/#enrol=${CODE}`, SERVER, HOST)).toBe('ok')
  expect((await thread.sync()).err).toBe('ok')
  town.rows = []
  await page.record('visit', { household: home(0), outcome: 'absent' })
  expect((await page.households())[0]).toMatchObject({ door: 'absent', waiting: 1 })
  place.network = (kind, answer) => (kind === 'changes' ? Promise.resolve(problem('overload')) : answer())
  expect(await thread.sync()).toMatchObject({ confirmed: 1, err: 'overload' })
  expect((await page.households())[0]).toMatchObject({ door: 'absent', waiting: 0 })
  place.network = (_, answer) => answer()
  expect((await thread.sync({ now: true })).err).toBe('ok')
  expect(await page.households()).toEqual((await anew(worker)).list)
})

test('a record changes the object of its door alone', async () => {
  town = new Town()
  town.rows = Array.from({ length: HOMES }, (_, i) => householdRow(i))
  place = new Place(town)
  const client = await open(await new qm.Workers(place).add('王'))
  expect(await client.enrol(`${SERVER}/app/#enrol=${CODE}`, SERVER, HOST)).toBe('ok')
  expect((await client.sync()).err).toBe('ok')
  const before = await client.households()
  await client.record('visit', { household: home(2), outcome: 'absent' })
  const recorded = await client.households()
  expect(recorded.map((h, i) => h === before[i])).toEqual([true, true, false, true, true, true])
  expect((await client.sync({ what: ['records'] })).confirmed).toBe(1)
  const sent = await client.households()
  expect(sent.map((h, i) => h === recorded[i])).toEqual([true, true, false, true, true, true])
  expect(sent[2]).toMatchObject({ waiting: 0, door: 'absent' })
})

test('what another thread sent is no longer to be undone without a trace', async () => {
  town = new Town()
  town.rows = [householdRow(0)]
  place = new Place(town)
  const worker = await new qm.Workers(place).add('王')
  const [thread, page] = [await open(worker), await open(worker)]
  expect(await thread.enrol(`${SERVER}/app/#enrol=${CODE}`, SERVER, HOST)).toBe('ok')
  expect((await thread.sync()).err).toBe('ok')
  await page.record('visit', { household: home(0), outcome: 'absent' })
  const undoable = async (): Promise<boolean[]> => (await page.records()).map((r) => r.undoable)
  expect(await undoable()).toEqual([true])
  expect((await thread.sync({ what: ['records'] })).confirmed).toBe(1)
  expect(await undoable()).toEqual([false])
})

test('a row that is read again is the one from before, unless it says something else', () => {
  const row = (seq: number, more: Partial<WorkRow> = {}): WorkRow =>
    ({ id: `id ${seq}`, seq, at: seq, kind: 'visit', state: 'held', code: 'clock', entry: 7n, ahead: 1, queue: undefined, decided: undefined, ...more }) as WorkRow
  const before = [1, 2, 3, 5].map((seq) => row(seq))
  const again = sameKept(before, [1, 3, 4, 5].map((seq) => row(seq)))
  expect(again.map((r) => before.includes(r))).toEqual([true, true, false, true])
  const others: Partial<WorkRow>[] = [
    { id: 'another' }, { state: 'confirmed' }, { code: '' }, { entry: 8n }, { entry: undefined }, { ahead: undefined }, { queue: 2 },
    { decided: { in: true, code: '' } }, { decided: { in: false, code: '' } },
  ]
  for (const other of others) {
    const now = row(2, other)
    expect(sameKept(before, [now])[0], JSON.stringify(Object.keys(other))).toBe(now)
  }
  const out = { decided: { in: false, code: 'no-home' } }
  const kept = row(1, out)
  expect(sameKept([kept], [row(1, out)])[0]).toBe(kept)
  for (const decided of [{ in: true, code: 'no-home' }, { in: false, code: '' }]) expect(sameKept([kept], [row(1, { decided })])[0]).not.toBe(kept)
})
