// The targets in force, for the steps of a chart.
import { readIfAny } from './client'
import type { Metric } from './figures'

export interface Target {
  metric: Metric
  prefix: string
  threshold: number
  from: string
  due: string
}

/** None if none were ever set. */
export async function targets(): Promise<Target[]> {
  const value = (await readIfAny('/v1/settings/{kind}', { path: { kind: 'targets' } }))?.value
  return Array.isArray(value) ? (value as Target[]) : []
}
