import { expect, it } from 'vitest'
import type { Card } from '@shared/api/lists'
import { historyOf } from './history'

const event = (more: Partial<Card['events'][number]>): Card['events'][number] => ({
  event: 'e1', kind: 'visit', via: 'door', account: 'W0001', resident: null, at: 10, recv: 11, index: 3, hold: null, pictures: 0, decided: null, decided_by: null,
  decided_at: null, voided: false, accepted: null, settled_by: null, settled_at: null, code: 'met', ...more,
})
const change = (more: Partial<Card['changes'][number]>): Card['changes'][number] => ({
  rev: 7, subject: 'h', what: 'status', old: '1', new: '3', at: 20, by: 'A0001', undoes: null, undone: null, undo: 'can', ...more,
})
const card = (events: Card['events'], changes: Card['changes']): Card => ({ events, changes, residents: [], household: {} as Card['household'] })

it('records, decisions, settled proposals and changes stand in one order, newest first', () => {
  const lines = historyOf(card([event({ hold: 'scope', decided: true, decided_by: 'A0001', decided_at: 30 }), event({ event: 'e2', code: 'vacant', at: 12, accepted: true, settled_by: 'S0001', settled_at: 20 })], [change({})]))
  expect(lines.map((l) => [l.kind, l.at])).toEqual([['decision', 30], ['settled', 20], ['change', 20], ['event', 12], ['event', 10]])
})

it('the lines of a merge are one change, those of a file of claims are one each', () => {
  const merge = [change({ what: 'merged', new: 'into' }), change({ what: 'status', new: '5' }), change({ what: 'household', subject: 'r', undo: 'later' })]
  const claims = [change({ rev: 8, what: 'worker' }), change({ rev: 8, what: 'worker', subject: 'g' })]
  const lines = historyOf(card([], [...merge, ...claims]))
  expect(lines.map((l) => (l.kind === 'change' ? [l.rev, l.parts.length, l.undo] : []))).toEqual(expect.arrayContaining([[7, 3, 'later'], [8, 1, 'can'], [8, 1, 'can']]))
  expect(lines).toHaveLength(3)
})

it('a change that was taken back, and the taking back, say so', () => {
  const [back, first] = historyOf(card([], [change({ rev: 9, at: 25, undoes: 7, undo: null }), change({ undone: 9, undo: null })]))
  expect(back).toMatchObject({ kind: 'change', undoes: true, undone: false, undo: null })
  expect(first).toMatchObject({ kind: 'change', undoes: false, undone: true, undo: null })
})
