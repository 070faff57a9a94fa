/* The fold of states.ts on the cases that all implementations of the fold read (sections 5.1 to 5.5). */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import * as qm from '../src/index.js'
import { numeralsRead } from '../src/outbox_order.js'

interface Line {
  e: string
  verdict: string
}
type Entry =
  | { type: 'batch'; device: string; recv: number; lines: Line[] }
  | { type: 'decide'; lines: string[] }
  | { type: 'blob' | 'other'; lines?: string[] }
interface Case {
  name: string
  devices: { device: string; account: string }[]
  register: { households: { household: string; merged?: string }[] }
  log: Entry[]
  to: number
  expect: { states: Record<string, Record<string, unknown>> }
}
const file = fileURLToPath(new URL('../../../tests/vectors/fold.json', import.meta.url))
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] }

function recordsOf(c: Case): qm.FoldRecord[] {
  const records: qm.FoldRecord[] = []
  const decided = new Map<string, boolean>()
  for (const entry of c.log.slice(0, c.to)) {
    if (entry.type === 'decide') for (const line of entry.lines) decided.set(line.split(' ')[1]!, line.startsWith('in '))
    if (entry.type !== 'batch') continue
    const account = c.devices.find((d) => d.device === entry.device)!.account
    for (const { e, verdict } of entry.lines) {
      if (verdict.startsWith('reject') || verdict.startsWith('dup')) continue
      records.push({ event: qm.eventRead(qm.utf8(e)), recv: entry.recv, account, held: verdict.startsWith('hold') })
    }
  }
  return records.map((r) => ({ ...r, decided: decided.get(r.event.id) }))
}

/** Events of a merged household count for the one that stands in the end. */
function standing(c: Case): (household: string) => string {
  const merged = new Map(c.register.households.map((h) => [h.household, h.merged]))
  return function follow(household): string {
    const to = merged.get(household)
    return to === undefined ? household : follow(to)
  }
}

function folded(c: Case, id: string, isHousehold: boolean): Record<string, unknown> {
  const stands = standing(c)
  const all = qm.effective(recordsOf(c))
  if (isHousehold) {
    const f = qm.householdFold(all.filter(({ event }) => 'household' in event && stands(event.household) === id))
    const { visited, reached, notice_delivered, notice_signed, pledge } = f
    return { visited, reached, notice_delivered, notice_signed, pledge, door: f.door ?? 'none yet' }
  }
  const ev = qm.residentFold(all.filter(({ event }) => 'resident' in event && event.resident === id))
  const installed = ev?.state === 'installed'
  return {
    app_state: ev?.state ?? 'none yet', app: installed, app_real_name: ev?.real_name ?? false,
    app_call_alert: ev?.call_alert ?? false, app_sms_alert: ev?.sms_alert ?? false, app_all: ev !== undefined && qm.appAll(ev),
  }
}

describe('states of all cases', () => {
  test.each(cases)('$name', (c) => {
    for (const [id, want] of Object.entries(c.expect.states)) expect(folded(c, id, 'visited' in want)).toEqual(Object.fromEntries(
      Object.entries(want).filter(([name]) => name !== 'evidenced' && name !== 'refused'),
    ))
  })
  test('there are many', () => expect(cases.length).toBeGreaterThan(100))
})

describe('laid over the office\u2019s states', () => {
  const none = { visited: false, reached: false, notice: 'none', pledge: 'none', door: 'none_yet' }
  const fold = (more: Partial<qm.HouseholdFold>): qm.HouseholdFold => ({
    visited: false, reached: false, notice_delivered: false, notice_signed: false, notice_refused: false, pledge: false, ...more,
  })
  test.each([
    [none, fold({}), none],
    [{ ...none, visited: true, door: 'met' }, fold({ door: 'absent' }), { ...none, visited: true, door: 'absent' }],
    [{ ...none, notice: 'signed' }, fold({ notice_refused: true }), { ...none, notice: 'signed' }],
    [none, fold({ notice_refused: true }), { ...none, notice: 'refused' }],
    [{ ...none, notice: 'left' }, fold({ notice_delivered: true, notice_signed: true }), { ...none, notice: 'signed' }],
    [{ ...none, pledge: 'signed' }, fold({ pledge_word: 'refused' }), { ...none, pledge: 'signed' }],
    [{ ...none, pledge: 'signed' }, fold({ pledge_word: 'withdrawn', pledge_decided: 'withdrawn' }), { ...none, pledge: 'withdrawn' }],
    [{ ...none, pledge: 'later' }, fold({ pledge: true, pledge_word: 'signed', pledge_decided: 'signed' }), { ...none, pledge: 'signed' }],
    [none, fold({ pledge_word: 'later' }), { ...none, pledge: 'later' }],
  ])('%o', (base, own, want) => expect(qm.householdOver(base, own)).toEqual(want))
})

test('numerals of village groups', () => {
  expect(['一组', '十组', '十二组', '二十组', '九十九组', '3组', '东街'].map(numeralsRead)).toEqual(['1组', '10组', '12组', '20组', '99组', '3组', '东街'])
})
