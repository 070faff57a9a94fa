// What changed between two versions of a setting, as keys of words with their values: nobody should have
// to compare two JSON texts.
import type { SettingKind } from '@shared/api/office'
import type { Target } from './settings'

export interface Difference {
  /** Below `diff` of the words. */
  key: string
  values: Record<string, string>
}

type Plain = Record<string, unknown>
const list = (value: unknown): Plain[] => (Array.isArray(value) ? (value as Plain[]) : [])
const text = (value: unknown): string => (value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value))
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** Rows that came, went or changed, told apart by what names a row. */
function rows(before: Plain[], now: Plain[], name: (row: Plain) => string, tell: (key: 'added' | 'removed' | 'changed', row: Plain, old: Plain) => Difference[]): Difference[] {
  const old = new Map(before.map((r) => [name(r), r]))
  const kept = new Set(now.map(name))
  return [
    ...now.flatMap((r) => {
      const was = old.get(name(r))
      return was === undefined ? tell('added', r, r) : same(was, r) ? [] : tell('changed', r, was)
    }),
    ...before.filter((r) => !kept.has(name(r))).flatMap((r) => tell('removed', r, r)),
  ]
}

function targets(before: unknown, now: unknown): Difference[] {
  const said = (r: Plain) => {
    const x = r as unknown as Target
    return { metric: x.metric, prefix: x.prefix, percent: String(x.threshold / 100), from: x.from, due: x.due }
  }
  return rows(list(before), list(now), (r) => `${text(r['metric'])} ${text(r['prefix'])} ${text(r['due'])}`, (key, r, old) => [
    { key: `target_${key}`, values: { ...said(r), old: String(Number(old['threshold']) / 100) } },
  ])
}

function rule(before: unknown, now: unknown): Difference[] {
  const a = (before ?? {}) as Plain
  const b = (now ?? {}) as Plain
  const plain = ['level', 'assurance', 'order', 'minimum', 'commended', 'criticised'].filter((k) => !same(a[k], b[k]))
  const metrics = rows(list(a['metrics']), list(b['metrics']), (m) => text(m['name']), (key, m, old): Difference[] =>
    key !== 'changed'
      ? [{ key: `metric_${key}`, values: { metric: text(m['name']) } }]
      : [
          ...(same(m['ranked'], old['ranked']) ? [] : [{ key: m['ranked'] === true ? 'metric_ranked' : 'metric_unranked', values: { metric: text(m['name']) } }]),
          ...(same(m['public'], old['public']) ? [] : [{ key: m['public'] === true ? 'metric_public' : 'metric_private', values: { metric: text(m['name']) } }]),
          ...(same(m['weight'], old['weight']) ? [] : [{ key: 'metric_weight', values: { metric: text(m['name']), old: text(old['weight']) || '0', now: text(m['weight']) || '0' } }]),
          ...(same({ ...m, ranked: 0, public: 0, weight: 0 }, { ...old, ranked: 0, public: 0, weight: 0 }) ? [] : [{ key: 'metric_changed', values: { metric: text(m['name']) } }]),
        ],
  )
  return [
    ...plain.map((k) => ({ key: `rule_${k}`, values: { old: text(a[k]) || '—', now: text(b[k]) || '—' } })),
    ...metrics,
    ...(same(a['escalation'], b['escalation']) ? [] : [{ key: 'rule_escalation', values: {} }]),
  ]
}

const topics = (before: unknown, now: unknown): Difference[] =>
  rows(list(before), list(now), (r) => text(r['code']), (key, r, old) => [{ key: `topic_${key}`, values: { name: text(r['zh']), old: text(old['zh']) } }])

const texts = (before: unknown, now: unknown): Difference[] =>
  rows(list(before), list(now), (r) => text(r['text']), (key, r, old): Difference[] =>
    key === 'changed'
      ? (['title', 'body', 'kind', 'basis'] as const).filter((k) => !same(r[k], old[k])).map((k) => ({ key: `text_${k}`, values: { name: text(r['title']), code: text(r['text']), old: text(old['title']) } }))
      : [{ key: `text_${key}`, values: { name: text(r['title']), code: text(r['text']) } }],
  )

const OF = { targets, rule, topics, texts }

/** Empty if nothing that people see changed (the order of rows, say). */
export const differences = (kind: SettingKind, before: unknown, now: unknown): Difference[] => OF[kind](before, now)
