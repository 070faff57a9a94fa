/* What tabs and threads of a worker tell each other of records, and what each makes of it without reading them again. */
import { expect, test } from 'vitest'
import { DoorBook } from '../src/client_book.js'
import { Homes } from '../src/client_homes.js'
import { changeRead, changeWrite } from '../src/client_told.js'
import type { Outbox, Register, WorkRow } from '../src/outbox.js'
import type { Outcome } from '../src/ports.js'
import { seeded } from './lib/town.js'

const outcomes: Outcome[] = [
  { id: 'a', seq: 1, state: 'confirmed', code: '', entry: 18446744073709551615n, ahead: 1 },
  { id: 'b', seq: 2, state: 'rejected', code: 'no-home', entry: undefined, ahead: undefined },
]
const breathe = (): Promise<void> => Promise.resolve()

/** A record as the outbox gives it. */
function row(seq: number, more: Partial<WorkRow> = {}): WorkRow {
  const fields = { id: `id ${seq}`, seq, at: seq, kind: 'visit', state: 'waiting', code: '', household: 'home', ...more }
  return { ...fields, settled: ({ state, code }: Outcome) => row(seq, { ...more, state, code }) } as WorkRow
}

test('a change is read as it was written', () => {
  for (const settled of [outcomes, [], undefined]) expect(changeRead(changeWrite('records', settled))).toEqual({ change: 'records', settled })
  expect(changeRead('state')).toEqual({ change: 'state' })
})

test.each(['records 12', 'records [1]', 'records [["a",1]]', 'records {"a":1}', 'records [[', 'records null'])('of a tab of another version it is a change of all records: %s', (message) => {
  expect(changeRead(message)).toEqual({ change: 'records' })
})

/** How often all records were read. */
function book(rows: WorkRow[]): { book: DoorBook; reads: () => number } {
  let reads = 0
  const work = (): Promise<WorkRow[]> => Promise.resolve((reads++, rows))
  const register = (): Promise<Register> => Promise.resolve({ households: [], residents: [] })
  return { book: new DoorBook({ work, register } as unknown as Outbox, breathe), reads: () => reads }
}
const states = async (one: DoorBook): Promise<string[]> => (await one.rows()).map((r) => `${r.id} ${r.state} ${r.code}`)

test('what became of records is taken as it is told; the others stay what they were', async () => {
  const { book: one, reads } = book([row(1), row(2), row(4), row(7)])
  const before = await one.rows()
  one.settled([{ id: 'id 7', seq: 7, state: 'held', code: 'clock' }, { id: 'id 1', seq: 1, state: 'confirmed', code: '' }])
  one.settled([{ id: 'id 4', seq: 4, state: 'rejected', code: 'grid' }])
  expect(await states(one)).toEqual(['id 1 confirmed ', 'id 2 waiting ', 'id 4 rejected grid', 'id 7 held clock'])
  expect([reads(), (await one.rows())[1] === before[1], before[0]!.state]).toEqual([1, true, 'waiting'])
})

test.each([{ id: 'id 3', seq: 3 }, { id: 'id 9', seq: 9 }, { id: 'id 0', seq: 0 }, { id: 'another', seq: 2 }])('one that is not known here has all of them read: %o', async (which) => {
  const { book: one, reads } = book([row(1), row(2), row(4)])
  await one.rows()
  one.settled([{ ...which, state: 'confirmed', code: '' }])
  expect([await states(one), reads()]).toEqual([['id 1 waiting ', 'id 2 waiting ', 'id 4 waiting '], 2])
  expect(await states(one)).toHaveLength(3)
  expect(reads()).toBe(2)
})

test('what is told before anything was read is in what is read then', async () => {
  const { book: one, reads } = book([row(1)])
  one.settled([{ id: 'id 1', seq: 1, state: 'confirmed', code: '' }])
  expect([await states(one), reads()]).toEqual([['id 1 waiting '], 1])
})

test('records by household, after any changes, are those of all records looked through anew', async () => {
  const draw = seeded('homes')
  const pick = (n: number): number => draw(1)[0]! % n
  const residents = Array.from({ length: 4 }, (_, i) => ({ resident: `person ${i}`, household: `home ${i % 3}` })) as Register['residents']
  const homes = new Homes(residents)
  let rows: WorkRow[] = []
  let last = 0
  const fresh = (): WorkRow => {
    const seq = rows.length + 1
    const id = `id ${++last}`
    // Also of one that comes behind it.
    if (pick(9) === 0) return row(seq, { id, kind: 'void', household: undefined, target: `id ${last + 1 + pick(3)}` })
    if (rows.length > 0 && pick(4) === 0) return row(seq, { id, kind: 'void', household: undefined, target: rows[pick(rows.length)]!.id })
    return row(seq, { id, household: pick(3) === 0 ? undefined : `home ${pick(5)}`, resident: pick(2) === 0 ? `person ${pick(5)}` : undefined })
  }
  const steps: (() => WorkRow[])[] = [
    () => [...rows, fresh()],
    () => [...rows, fresh(), fresh()],
    () => rows.map((r) => (pick(5) === 0 ? row(r.seq, { ...r }) : r)),
    // One is taken back, and those behind it go down by one number.
    () => {
      const at = pick(rows.length + 1)
      return [...rows.slice(0, at), ...rows.slice(at + 1).map((r) => row(r.seq - 1, { ...r, seq: r.seq - 1 }))]
    },
  ]
  const said = (one: Homes): unknown[] => [0, 1, 2, 3, 4].map((i) => [...(one.recordsOf(`home ${i}`) ?? [])].sort((a, b) => a.seq - b.seq))
  for (let i = 0; i < 300; i++) {
    const before = said(homes)
    rows = steps[pick(steps.length)]!()
    const touched = await homes.take(rows, breathe)
    const anew = new Homes(residents)
    await anew.take(rows, breathe)
    const [now, then] = [said(homes), said(anew)] as [WorkRow[][], WorkRow[][]]
    now.forEach((some, home) => {
      expect(some.length === then[home]!.length && some.every((r, k) => r === then[home]![k])).toBe(true)
      const was = (before as WorkRow[][])[home]!
      const isSame = was.length === some.length && was.every((r, k) => r === some[k])
      expect(isSame || touched.has(`home ${home}`)).toBe(true)
    })
  }
})
