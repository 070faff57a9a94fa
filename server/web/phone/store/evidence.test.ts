import { expect, test } from 'vitest'
import type { HouseholdView, RecordView, ResidentView } from '@qiaomen/sdk'
import { ownFigures } from './doors'
import { evidenceFigures, isAsked } from './evidence'

const sha = (c: string): string => c.repeat(64)
const NONE: ReadonlySet<string> = new Set()
const person = (resident: string, state: ResidentView['state']): ResidentView => ({ resident, inAge: true, status: 'counted', state }) as ResidentView
const home = (household: string, more: Partial<HouseholdView> = {}): HouseholdView =>
  ({ household, place: 'home', status: 'counted', residents: [], visited: true, reached: true, notice: 'none', pledge: 'none', door: 'met', ...more }) as HouseholdView
let seq = 0
function record(kind: 'notice' | 'pledge' | 'app', household: string, evidence: string[], more: object = {}, view: Partial<RecordView> = {}): RecordView {
  seq++
  return { event: `e${seq}`, content: { seq, at: seq, kind, household, evidence, ...more }, state: 'confirmed', voided: false, ...view } as unknown as RecordView
}
const names = (list: HouseholdView[]): string[] => list.map((h) => h.household)

test('what counts with a photo or signature, and the doors without', () => {
  const list = [
    home('both', { notice: 'signed', pledge: 'signed' }), home('left', { notice: 'left' }), home('bare', { notice: 'signed', pledge: 'signed' }),
    home('seen'), home('shop', { place: 'shop', notice: 'signed' }), home('away', { status: 'away', visited: false, notice: 'signed' }),
  ]
  const records = [record('notice', 'both', [sha('a')]), record('pledge', 'both', [sha('b')], { resident: 'r' }), record('notice', 'left', [sha('c')], { state: 'left' }), record('notice', 'bare', [])]
  const got = evidenceFigures(['visited', 'reached', 'notice_delivered', 'notice_signed', 'pledge'], list, records, NONE)
  expect([got.visited!.having, names(got.visited!.lacking)]).toEqual([2, ['bare', 'seen']])
  expect([got.reached!.having, names(got.reached!.lacking)]).toEqual([2, ['bare', 'seen', 'away']])
  expect([got.notice_delivered!.having, names(got.notice_delivered!.lacking)]).toEqual([2, ['bare']])
  expect([got.notice_signed!.having, names(got.notice_signed!.lacking)]).toEqual([1, ['bare']])
  expect([got.pledge!.having, names(got.pledge!.lacking)]).toEqual([1, ['bare']])
  // The figure beside it and the two here are of the same doors.
  for (const f of ownFigures(list, ['notice_signed'])) {
    const figure = got[f.metric]
    if (figure !== undefined) expect(figure.having + figure.lacking.length, f.metric).toBe(f.num)
  }
})

test('a photo that the office misses or did not take, a record taken back or not taken: no evidence', () => {
  const list = ['lost', 'void', 'not', 'again'].map((id) => home(id, { notice: 'signed' }))
  const records = [
    record('notice', 'lost', [sha('a')]), record('notice', 'void', [sha('b')], {}, { voided: true }), record('notice', 'not', [sha('c')], {}, { state: 'rejected' }),
    record('notice', 'again', [sha('a')]), record('notice', 'again', [sha('d')]),
  ]
  const { notice_delivered: got } = evidenceFigures(['notice_delivered'], list, records, new Set([sha('a')]))
  expect([got!.having, names(got!.lacking)]).toEqual([1, ['lost', 'void', 'not']])
})

test('of the app the last record of each person decides; the order in which they are given does not', () => {
  const list = [home('h', { residents: [person('a', 'installed'), person('b', 'installed'), person('c', 'later')] }), home('k', { residents: [person('d', 'installed')] })]
  const records = [
    record('app', 'h', [sha('a')], { resident: 'a' }), record('app', 'h', [sha('b')], { resident: 'b' }), record('app', 'h', [], { resident: 'b' }),
    record('app', 'k', [sha('d')], { resident: 'd' }),
  ]
  for (const some of [records, [...records].reverse()]) {
    const { app } = evidenceFigures(['app'], list, some, NONE)
    expect([app!.having, names(app!.lacking)]).toEqual([2, ['h']])
  }
})

test('which figures are asked for', () => {
  expect(isAsked('app', ['app_call_alert'])).toBe(true)
  expect(isAsked('pledge', ['app', 'visited'])).toBe(false)
  expect(ownFigures([], ['notice_signed']).map((f) => f.metric)).toContain('notice_signed')
  expect(ownFigures([]).map((f) => f.metric)).not.toContain('notice_signed')
})
