import { compose, eventRead, type HouseholdView, type QmEvent, type RecordDraft, type ResidentView } from '@qiaomen/sdk'
import { describe, expect, it } from 'vitest'
import { CARRIED_ROWS_MAX, carriedCounts, carriedDrafts, carriedLacks, carriedPlan, type CarriedPlan } from './carried'
import { matchGuess } from './columns'
import { csvRead } from './csv'
import { alertSays, cellSays } from './says'

const TODAY = '2026-11-22'
const GRID = '140522110204001'
const code = (letter: string) => letter + 'A'.repeat(21)
const PHOTO = 'ab'.repeat(32)
const PAPERS = { noticeText: 'notice-2026-1', pledgeText: 'pledge-2026-1', evidence: [PHOTO] }

function who(letter: string, name: string, more: Partial<ResidentView> = {}): ResidentView {
  return {
    resident: code(letter), household: '', name, phone: '', born: '1980-01-01', status: 'counted', groups: [], inAge: true, waiting: 0,
    local: false, state: 'none_yet', real_name: false, call_alert: false, sms_alert: false, ...more,
  }
}
function home(letter: string, door: string, head: string, more: Partial<HouseholdView> = {}): HouseholdView {
  return {
    household: code(letter), grid: GRID, place: 'home', status: 'counted', group: '三组', lane: '东街', door_label: door, head, phone: '',
    residents: [], open: [], waiting: 0, held: 0, rejected: 0, correcting: false, local: false, lastAt: 0,
    visited: false, reached: false, notice: 'none', pledge: 'none', door: 'none_yet', ...more,
  }
}
const HERE = [
  home('B', '1号', '王五', { residents: [who('P', '王五'), who('Q', '李四')] }),
  home('C', '2号', '赵六', { residents: [who('R', '赵小', { born: '2015-01-01' }), who('S', '赵六', { status: 'dead' })] }),
  home('D', '3号', '<img src=x>', { residents: [who('T', '=1+1')] }),
  home('E', '4号', '王五', { residents: [who('U', '𠮷田', { state: 'later' })] }),
]

function plan(kind: 'carried_households' | 'carried_residents', sheet: string, here = HERE): CarriedPlan {
  const table = csvRead(sheet)
  return carriedPlan(kind, table, matchGuess(kind, table[0]!), here, TODAY)
}
const houses = (sheet: string, here = HERE) => plan('carried_households', sheet, here)
const people = (sheet: string, here = HERE) => plan('carried_residents', sheet, here)
const faults = (p: CarriedPlan) => p.faults.map((f) => `${f.line} ${f.where} ${f.fault}`)
/** As the contract sees them: what does not fit throws. */
function events(p: CarriedPlan): QmEvent[] {
  return carriedDrafts(p.rows, PAPERS).map(({ kind, members, hidden }: RecordDraft, i) => {
    // What the client adds to each kind.
    const usual = kind === 'visit' ? { topics: [], near: 'unknown', secs: 0 } : { evidence: [] }
    const draft = { ...usual, ...members, kind } as Parameters<typeof compose>[0]
    return eventRead(compose(draft, hidden, { seq: i, at: i }, (n) => new Uint8Array(n), 1_790_000_000_000).e)
  })
}

describe('a list of households', () => {
  it('becomes records that say they are carried over and of which day', () => {
    const p = houses('组,街巷,门牌,户主,入户日期,告知书,承诺书,经办人\n3组,东街,1,王五,2026/3/5,2026年3月6日,是,孙干部\n')
    expect(p.faults).toEqual([])
    const [visit, notice, pledge] = events(p)
    expect(visit).toMatchObject({ kind: 'visit', outcome: 'met', via: 'carried', done: '20260305', grid: GRID, household: code('B') })
    expect(notice).toMatchObject({ kind: 'notice', via: 'carried', done: '20260306', text: 'notice-2026-1', evidence: [] })
    expect(pledge).toMatchObject({ kind: 'pledge', via: 'carried', resident: code('P'), evidence: [PHOTO] })
    expect(pledge).not.toHaveProperty('done')
    expect(carriedDrafts(p.rows, PAPERS)[2]!.hidden).toEqual({ signer: '王五', note: '孙干部' })
  })

  it('makes nothing of what is known already, nor against what was seen since', () => {
    const sheet = '门牌,街巷,组,入户,告知书,承诺书\n1号,东街,3组,是,是,是\n'
    const here = (more: Partial<HouseholdView>) => [home('B', '1号', '王五', { residents: [who('P', '王五')], ...more })]
    expect(houses(sheet, here({ visited: true, notice: 'signed', pledge: 'signed' })).rows[0]).toMatchObject({ deeds: [], known: 3 })
    expect(houses(sheet, here({ notice: 'left', pledge: 'withdrawn' })).rows[0]!.deeds.map((d) => d.kind)).toEqual(['visit', 'notice'])
    expect(houses(sheet.replaceAll('是', '留置'), here({ notice: 'left' })).rows[0]!.deeds.map((d) => d.kind)).not.toContain('notice')
    expect(houses(sheet, here({ pledge: 'refused', notice: 'refused' })).rows[0]!.deeds).toHaveLength(3)
  })

  it('says of each line what is wrong with it', () => {
    const p = houses(
      [
        '户代码,组,街巷,门牌,户主,入户日期,承诺书,签字人',
        `,3组,东街,9号,王五,是,,`,
        `,,,,王五,是,,`,
        `,,,,,是,,`,
        `,3组,东街,1号,赵六,是,,`,
        `,3组,东街,1号,王五,2026-02-30,,`,
        `,3组,东街,1号,王五,2026-11-23,,`,
        `,3组,东街,1号,王五,1999-12-31,,`,
        `,3组,东街,1号,王五,去过吧,,`,
        `,3组,东街,1号,王五,,是,张三`,
        `,3组,东街,2号,赵六,,是,赵小`,
        `,3组,东街,2号,赵六,,是,`,
        `${code('Z')},,,,,是,,`,
        `,3组,东街,1号,王五,是,,`,
        `${code('B')},,,,,是,,`,
        ',,,,,,,',
      ].join('\n'),
    )
    expect(faults(p)).toEqual([
      '2 door unknown_household', '3 head ambiguous_household', '4 door no_household', '5 head other_head', '6 visited day',
      '7 visited future', '8 visited early', '9 visited cell', '10 signer unknown_signer', '11 signer minor', '12 signer no_signer',
      '13 household unknown_household', '15 door twice',
    ])
    expect(p.faults.find((f) => f.fault === 'twice')!.value).toBe('14')
  })

  it('two doors that are written alike are told apart by the head, or not at all', () => {
    const here = [home('B', '1号', '王五'), home('C', '1号', '赵六')]
    expect(houses('组,街巷,门牌,户主,入户\n3组,东街,1号,赵六,是', here).rows[0]!.home.household).toBe(code('C'))
    expect(faults(houses('组,街巷,门牌,入户\n3组,东街,1号,是', here))).toEqual(['2 door ambiguous_household'])
  })

  it('takes names for names, whatever they look like', () => {
    const p = houses('户主,入户\n<img src=x>,是\n=王五,是\n__proto__,是\n')
    expect(p.rows.map((r) => r.home.household)).toEqual([code('D')])
    expect(faults(p)).toEqual(['3 head unknown_household', '4 head unknown_household'])
  })

  it('is refused as a whole when it is too long', () => {
    const sheet = '户主,入户\n' + '王五,是\n'.repeat(CARRIED_ROWS_MAX + 1)
    expect(houses(sheet)).toMatchObject({ rows: [], faults: [{ line: 0, fault: 'too_many' }] })
  })
})

describe('a list of residents', () => {
  it('becomes records of the app, with alerts that a phone does not offer', () => {
    const p = people('姓名,安装日期,实名,来电预警,短信预警\n李四,2026.4.1,是,开,不支持\n=1+1,是,否,,\n')
    expect(p.faults).toEqual([])
    const [one, two] = events(p)
    expect(one).toMatchObject({
      kind: 'app', resident: code('Q'), household: code('B'), state: 'installed', real_name: true, call_alert: true, sms_alert: false,
      na: ['sms_alert'], via: 'carried', done: '20260401',
    })
    expect(two).toMatchObject({ resident: code('T'), real_name: false, call_alert: false })
    expect(two).not.toHaveProperty('na')
  })

  it('leaves alone who has a state, and who did not install it', () => {
    const p = people('姓名,安装\n𠮷田,是\n李四,未安装\n')
    expect(carriedCounts(p.rows)).toEqual({ visit: 0, notice: 0, pledge: 0, app: 0, known: 1 })
  })

  it('asks which of two of one name it is', () => {
    const here = [home('B', '1号', '王五', { residents: [who('P', '王芳')] }), home('C', '2号', '赵六', { residents: [who('Q', '王 芳')] })]
    expect(faults(people('姓名,安装\n王芳,是\n无名,是\n,是\n', here))).toEqual([
      '2 name ambiguous_resident', '3 name unknown_resident', '4 name no_resident',
    ])
    expect(people('组,街巷,门牌,姓名,安装\n3组,东街,2,王芳,是', here).rows[0]!.deeds[0]).toMatchObject({ resident: code('Q') })
    expect(faults(people(`人员代码,姓名,安装,短信预警\n${code('P')},,是,也许\n${code('P')},,是,\n${code('P')},,是,`, here))).toEqual([
      '2 sms_alert cell', '4 name twice',
    ])
  })
})

it('asks for the columns without which nothing can be said', () => {
  expect(carriedLacks('carried_households', { by: 0 })).toEqual(['who', 'what'])
  expect(carriedLacks('carried_households', { head: 0, pledge: 1 })).toEqual([])
  expect(carriedLacks('carried_residents', { name: 0 })).toEqual(['what'])
})

it('reads what offices write into a cell', () => {
  for (const yes of ['是', '√', '1', '已入户', 'Y', '完成']) expect(cellSays(yes, TODAY)).toEqual({ done: true })
  for (const no of ['', '否', '×', '未入户', '没有', '不在家', '拒签', '0']) expect(cellSays(no, TODAY)).toEqual({ done: false })
  expect(cellSays('20260305', TODAY)).toEqual({ done: true, day: '2026-03-05' })
  expect(cellSays(TODAY, TODAY)).toEqual({ done: true, day: TODAY })
  expect(cellSays('留置', TODAY)).toEqual({ done: true, left: true })
  expect(cellSays('3月5日', TODAY)).toEqual({ fault: 'cell' })
  expect(['开', '', '不支持', '也许'].map(alertSays)).toEqual(['yes', 'no', 'na', null])
})
