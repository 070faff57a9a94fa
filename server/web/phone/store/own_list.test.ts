import { describe, expect, test } from 'vitest'
import type { HouseholdView, ResidentView } from '@qiaomen/sdk'
import { complaintLines, phonesIn } from '@shared/complaints'
import { filtered, findable, groupsOf, lookOf, ownFigures, type DoorFilter } from './doors'
import { cellForPeople as cell } from '@shared/csv_cell'
import { listCsv, listText } from './own_list'

function person(name: string, more: Partial<ResidentView> = {}): ResidentView {
  return {
    resident: name, household: '', name, phone: '', born: '1980-01-01', status: 'counted', groups: [], inAge: true, waiting: 0, local: false,
    state: 'none_yet', real_name: false, call_alert: false, sms_alert: false, ...more,
  }
}
function home(more: Partial<HouseholdView> = {}): HouseholdView {
  return {
    household: 'x', grid: '', place: 'home', status: 'counted', group: '三组', lane: '东街', door_label: '8号', head: '王建国', phone: '138****0000',
    residents: [person('王建国'), person('李娟')], open: ['visit', 'notice', 'pledge', 'app'], waiting: 0, held: 0, rejected: 0, correcting: false, local: false,
    lastAt: 0, visited: false, reached: false, notice: 'none', pledge: 'none', door: 'none_yet', ...more,
  }
}
const done = home({ group: '一组', head: '赵六', residents: [person('赵六', { state: 'installed' })], open: [], visited: true, reached: true, notice: 'left', pledge: 'signed', door: 'met', lastAt: 500 })
const all: DoorFilter = { which: 'all', group: '', text: '', todayMs: 400 }

describe('the list of doors', () => {
  test.each(['三组', '王建', 'wjg', 'WJ', 'lj', '东街8号', '三组老王家', '8号', '0000'])('%s is found', (text) => expect(findable(home(), text)).toBe(true))
  test.each(['四组', '赵', 'zl', '三组老李头', 'jg'])('%s is not', (text) => expect(findable(home(), text)).toBe(false))

  test('what is left, what was done today, by group', () => {
    const list = [home(), done]
    expect(filtered(list, { ...all, which: 'left' })).toEqual([list[0]])
    expect(filtered(list, { ...all, which: 'today' })).toEqual([done])
    expect(filtered(list, { ...all, group: '一组' })).toEqual([done])
    expect(groupsOf(list)).toEqual([{ group: '三组', left: 1 }, { group: '一组', left: 0 }])
    // A group without a name would be a second “all”.
    expect(groupsOf([...list, home({ group: '' })])).toEqual(groupsOf(list))
  })

  test('a door is looked for among all of them, and the choice is back behind it', () => {
    const list = [home(), done]
    const left: DoorFilter = { ...all, which: 'left', group: '三组' }
    expect(filtered(list, { ...left, text: '赵六' })).toEqual([done])
    expect(filtered(list, { ...left, which: 'waiting', text: 'zl' })).toEqual([done])
    expect(filtered(list, { ...left, text: ' ' })).toEqual([list[0]])
    expect(filtered(list, { ...left, text: '孙七' })).toEqual([])
  })

  test('one word and colour for each state', () => {
    expect(lookOf(done)).toEqual({ mark: 'done', tone: 'good' })
    expect(lookOf(home({ visited: true, door: 'met', open: ['pledge'] }))).toEqual({ mark: 'part', tone: 'wait' })
    expect(lookOf(home({ door: 'gone' }))).toEqual({ mark: 'gone', tone: 'away' })
    expect(lookOf(home())).toEqual({ mark: 'none_yet', tone: 'plain' })
  })

  test('own figures count as the office does', () => {
    const away = home({ status: 'away', reached: true })
    const shop = home({ place: 'shop', visited: true, reached: true })
    const old = home({ residents: [person('老人', { inAge: false, state: 'installed' })] })
    const got = Object.fromEntries(ownFigures([home(), done, away, shop, old]).map((f) => [f.metric, [f.num, f.den]]))
    expect(got).toEqual({ visited: [1, 3], reached: [2, 4], notice_delivered: [1, 3], pledge: [1, 3], app: [1, 3] })
  })
})

describe('the own list leaves the phone', () => {
  const names = {
    columns: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'] as const,
    door: () => '还没去', notice: () => '无', pledge: () => '无', yes: '是', no: '否',
  }
  test('as a table that no spreadsheet takes for formulas', () => {
    expect(cell('=1+1')).toBe("'=1+1")
    expect(cell('a,"b"')).toBe('"a,""b"""')
    expect(listCsv([home({ head: '@王' })], names)).toBe("\ufeffa,b,c,d,e,f,g,h,i\r\n三组,东街,8号,'@王,还没去,否,无,无,0/2\r\n")
  })
  test('in which nobody stands as one who refused', () => {
    const plain = { ...names, door: (h: HouseholdView) => h.door, notice: (h: HouseholdView) => h.notice, pledge: (h: HouseholdView) => h.pledge }
    const refused = home({ door: 'refused', notice: 'refused', pledge: 'refused', residents: [person('王', { state: 'refused' })] })
    const same = home({ residents: [person('王')] })
    expect(listCsv([refused], plain)).toBe(listCsv([same], plain))
  })
  test('as a text without a name', () => {
    const text = listText([home(), done], '进度', (f) => `${f.metric} ${f.num}/${f.den}`, (g, n) => `${g} ${n}`)
    expect(text.split('\n')).toEqual(['进度', 'visited 1/2', 'reached 1/2', 'notice_delivered 1/2', 'pledge 1/2', 'app 1/3', '三组 1'])
    expect(text).not.toContain('王')
  })
})

test('whom to call stands in the notice', () => {
  const body = '一、记住\n四、拨打96110\n咨询电话03561234567  意见投诉13800000000\n某镇平安办'
  expect(complaintLines(body)).toEqual(['咨询电话03561234567  意见投诉13800000000'])
  expect(phonesIn('咨询电话03561234567 投诉 96110')).toEqual(['03561234567', '96110'])
  expect(complaintLines('咨询、意见和投诉:本村村委会')).toHaveLength(1)
})
