import { expect, test } from 'vitest'
import type { QmEvent, RecordView } from '@qiaomen/sdk'
import { missing, recordsOf, type Preset } from './door_form'
import { refilled, refusedWith } from './refill'

const HOME = 'AAECAwQFBgcICQoLDA0ODw'
const GRID = '140522110001001'
const preset: Preset = { household: HOME, grid: GRID, via: 'door', done: '', topics: [], noticeText: 'notice-9', pledgeText: 'pledge-9', nowMs: 0 }
const PICTURE = 'a'.repeat(64)
const SCREEN = 'b'.repeat(64)

let seq = 0
function record(content: object, hidden: object = {}, more: Partial<RecordView> = {}): RecordView {
  return {
    event: `event ${++seq}`, content: { grid: GRID, household: HOME, ...content } as unknown as QmEvent, hidden: hidden as RecordView['hidden'],
    state: 'rejected', code: 'county', decided: false, word: '', todo: '', undoable: false, voided: false, done: false, ...more,
  }
}
const visit = record({ kind: 'visit', outcome: 'met', topics: ['fake-loan'], near: 'yes', secs: 60, with: ['police'] }, { met: '王一', note: '晚上在家' })
const notice = record({ kind: 'notice', text: 'notice-2', evidence: [PICTURE] }, { signer: '王一', relation: 'self' })
const pledge = record({ kind: 'pledge', resident: 'r1', text: 'pledge-2', evidence: [PICTURE] }, { signer: '王一', relation: 'self', met: '李四' })
const app = record({ kind: 'app', resident: 'r1', state: 'installed', real_name: true, call_alert: true, sms_alert: false, na: ['sms_alert'], evidence: [SCREEN] }, { note: '没看屏幕' })
const shared = record({ kind: 'app', resident: 'r2', state: 'shared', real_name: false, call_alert: false, sms_alert: false, evidence: [] }, { note: '儿子' })

test('the form of a door makes the same records again', () => {
  const form = refilled([visit, notice, pledge, app, shared], preset)
  expect(missing(form)).toEqual([])
  const made = recordsOf(form, 0)
  expect(made.map(({ draft }) => draft.kind)).toEqual(['visit', 'notice', 'pledge', 'app', 'app'])
  for (const [i, from] of [visit, notice, pledge, app, shared].entries()) {
    // Where the phone was and for how long is of the new visit.
    const said = Object.fromEntries(Object.entries(from.content).filter(([member]) => !['near', 'secs'].includes(member)))
    expect(made[i]!.draft).toMatchObject(said)
    expect(made[i]!.hidden).toMatchObject(from.hidden!)
  }
})

test('a door that was not opened, and papers with their day and photos', () => {
  expect(refilled([record({ kind: 'visit', outcome: 'absent', topics: [] })], preset)).toMatchObject({ outcome: 'absent', notice: '', apps: {} })
  const paper = refilled([record({ kind: 'notice', text: 'notice-2', via: 'paper', done: '20261102', evidence: [PICTURE] }, { signer: '王一', relation: 'self' })], preset)
  expect(paper).toMatchObject({ outcome: 'met', via: 'paper', done: '2026-11-02', photos: [PICTURE], noticeBy: { picture: '' } })
  expect(missing(paper)).toEqual([])
})

test('a private part that is gone leaves gaps to fill, nothing made up', () => {
  const form = refilled([{ ...notice, hidden: undefined }], preset)
  expect(missing(form)).toEqual(['notice_who'])
})

test('only what was refused for the same reason comes along', () => {
  const other = record({ kind: 'app', resident: 'r3', state: 'later' }, {}, { code: 'double', decided: true })
  const family = record({ kind: 'resident', resident: 'r4', why: 'found' })
  expect(refusedWith(notice, [visit, notice, other, family])).toEqual([notice, visit])
})
