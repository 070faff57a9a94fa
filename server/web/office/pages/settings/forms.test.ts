import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { BODY_BYTES_MAX, inUse, textFault, textRowsOf, TITLE_BYTES_MAX, versionNew, type TextRow } from './texts'
import { codeNew, moved, trimmed, wordFault, wordRowsOf } from './word_rows'

const sample = (name: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, '../../../../../deploy/sample', name), 'utf8'))
const text = (code: string, more: Partial<TextRow> = {}): TextRow => ({ text: code, kind: 'pledge', basis: 'household', title: '承诺书', body: '一、', ...more })

it('what is shipped comes back as it was', () => {
  expect(trimmed(wordRowsOf(sample('topics.json')))).toEqual(sample('topics.json'))
  expect(textRowsOf(sample('texts.json'))).toEqual(sample('texts.json'))
  expect([wordRowsOf(null), textRowsOf(undefined)]).toEqual([[], []])
})

it('rows go up and down within the list', () => {
  expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c'])
  expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b'])
  expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b'])
  expect(moved(['a', 'b'], 1, 1)).toEqual(['a', 'b'])
})

it('a new row has a code that nothing has', () => {
  expect(codeNew('topic', [])).toBe('topic-1')
  expect(codeNew('topic', ['topic-1', 'topic-3'])).toBe('topic-2')
})

it('words are there, once, and within the bytes that are kept', () => {
  const rows = [{ code: 'a', zh: '刷单' }, { code: 'b', zh: ' 刷单 ' }, { code: 'c', zh: ' ' }, { code: 'd', zh: '长'.repeat(41) }, { code: 'e', zh: '好', en: '' }]
  expect(rows.map((_r, i) => wordFault(rows, i, 120))).toEqual(['twice', 'twice', 'empty', 'long', 'empty'])
  expect(wordFault([{ code: 'a', zh: '长'.repeat(40), en: 'long' }], 0, 120)).toBeNull()
})

it('a new version sorts behind every one of its kind, so that phones take it', () => {
  const rows = [text('pledge-2026-1'), text('notice-2027-1', { kind: 'notice' })]
  expect(versionNew('pledge', rows, 2026)).toBe('pledge-2026-2')
  expect(versionNew('pledge', rows, 2027)).toBe('pledge-2027-1')
  expect(versionNew('letter', rows, 2026)).toBe('letter-2026-1')
  let all = [text('pledge-2026-9')]
  for (let i = 0; i < 20; i++) {
    const code = versionNew('pledge', all, 2026)
    expect(code > all[all.length - 1]!.text, code).toBe(true)
    expect(code).toMatch(/^[a-z0-9][a-z0-9_-]{0,39}$/)
    all = [...all, text(code)]
  }
  // A clock that goes back a year, or a code of the office's own.
  expect(versionNew('pledge', [text('pledge-2026-3')], 2025) > 'pledge-2026-3').toBe(true)
  expect(versionNew('pledge', [text('zhang')], 2026) > 'zhang').toBe(true)
})

it('of each kind the last is in use', () => {
  const rows = [text('pledge-2026-2'), text('pledge-2026-1'), text('notice-2026-1', { kind: 'notice' })]
  expect(rows.map((r) => inUse(rows, r))).toEqual([true, false, true])
})

it('a text has a title and a body, each as long as is kept', () => {
  expect(textFault(text('a'))).toBeNull()
  expect(textFault(text('a', { title: ' ' }))).toBe('title_empty')
  expect(textFault(text('a', { title: '字'.repeat(Math.floor(TITLE_BYTES_MAX / 3) + 1) }))).toBe('title_long')
  expect(textFault(text('a', { body: '' }))).toBe('body_empty')
  expect(textFault(text('a', { body: '字'.repeat(Math.floor(BODY_BYTES_MAX / 3) + 1) }))).toBe('body_long')
})
