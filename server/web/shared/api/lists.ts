// The lists behind the figures, page by page, and the card of one household.
import { read } from './client'
import { sendJson } from './http'
import type { components, paths } from './schema'

export type Household = components['schemas']['ListedHousehold']
export type Resident = components['schemas']['ListedResident']
export type Visit = components['schemas']['ListedVisit']
export type Card = components['schemas']['Card']
export type Revealed = components['schemas']['Revealed']
type QueryOf<P extends '/v1/lists/households' | '/v1/lists/residents' | '/v1/lists/visits'> = NonNullable<
  paths[P]['get']['parameters']['query']
>

export interface Page<T> {
  rows: T[]
  /** `after` of the page behind it, null at the end. */
  next: string | null
}
export interface PageAsk<P extends string = string> {
  within: string
  part: P
  after: string | null
  limit: number
  /** Id of a bulletin: the list as it stood behind its figures. */
  bulletin?: string
}

const query = (ask: PageAsk) => ({
  within: ask.within,
  part: ask.part,
  limit: ask.limit,
  ...(ask.after === null ? {} : { after: ask.after }),
  ...(ask.bulletin === undefined ? {} : { bulletin: ask.bulletin }),
})
/** A search opens many names: the server may take its time over a large area. */
const FIND_TIMEOUT_MS = 60_000

export function households(ask: PageAsk, signal?: AbortSignal): Promise<Page<Household>> {
  const q = query(ask) as QueryOf<'/v1/lists/households'>
  return read('/v1/lists/households', { query: q, ...(signal === undefined ? {} : { signal }) })
}

export function residents(ask: PageAsk, signal?: AbortSignal): Promise<Page<Resident>> {
  const q = query(ask) as QueryOf<'/v1/lists/residents'>
  return read('/v1/lists/residents', { query: q, ...(signal === undefined ? {} : { signal }) })
}

export function visits(ask: PageAsk, signal?: AbortSignal): Promise<Page<Visit>> {
  const q = query(ask) as QueryOf<'/v1/lists/visits'>
  return read('/v1/lists/visits', { query: q, ...(signal === undefined ? {} : { signal }) })
}

/** The same of those that fit a text: a page may be short although there are more behind it. */
const find = <R>(path: string, ask: PageAsk, text: string): Promise<Page<R>> =>
  sendJson<Page<R>>(path, { method: 'POST', json: { text }, query: query(ask), timeoutMs: FIND_TIMEOUT_MS, repeatable: true })

export const findHouseholds = (ask: PageAsk, text: string) => find<Household>('/v1/lists/households', ask, text)
export const findResidents = (ask: PageAsk, text: string) => find<Resident>('/v1/lists/residents', ask, text)

export function card(id: string): Promise<Card> {
  return read('/v1/register/households/{id}', { path: { id } })
}

/** Name and phone number in full. That it was asked, by whom and why is noted before it is told. */
export function reveal(subject: string, reason: string): Promise<Revealed> {
  return sendJson<Revealed>('/v1/reveal', { method: 'POST', json: { subject, reason } })
}
