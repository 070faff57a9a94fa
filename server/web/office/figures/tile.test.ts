// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { beforeEach, expect, it } from 'vitest'
import type { CoverageRow, Figure, PaceFigure } from '@shared/api/figures'
import { i18nMake } from '@shared/i18n'
import FigureTile from './FigureTile.vue'

beforeEach(() => localStorage.setItem('qm.language', 'zh'))

const stage = { prefix: '140522110', basis: 'door', assurance: 'reported', threshold: 10000, from: '2026-10-01', due: '2999-12-31', gap: 41, met: false } as const
const figure: Figure = { state: 'ok', num: 59999, evidenced: 12, den: 60000, refused: 3, percent: 9999, percent_evidenced: 2, target: stage, next: null }
const tooLittle: PaceFigure = { state: 'too_little', week: 7, needed: 1, forecast: null, in_time: null, at_due: null, since: null, next: null }

function tile(f: Figure, pace?: PaceFigure) {
  const row = { code: '140522110204', name: '村', figures: { visited: f }, beside: { door_absent: 4, away: 5 } } as unknown as CoverageRow
  return mount(FigureTile, { props: { row, metric: 'visited', pace }, global: { plugins: [i18nMake()] } })
}

it('a share is cut, both numbers open their lists, and who declined opens none', () => {
  const t = tile(figure, tooLittle)
  expect(t.get('[data-part=percent]').text()).toBe('99.99%')
  expect(t.get('[data-part=num]').attributes('href')).toBe('/office/households?within=140522110204&part=done:visited')
  expect(t.get('[data-part=den]').attributes('href')).toBe('/office/households?within=140522110204&part=homes')
  expect(t.get('[data-part=refused]').element.tagName).toBe('SPAN')
  expect(t.get('[data-part=door_absent]').element.tagName).toBe('A')
  expect(t.text()).toContain('数据太少,暂不预计')
  expect(t.text()).toContain('还差41户,每天1户')
})

it('a forecast says from which day on it reckons', () => {
  const t = tile(figure, { state: 'ok', week: 7, needed: 1, forecast: '2026-12-20', in_time: true, at_due: 10000, since: '2026-11-08', next: null })
  expect(t.text()).toContain('照11月8日以来的进度,预计12月20日完成')
})

it.each([
  ['failed', '统计出错'],
  ['not_computed', '还没统计'],
  ['empty', '没有应办对象'],
] as const)('%s is said in words and is no 0', (state, words) => {
  const t = tile({ ...figure, state, num: null, den: null, evidenced: null, refused: null, percent: null, percent_evidenced: null })
  expect(t.get('[data-part=percent]').text()).toBe(words)
  expect(t.text()).not.toMatch(/0/)
})

it('a zero is a zero', () => {
  expect(tile({ ...figure, num: 0, percent: 0 }).get('[data-part=percent]').text()).toBe('0.00%')
})
