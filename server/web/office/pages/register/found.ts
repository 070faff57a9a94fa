// Finding one household by what people say of it, or by its code.
import { Problem } from '@shared/api/problem'
import type { Card, Household, Page, PageAsk } from '@shared/api/lists'
import { filled } from '../lists/pages'

/** What tells households apart, masked as everywhere. */
export interface Found {
  household: string
  grid: string
  status: string
  head: string
  phone: string
  address: { group: string; lane: string; door: string }
}
export interface Matches {
  rows: Found[]
  /** There are more than are shown. */
  more: boolean
}
export interface Asks {
  find: (ask: PageAsk, text: string) => Promise<Page<Household>>
  card: (id: string) => Promise<Card>
}

export const MATCHES_MAX = 20
const CODE = /^[A-Za-z0-9_-]{22}$/

const foundOf = (h: Household | Card['household']): Found => ({
  household: h.household, grid: h.grid, status: h.status, head: h.head ?? '', phone: h.phone ?? '',
  address: { group: h.group ?? '', lane: h.lane ?? '', door: h.door ?? '' },
})

async function byCode(asks: Asks, code: string): Promise<Found[]> {
  try {
    return [foundOf((await asks.card(code)).household)]
  } catch (e) {
    if (e instanceof Problem && e.code === 'not-found') return []
    throw e
  }
}

/** `not`: a household that is none of the matches, because it is what the others are looked for. */
export async function matchesOf(asks: Asks, typed: string, within: string, not = ''): Promise<Matches> {
  const text = typed.trim()
  const others = (rows: Found[]) => rows.filter((r) => r.household !== not)
  if (CODE.test(text)) return { rows: others(await byCode(asks, text)), more: false }
  const ask = (after: string | null, limit: number) => asks.find({ within, part: 'all', after, limit }, text)
  const page = await filled(ask, null, MATCHES_MAX + 1)
  const rows = others(page.rows.map(foundOf))
  return { rows: rows.slice(0, MATCHES_MAX), more: rows.length > MATCHES_MAX || page.next !== null }
}
