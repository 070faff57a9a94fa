import { expect, it } from 'vitest'
import { PRESETS } from './settings'
import { differences } from './settings_diff'
import { settingsWords } from './settings_words'

const target = { metric: 'visited', prefix: '140522', basis: 'door', threshold: 4000, from: '2026-01-01', due: '2026-03-31', assurance: 'reported' }
const keys = (kind: 'targets' | 'rule' | 'topics' | 'texts', before: unknown, now: unknown) => differences(kind, before, now).map((d) => d.key)

it('targets that came, went, and were set higher', () => {
  const higher = { ...target, threshold: 5050 }
  const other = { ...target, metric: 'app' }
  expect(differences('targets', [target, other], [higher])).toEqual([
    { key: 'target_changed', values: { metric: 'visited', prefix: '140522', percent: '50.5', from: '2026-01-01', due: '2026-03-31', old: '40' } },
    expect.objectContaining({ key: 'target_removed' }),
  ])
  expect(keys('targets', [], [target])).toEqual(['target_added'])
  expect(keys('targets', [target, other], [other, target])).toEqual([])
})

it('a rule, metric by metric', () => {
  expect(keys('rule', PRESETS.visits, PRESETS.plan)).toEqual([
    'rule_criticised', 'metric_weight', 'metric_weight', 'metric_weight', 'metric_ranked', 'metric_public', 'metric_weight', 'metric_added', 'rule_escalation',
  ])
  expect(keys('rule', PRESETS.plan, PRESETS.plan)).toEqual([])
})

it('topics and texts by their codes', () => {
  expect(keys('topics', [{ code: 'a1', zh: '甲' }], [{ code: 'a1', zh: '乙' }, { code: 'b1', zh: '丙' }])).toEqual(['topic_changed', 'topic_added'])
  const one = { text: 'n-1', kind: 'notice', basis: 'household', title: '告知书', body: '一' }
  expect(keys('texts', [one], [{ ...one, body: '二', title: '新' }])).toEqual(['text_title', 'text_body'])
  expect(keys('texts', [one], [])).toEqual(['text_removed'])
})

it('every difference has words, and nothing breaks on what is no setting', () => {
  const known = Object.keys((settingsWords.zh as unknown as { diff: Record<string, string> }).diff)
  const all = [
    ...['added', 'removed', 'changed'].flatMap((k) => [`target_${k}`, `topic_${k}`]), ...['level', 'assurance', 'order', 'minimum', 'commended', 'criticised', 'escalation'].map((k) => `rule_${k}`),
    ...['added', 'removed', 'changed', 'ranked', 'unranked', 'public', 'private', 'weight'].map((k) => `metric_${k}`), ...['added', 'removed', 'title', 'body', 'kind', 'basis'].map((k) => `text_${k}`),
  ]
  for (const key of all) expect(known).toContain(key)
  for (const kind of ['targets', 'rule', 'topics', 'texts'] as const) expect(() => differences(kind, null, 7)).not.toThrow()
})
