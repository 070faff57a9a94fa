import { expect, it } from 'vitest'
import { Problem, problemWords } from './problem'

it('says what to do as the server says it, whatever the code', () => {
  for (const code of ['too-large', 'unsupported', 'conflict', 'malformed'])
    expect(problemWords(new Problem(code, 413, '内容太大', null, '请分成几个文件'))).toEqual({ key: 'problem.detail', values: { detail: '请分成几个文件' } })
  expect(problemWords(new Problem('too-large', 413, '内容太大'))).toEqual({ key: 'problem.other', values: { title: '内容太大' } })
})

it('a stopped ledger is not a busy server', () => {
  expect(problemWords(new Problem('log-stopped', 503, 'x', 60))).toEqual({ key: 'problem.log_stopped', values: {} })
  expect(problemWords(new Problem('overload', 503, 'x', 60))).toEqual({ key: 'problem.overload', values: { seconds: 60 } })
})
