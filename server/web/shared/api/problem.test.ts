import { expect, it } from 'vitest'
import { againHelps, Problem, problemWords } from './problem'

it('says what to do as the server says it, whatever the code', () => {
  for (const code of ['too-large', 'unsupported', 'conflict', 'malformed'])
    expect(problemWords(new Problem(code, 413, '内容太大', null, '请分成几个文件'))).toEqual({ key: 'problem.detail', values: { detail: '请分成几个文件' } })
  expect(problemWords(new Problem('too-large', 413, '内容太大'))).toEqual({ key: 'problem.other', values: { title: '内容太大' } })
})

it('a stopped ledger is not a busy server', () => {
  expect(problemWords(new Problem('log-stopped', 503, 'x', 60))).toEqual({ key: 'problem.log_stopped', values: {} })
  expect(problemWords(new Problem('overload', 503, 'x', 60))).toEqual({ key: 'problem.overload', values: { seconds: 60 } })
})

it('asking again is offered where it can help, and not where it was refused', () => {
  for (const [code, status] of [['offline', 0], ['timeout', 0], ['overload', 503], ['quota-exceeded', 429], ['internal', 500], ['unknown-key', 401]] as const)
    expect(againHelps(new Problem(code, status, 'x')), code).toBe(true)
  for (const [code, status] of [['forbidden', 403], ['not-found', 404], ['malformed', 400], ['conflict', 409]] as const)
    expect(againHelps(new Problem(code, status, 'x')), code).toBe(false)
  expect(againHelps(new TypeError('x'))).toBe(true)
})
