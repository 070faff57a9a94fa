import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { initials } from './initials'

describe('initials of names', () => {
  test.each([
    ['王建国', 'wjg'],
    ['老王家', 'lwj'],
    ['张三', 'zs'],
    ['阿依古丽', 'aygl'],
    ['曾庆红', 'zqh'],
    ['单田芳', 'stf'],
    ['赵 Li', 'zli'],
    ['三组', 'sz'],
    ['刘荣', 'lr'],
    ['龙瑞吕', 'lrl'],
    ['他如达搭', 'trdd'],
    ['梅苏仁', 'msr'],
    ['', ''],
  ])('%s is %s', (name, want) => expect(initials(name)).toBe(want))
})

test('surnames are read as the server reads them', () => {
  const source = readFileSync(new URL('../../../domain/find.c', import.meta.url), 'utf8')
  const table = [...source.matchAll(/\{0x([0-9A-F]{4}) \/\* (.) \*\/, '([a-z])'\}/gu)]
  expect(table.length).toBeGreaterThan(20)
  for (const [, code, shown, letter] of table) {
    expect(String.fromCodePoint(parseInt(code!, 16))).toBe(shown)
    expect(initials(shown!)).toBe(letter)
  }
})
