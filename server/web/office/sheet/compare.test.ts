import { expect, it } from 'vitest'
import type { ListedHousehold } from '@shared/api/office'
import { compare, doorKey } from './compare'
import { faultWords } from './fault_words'
import { saysDone } from './says'

const home = (household: string, more: Partial<ListedHousehold>): ListedHousehold => ({
  household, grid: '140522110204001', place: 'home', status: 'counted', visits: 0, visited: false, reached: false,
  notice: 'none', pledge: false, ...more,
})

it('finds doors however they are written, then people by what the register shows of them', () => {
  const here = [
    home('a', { group: '三组', lane: '东街', door: '12号', visited: true }),
    home('b', { group: '一组', lane: '', door: '', head: '王**', phone: '139****0002' }),
    home('c', { group: '一组', door: '9号' }),
    home('d', { status: 'merged', door: '1' }),
  ]
  const table = [
    ['组', '街', '门牌', '户主', '电话', '已入户'],
    ['3组', '东街', '12', '张某', '', '是'],
    ['', '', '', '王小五', '13912340002', '√'],
    ['', '', '', '', '', ''],
    ['五组', '', '7', '赵某', '', '是'],
  ]
  const got = compare(table, { group: 0, lane: 1, door: 2, head: 3, phone: 4, visited: 5 }, here)
  expect(got.onlyOwn.map((o) => o.line)).toEqual([5])
  expect(got.onlyHere.map((h) => h.household)).toEqual(['c'])
  expect(got.differs.map((d) => [d.line, d.here.household, d.own])).toEqual([[3, 'b', true]])
  expect(got.same).toBe(1)
})

it.each([
  ['一组', '1组'], ['十组', '10组'], ['十一组', '11组'], ['第二十组', '20组'], ['廿三队', '23队'], ['九十九组', '99组'], ['一百组', '100组'],
  ['十一村民小组', '11组'], ['一○组', '一○组'],
])('%s is %s, and no other group', (written, digits) => {
  expect(doorKey(written, '东街', '1')).toBe(doorKey(digits, '东街', '1号'))
  expect(doorKey(written, '东街', '1')).not.toBe(doorKey('110组', '东街', '1'))
})

it('a lane that is called by a number stays what it is', () => {
  expect(doorKey('', '十里铺', '1')).toBe('十里铺1')
})

it('one line of the register answers one line of the sheet', () => {
  const got = compare([['门牌'], ['1号'], ['1']], { door: 0 }, [home('a', { door: '1号' })])
  expect([got.same, got.onlyOwn.length]).toEqual([1, 1])
})

it('reads yes and no of several hands', () => {
  for (const yes of ['是', '√', '1', '已入户', '2026-11-02']) expect(saysDone(yes)).toBe(true)
  for (const no of ['', '否', '0', '×', '未入户', '没去']) expect(saysDone(no)).toBe(false)
})

it('says the server\u2019s faults in the office\u2019s words, and what it does not know as it is', () => {
  expect(faultWords('"x" is no grid of 140522: 15 digits, the village\'s 12 and 3 more', 'zh')).toContain('“x”不是网格代码')
  expect(faultWords('something new', 'zh')).toBe('something new')
  expect(faultWords('is empty', 'en')).toBe('is empty')
})
