import { expect, test } from 'vitest'
import type { PhotoView, RecordView, Want } from '@qiaomen/sdk'
import { againOf, photoList, toTake } from './photos'

const NONE: ReadonlySet<string> = new Set()
const sha = (c: string): string => c.repeat(64)
let seq = 0
function record(kind: 'notice' | 'pledge' | 'visit', evidence: string[], more: object = {}, view: Partial<RecordView> = {}): RecordView {
  seq++
  const content = { id: `e${seq}`, seq, at: Date.parse('2026-11-20T10:00:00+08:00'), grid: 'g', p: 'x', kind, household: 'h1', ...(kind === 'visit' ? { outcome: 'met' } : { text: 'n1', evidence }), ...more }
  return { event: `e${seq}`, content, state: 'confirmed', code: '', decided: false, word: '', todo: '', undoable: false, voided: false, ...view } as unknown as RecordView
}
const want = (r: RecordView, c: string, here: boolean): Want => ({ sha256: sha(c), event: r.event, here })
const photo = (c: string, state: PhotoView['state']): PhotoView => ({ sha256: sha(c), bytes: 1, state, code: '' })

test('what the office misses, by record: on its way, gone, refused', () => {
  const a = record('notice', [sha('a')])
  const b = record('pledge', [sha('b')], { resident: 'r1' })
  const c = record('notice', [sha('c')], { household: 'h2' })
  const list = photoList([want(a, 'a', true), want(b, 'b', false)], [photo('a', 'waiting'), photo('c', 'rejected')], [c, b, a, record('visit', [])], NONE)
  expect(list.photos.map((p) => [p.record.event, p.state, p.again])).toEqual([[a.event, 'sending', false], [b.event, 'gone', false], [c.event, 'refused', false]])
  expect(toTake(list).map((p) => p.record.event)).toEqual([b.event, c.event])
})

test('a later record of the same person and paper with a photo of its own stands for it', () => {
  const b = record('pledge', [sha('b')], { resident: 'r1' })
  const other = record('pledge', [sha('d')], { resident: 'r2' })
  expect(toTake(photoList([want(b, 'b', false)], [], [b, other], NONE))).toHaveLength(1)
  const again = record('pledge', [sha('e')], { resident: 'r1' })
  expect(toTake(photoList([want(b, 'b', false)], [], [b, other, again], NONE))).toHaveLength(0)
  // Its photo is gone as well.
  expect(toTake(photoList([want(b, 'b', false), want(again, 'e', false)], [], [b, again], NONE)).map((p) => p.record.event)).toEqual([again.event])
  // Taken back, it stands for nothing.
  expect(toTake(photoList([want(b, 'b', false)], [], [b, { ...again, voided: true }], NONE))).toHaveLength(1)
})

test('what was taken back needs no photo; what another phone recorded is counted', () => {
  const a = record('notice', [sha('a')], {}, { voided: true })
  const far: Want = { sha256: sha('f'), event: 'far', here: false }
  expect(photoList([want(a, 'a', false), far], [], [a], NONE)).toEqual({ photos: [], elsewhere: [sha('f')], lost: 0 })
})

test('what is said to be lost is asked for no more, here and elsewhere; what is on its way goes on', () => {
  const [a, b] = [record('notice', [sha('a')]), record('notice', [sha('b')], { household: 'h2' })]
  const far: Want = { sha256: sha('f'), event: 'far', here: false }
  const wants = [want(a, 'a', false), want(b, 'b', true), far]
  const all = new Set([sha('a'), sha('b'), sha('f'), sha('9')])
  const list = photoList(wants, [photo('b', 'waiting')], [a, b], all)
  expect([toTake(list), list.photos.map((p) => p.state), list.elsewhere, list.lost]).toEqual([[], ['sending'], [], 2])
  // Told otherwise, or with another photo in its place: nothing is said to be lost.
  expect(toTake(photoList(wants, [], [a, b], NONE)).map((p) => p.sha256)).toEqual([sha('a')])
  const again = record('notice', [sha('d')])
  expect(photoList([want(a, 'a', false)], [], [a, again], all).lost).toBe(0)
})

test('the new record says the same, from paper, of that day', () => {
  const hidden = { s: 'salt', signer: '王一', relation: '户主' }
  const b = record('pledge', [sha('b')], { resident: 'r1' }, { hidden })
  const of = (r: RecordView, signer = '') => againOf({ sha256: '', record: r, state: 'gone', again: false }, [sha('n')], signer)
  expect(of(b)).toEqual({
    kind: 'pledge',
    members: { grid: 'g', household: 'h1', resident: 'r1', text: 'n1', evidence: [sha('n')], via: 'paper', done: '20261120' },
    hidden: { signer: '王一', relation: '户主' },
  })
  // After 14 days the private part is gone: the name on the list is taken.
  const old = record('pledge', [sha('b')], { resident: 'r1', via: 'paper', done: '20261101' })
  expect(of(old, '王一')).toMatchObject({ members: { done: '20261101' }, hidden: { signer: '王一' } })
  expect(of(record('visit', []))).toBeUndefined()
})
