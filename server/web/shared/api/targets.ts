// The targets in force, for the steps of a chart.
import { read } from './client'
import type { Metric } from './figures'

export interface Target {
  metric: Metric
  prefix: string
  threshold: number
  from: string
  due: string
}

/** @throws Problem with status 404 if none were ever set. */
export async function targets(): Promise<Target[]> {
  const { value } = await read('/v1/settings/{kind}', { path: { kind: 'targets' } })
  return Array.isArray(value) ? (value as Target[]) : []
}
