// Coverage, pace and trend: what the board shows.
import { read } from './client'
import { send } from './http'
import { Problem } from './problem'
import type { components } from './schema'

export type Coverage = components['schemas']['Coverage']
export type CoverageRow = components['schemas']['CoverageRow']
export type Figure = components['schemas']['Figure']
export type Stage = components['schemas']['Stage']
export type Metric = components['schemas']['Metric']
export type PaceFigure = components['schemas']['PaceFigure']
export type PaceRow = components['schemas']['Pace']['rows'][number]
export type TrendDay = components['schemas']['Trend']['days'][number]
export type Level = Coverage['level']
export type DivisionRow = components['schemas']['Divisions']['rows'][number]
export type Phone = components['schemas']['Phones']['rows'][number]

export interface Tagged<T> {
  value: T
  etag: string | null
}

/** The figures, or null if they are still those of the etag. */
export async function coverage(
  ask: { within: string; level: Level },
  etag: string | null,
  signal?: AbortSignal,
): Promise<Tagged<Coverage> | null> {
  const response = await send('/v1/coverage', {
    query: { ...ask },
    ...(etag === null ? {} : { headers: { 'If-None-Match': etag } }),
    ...(signal === undefined ? {} : { signal }),
  })
  if (response.status === 304) return null
  try {
    return { value: (await response.json()) as Coverage, etag: response.headers.get('ETag') }
  } catch {
    throw new Problem('malformed-answer', response.status, 'not the JSON that was expected')
  }
}

export async function pace(within: string, level: 'village' | 'township' | 'county'): Promise<PaceRow[]> {
  return (await read('/v1/pace', { query: { within, level } })).rows
}

export async function trend(within: string): Promise<TrendDay[]> {
  return (await read('/v1/trend', { query: { within } })).days
}

export async function divisions(within: string): Promise<DivisionRow[]> {
  return (await read('/v1/divisions', { query: { within } })).rows
}

/** What a division or grid is called, asked as the role of this account that sees it (`role/code`). */
export async function divisionName(code: string, area: string): Promise<string | null> {
  const got = await read('/v1/divisions', { query: { within: code }, headers: { 'X-QM-Area': area } })
  return got.rows.find((d) => d.code === code)?.name ?? null
}

export async function phones(within: string): Promise<Phone[]> {
  return (await read('/v1/phones', { query: { within } })).rows
}
