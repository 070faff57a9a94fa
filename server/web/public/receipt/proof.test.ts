// The worked values of the contract (tests/vectors): an entry with five events, and what becomes of
// them when anything is changed on the way.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { eventRead, receiptRead, utf8 } from '@qiaomen/sdk'
import { linkRead, receiptCheck, stateOf } from './proof'

const file = resolve(import.meta.dirname, '../../../../tests/vectors/protocol-vectors.json')
const v = JSON.parse(readFileSync(file, 'utf8')) as {
  receipt: string
  event_receipts: string[]
  events: { E: string }[]
  bulletin: { receipt: string }
  log: { vkey: string }
  device: { vkey: string }
}
const keys = [{ code: '140522', log: v.log.vkey }]
/** Which of the five have a receipt among the worked values. */
const GIVEN = [0, 3]
const idOf = (i: number): string => eventRead(utf8(v.events[GIVEN[i]!]!.E)).id
const check = (i: number, change: (a: { event: string; batch: string }) => void = () => undefined) => {
  const answer = { event: v.event_receipts[i]!, batch: v.receipt }
  change(answer)
  return receiptCheck(answer, idOf(i), keys)
}

it('events of a batch hold, each with its own verdict', () => {
  const found = GIVEN.map((_, i) => check(i))
  expect(found.map((r) => r.event)).toEqual(GIVEN.map((i) => eventRead(utf8(v.events[i]!.E))))
  expect(found.map((r) => r.verdict)).toEqual(['accept', 'accept'])
  expect([found[0]!.index, found[0]!.recvMs, found[0]!.keyId]).toEqual([2n, 1757203210777, v.log.vkey.split('+')[1]])
})

it('says what state an event gives', () => {
  expect(check(0).event.kind).toBe('visit')
  expect(stateOf(check(0).event)).toBe('met')
})

/** The receipt with other bytes in `extra`. */
const withExtra = (proof: string, change: (extra: string) => string): string => {
  const extra = new TextDecoder().decode(receiptRead(utf8(proof)).extra)
  return proof.replace(/^extra .*$/m, `extra ${Buffer.from(change(extra)).toString('base64')}`)
}

it('refuses whatever was changed on the way', () => {
  const other = receiptRead(utf8(v.event_receipts[1]!))
  const changes: Record<string, (a: { event: string; batch: string }) => void> = {
    'another outcome': (a) => (a.event = withExtra(a.event, (e) => e.replace('"met"', '"gone"'))),
    'another verdict': (a) => (a.batch = withExtra(a.batch, (e) => e.replace('2 reject schema\n', ''))),
    'another event of the batch': (a) => (a.event = v.event_receipts[1]!),
    'the event of another place': (a) => (a.event = a.event.replace(/^index .*$/m, `index ${other.index}`)),
    'another entry': (a) => (a.batch = a.batch.replace(/^index .*$/m, 'index 1')),
    'an entry of another kind': (a) => (a.batch = v.bulletin.receipt),
    'nothing': (a) => (a.batch = ''),
    'a cut one': (a) => (a.batch = a.batch.slice(0, -2)),
    'a signature of another text': (a) => (a.batch = a.batch.replace(/\n3\n/, '\n4\n')),
  }
  for (const [what, change] of Object.entries(changes)) expect(() => check(0, change), what).toThrow()
})

it('refuses another batch of the same device, and a log that it has no key for', () => {
  const another = v.event_receipts[0]!.replace(/(\/b\/01992179-0b88-7d55-b344-5566778899a)a/, '$1b')
  expect(() => receiptCheck({ event: another, batch: v.receipt }, idOf(0), keys)).toThrow()
  const answer = { event: v.event_receipts[0]!, batch: v.receipt }
  for (const other of [[], [{ code: '140521', log: v.log.vkey }], [{ code: '140522', log: v.device.vkey }]])
    expect(() => receiptCheck(answer, idOf(0), other)).toThrow()
})

it('takes a link of the right form only', () => {
  const id = '0193a6f0-0000-7000-8000-000000000000'
  const s = 'AAAAAAAAAAAAAAAAAAAAAA'
  expect(linkRead(`#${id}.${s}`)).toEqual({ id, s })
  for (const bad of ['', '#', `#${id}`, `#${id}.${s}x`, `#${id}.<script>`]) expect(linkRead(bad)).toBeNull()
})
