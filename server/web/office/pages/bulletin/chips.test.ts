import { expect, it } from 'vitest'
import { chipsFor, metricPart, segments, source } from './chips'

it('text and chips come back as they were', () => {
  for (const text of ['', '应访{due}户,{visited_percent};', '{a}{b}', 'x {{ y } {Z} {', '{{due}', '多行\n{due}'])
    expect(source(segments(text))).toBe(text.replace('{Z}', '{{Z}').replace(/\{$/, '{{'))
  expect(segments('应访{due}户')).toEqual([{ text: '应访' }, { chip: 'due' }, { text: '户' }])
})

it('a brace that somebody types is no placeholder', () => {
  expect(source([{ text: '{due}' }])).toBe('{{due}')
})

it('numbers stand in paragraphs only, and only those of the rule', () => {
  expect(chipsFor('title', ['visited'])).not.toContain('visited')
  expect(chipsFor('overall', ['visited'])).toContain('visited_percent')
  expect(chipsFor('praise', ['visited'])).toContain('decided')
  expect(chipsFor('title', ['visited'])).not.toContain('decided')
  expect(chipsFor('overall', ['visited'])).not.toContain('app_percent')
})

it('takes names of metrics apart', () => {
  expect(metricPart('app_real_name_percent')).toEqual({ metric: 'app_real_name', part: 'percent' })
  expect(metricPart('visited')).toEqual({ metric: 'visited', part: '' })
  expect(metricPart('visits')).toBeNull()
  expect(metricPart('target_day')).toBeNull()
})
