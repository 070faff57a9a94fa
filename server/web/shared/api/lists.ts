// The lists behind the figures, page by page, and the card of one household.
import { read } from './client'
import { sendJson } from './http'
import type { components, paths } from './schema'

export type Household = components['schemas']['ListedHousehold']
export type Resident = components['schemas']['ListedResident']
export type Card = components['schemas']['Card']
export type Revealed = components['schemas']['Revealed']
type QueryOf<P extends '/v1/lists/households' | '/v1/lists/residents'> = NonNullable<
  paths[P]['get']['parameters']['query']
>
export type HouseholdPart = NonNullable<QueryOf<'/v1/lists/households'>['part']>
export type ResidentPart = NonNullable<QueryOf<'/v1/lists/residents'>['part']>

export interface Page<T> {
  rows: T[]
  /** `after` of the page behind it, null at the end. */
  next: string | null
}
export interface PageAsk<P> {
  within: string
  part: P
  after: string | null
  limit: number
}

const query = <P>(ask: PageAsk<P>) => ({
  within: ask.within,
  part: ask.part,
  limit: ask.limit,
  ...(ask.after === null ? {} : { after: ask.after }),
})

export function households(ask: PageAsk<HouseholdPart>, signal?: AbortSignal): Promise<Page<Household>> {
  return read('/v1/lists/households', { query: query(ask), ...(signal === undefined ? {} : { signal }) })
}

export function residents(ask: PageAsk<ResidentPart>, signal?: AbortSignal): Promise<Page<Resident>> {
  return read('/v1/lists/residents', { query: query(ask), ...(signal === undefined ? {} : { signal }) })
}

export function card(id: string): Promise<Card> {
  return read('/v1/register/households/{id}', { path: { id } })
}

/** Name and phone number in full. That it was asked, by whom and why is noted before it is told. */
export function reveal(subject: string, reason: string): Promise<Revealed> {
  return sendJson<Revealed>('/v1/reveal', { method: 'POST', json: { subject, reason } })
}
