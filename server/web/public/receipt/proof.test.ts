import { expect, it } from 'vitest'
import { linkRead, recordedRead } from './proof'

const proof = (extra: string, index: string) =>
  `c2sp.org/tlog-proof@v1\nextra ${btoa(extra)}\nindex ${index}\nAAAA\n\nnote\n`
const event = (more: string) => proof(`{"v":1,"kind":"visit","at":1795000000000,${more}}`, '3')

it('reads what is recorded and where', () => {
  expect(recordedRead(event('"outcome":"met"'), proof('batch', '47'))).toEqual({
    kind: 'visit',
    at: 1795000000000,
    state: 'met',
    index: 47,
  })
  const notice = proof('{"kind":"notice","at":1}', '0')
  expect(recordedRead(notice, proof('x', '0')).state).toBe('signed')
})

it('refuses what is not of the form', () => {
  const good = event('"outcome":"met"')
  for (const bad of ['', 'index 1', proof('{}', '1'), proof('[', '1'), proof('{"kind":"visit","at":-1}', '1')])
    expect(() => recordedRead(bad, proof('x', '1'))).toThrow()
  for (const bad of ['', proof('x', '-1'), proof('x', '01'), proof('x', '9007199254740993')])
    expect(() => recordedRead(good, bad)).toThrow()
})

it('takes a link of the right form only', () => {
  const id = '0193a6f0-0000-7000-8000-000000000000'
  const s = 'AAAAAAAAAAAAAAAAAAAAAA'
  expect(linkRead(`#${id}.${s}`)).toEqual({ id, s })
  for (const bad of ['', '#', `#${id}`, `#${id}.${s}x`, `#${id}.<script>`]) expect(linkRead(bad)).toBeNull()
})
