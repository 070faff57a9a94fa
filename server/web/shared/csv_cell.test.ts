import { expect, it } from 'vitest'
import { cellForPeople, cellHarmless, cellQuoted } from './csv_cell'

it('nothing is computed, also behind spaces and tabs', () => {
  for (const cell of ['=1+1', '+86', '-2', '@x', '\tx', '\rx', ' =1', '\u00a0+1', '\n=1']) expect(cellHarmless(cell)).toBe(`'${cell}`)
  for (const cell of ['王=某', '', '3-2', 'a@b']) expect(cellHarmless(cell)).toBe(cell)
  expect([cellForPeople(-2), cellForPeople('-2'), cellForPeople(0)]).toEqual(['-2', "'-2", '0'])
})

it('separators, quotes, ends of lines and outer spaces are quoted', () => {
  expect(['a,b', 'a"b', 'a\nb', ' a', 'a'].map(cellQuoted)).toEqual(['"a,b"', '"a""b"', '"a\nb"', '" a"', 'a'])
})
