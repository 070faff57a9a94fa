// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest'
import { birthdayOf, dayOfCell, matchGuess, matchRemember, matchRemembered, missing, ready, withCodes, withOwnCodes } from './columns'

beforeEach(() => localStorage.clear())

const idNumber = (digits: string) => {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  return digits + '10X98765432'[weights.reduce((s, w, i) => s + w * Number(digits[i]), 0) % 11]!
}

describe('matching', () => {
  it('knows the headers that offices write', () => {
    const match = matchGuess('households', ['序号', ' 网格编码 ', '户主姓名*', '联系电话(必填)', '村民小组', '门牌号'])
    expect(match).toEqual({ grid: 1, head: 2, phone: 3, group: 4, door: 5 })
    expect(missing('households', match)).toEqual([])
    expect(missing('accounts', matchGuess('accounts', ['账号', '姓名']))).toEqual(['role', 'phone', 'areas'])
  })
  it('takes our own names too', () => {
    expect(matchGuess('residents', ['household', 'resident', 'name'])).toEqual({ household: 0, resident: 1, name: 2 })
  })
  it('remembers what was corrected by hand, by header and not by place', () => {
    matchRemember('households', ['甲', '乙'], { grid: 1, head: 0 })
    expect(matchGuess('households', ['x', '甲', '乙'], matchRemembered('households'))).toMatchObject({ grid: 2, head: 1 })
  })
  it('gives one column of the file away once', () => {
    const match = matchGuess('claims', ['户代码', '责任人', '账号'])
    expect(match).toEqual({ household: 0, account: 1 })
  })
  it('is not confused by what others left in the storage', () => {
    localStorage.setItem('qm.columns.grids', '{"grid":7,"name":"x"}')
    expect(matchRemembered('grids')).toEqual({ name: 'x' })
    localStorage.setItem('qm.columns.grids', 'nonsense')
    expect(matchRemembered('grids')).toEqual({})
  })
})

describe('cells', () => {
  it('days of several hands', () => {
    for (const text of ['2026-03-05', '2026/3/5', '2026.3.5', '2026年3月5日', '20260305', '2026-03-05 00:00:00'])
      expect(dayOfCell(text)).toBe('2026-03-05')
    expect(dayOfCell('2026年3月')).toBe('2026年3月')
  })
  it('birthdays of ID numbers that hold together', () => {
    expect(birthdayOf(idNumber('14052219491231002'))).toBe('1949-12-31')
    expect(birthdayOf(idNumber('14052219490230002'))).toBeNull()
    const good = idNumber('14052219491231002')
    expect(birthdayOf(good.slice(0, 17) + (good[17] === '1' ? '2' : '1'))).toBeNull()
    expect(birthdayOf(good.slice(0, 15))).toBeNull()
  })
})

describe('what is sent', () => {
  it('is in the words of the register, with lines of the file', () => {
    const table = [['网格', '状态', '户主'], ['140522 110204 001', '外出', '<b>=王'], ['', '', ''], ['140522110204001', '怪', '李']]
    const r = ready('households', table, { grid: 0, status: 1, head: 2 })
    expect(r.rows).toEqual([
      ['household', 'grid', 'status', 'head'],
      ['', '140522110204001', 'away', '<b>=王'],
      ['', '140522110204001', '怪', '李'],
    ])
    expect(r.lines).toEqual([1, 2, 4])
  })
  it('never holds an ID number', () => {
    const id = idNumber('14052219491231002')
    const table = [['户代码', '姓名', '身份证号', '出生日期'], ['h', '甲', id, ''], ['h', '乙', '123', ''], ['h', '丙', id, '1950-01-01']]
    const r = ready('residents', table, matchGuess('residents', table[0]!))
    expect(r.rows[0]).toEqual(['resident', 'household', 'name', 'born'])
    expect(r.rows[1]).toEqual(['', 'h', '甲', '1949-12-31'])
    expect(r.faults).toEqual([
      { line: 3, where: 'id_number', fault: 'id_number' },
      { line: 4, where: 'born', fault: 'id_number_born' },
    ])
    expect(r.dropped).toBe(3)
    expect(JSON.stringify(r)).not.toContain('19491231')
  })
  it('misses what must be there, but nobody may be responsible', () => {
    expect(ready('households', [['网格'], ['']], { grid: 0 }).rows).toHaveLength(1)
    expect(ready('grids', [['a', 'b'], ['1', '']], { grid: 0, name: 1 }).faults).toEqual([{ line: 2, where: 'name', fault: 'needed' }])
    expect(ready('claims', [['a', 'b'], ['h', '']], { household: 0, account: 1 }).faults).toEqual([])
  })
  it('comes back as the own file with codes in front and no ID numbers', () => {
    const table = [['网格', '身份证号', '备注'], ['1', 'x', 'n'], ['', '', ''], ['2', 'y']]
    expect(withCodes(table, { grid: 0, id_number: 1 }, [1, 2, 4], ['A', 'B'], 'household')).toEqual([
      ['household', '网格', '备注'], ['A', '1', 'n'], ['B', '2', ''],
    ])
  })
})

it('residents name their household by code or by the village’s own number', () => {
  const table = [['户号', '村代码', '姓名'], ['12-3', '140522110204', '王五'], ['', '140522110204', '赵六']]
  const match = matchGuess('residents', table[0]!)
  expect(missing('residents', match)).toEqual([])
  expect(missing('residents', { name: 0 })).toEqual(['household'])
  const out = ready('residents', table, match)
  expect(out.rows[1]).toEqual(['', '', '12-3', '140522110204', '王五'])
  expect(out.faults).toEqual([{ line: 3, where: 'household', fault: 'needed' }])
})

it('rows without a code get one, rows with one keep it', () => {
  const made = { rows: [['resident', 'name'], ['', '甲'], ['kept', '乙'], ['', '丙']], lines: [1, 2, 3, 4], faults: [], dropped: 0 }
  let n = 0
  expect(withOwnCodes(made, 'resident', () => `new${++n}`).rows).toEqual([['resident', 'name'], ['new1', '甲'], ['kept', '乙'], ['new2', '丙']])
  expect(withOwnCodes(made, '', () => 'x')).toBe(made)
})
