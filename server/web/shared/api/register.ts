// What the office corrects in the register at a card, and what workers propose.
import { pathFill, read } from './client'
import { change, type Report } from './office'
import type { components } from './schema'

export type Proposal = components['schemas']['Proposals']['rows'][number]
/** A field that is not there stays as it is; an empty text takes its value away. */
export type Fields = Record<string, string>
const PROPOSALS_PAGE = 100

export const householdEdit = (id: string, fields: Fields): Promise<Report> =>
  change('PUT', pathFill('/v1/register/households/{id}/card', { id }), fields)
export const residentEdit = (id: string, fields: Fields): Promise<Report> =>
  change('PUT', pathFill('/v1/register/residents/{id}/card', { id }), fields)

/** `into` is made by the caller: repeating the request after a lost answer is harmless. */
export const householdSplit = (id: string, into: string, residents: string[], fields: Fields): Promise<Report> =>
  change('POST', pathFill('/v1/register/households/{id}/split', { id }), { ...fields, into, residents })

export interface Undo {
  rev: number
  /** Only what the change did to this one; a merge or split goes back as a whole. */
  subject: { household: string } | { resident: string }
}
export const undo = (u: Undo): Promise<Report> => change('POST', '/v1/register/undo', { rev: String(u.rev), ...u.subject })

/** A page of them, of the own area or of one within it. */
export async function proposals(after?: Proposal, within?: string): Promise<Proposal[]> {
  const place = after === undefined ? {} : { after: `${after.grid}.${after.event}` }
  return (await read('/v1/proposals', { query: { limit: PROPOSALS_PAGE, ...place, ...(within === undefined ? {} : { within }) } })).rows
}

/** All that are about one household: what it has become, and what has split from it. */
export async function proposalsAbout(household: string, grid: string): Promise<Proposal[]> {
  const about: Proposal[] = []
  for (let page = await proposals(undefined, grid); ; page = await proposals(page[page.length - 1], grid)) {
    about.push(...page.filter((p) => p.household === household || p.from === household))
    if (page.length < PROPOSALS_PAGE) return about
  }
}

/** What an accepted one needs beside its event: where to, or who of a household goes. */
export type ProposalMore = { grid?: string; household?: string; into?: string; residents?: string[] }
export const proposalsAccept = (events: string[], as: string, more: ProposalMore = {}): Promise<Report> =>
  change('POST', '/v1/proposals/accept', { ...more, as, events })
export const proposalsDecline = (events: string[]): Promise<Report> => change('POST', '/v1/proposals/decline', { events })

/** A pseudonym nobody has. */
export function pseudonymNew(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').slice(0, 22)
}
