// The parts that the lists open with, in groups for their menu; the words of a part are those of the
// number behind which it stands.
import { metrics, ofResidents } from '../../figures/figures'

export interface PartGroup {
  /** Key below `group` of the words. */
  name: string
  parts: readonly string[]
}

const of = (what: string, residents: boolean) => metrics.filter((m) => ofResidents(m) === residents).map((m) => `${what}:${m}`)

export const householdParts: readonly PartGroup[] = [
  { name: 'all', parts: ['all', 'homes', 'homes_near', 'unclaimed'] },
  { name: 'left', parts: of('left', false) },
  { name: 'door', parts: ['none_yet', 'absent', 'no_adult', 'appointed', 'gone', 'no_entry', 'moved', 'vacant', 'none'].map((w) => `door:${w}`) },
  { name: 'later', parts: ['later:pledge'] },
  { name: 'done', parts: of('done', false) },
  { name: 'week', parts: of('week', false) },
  { name: 'evidenced', parts: of('evidenced', false) },
  { name: 'beside', parts: ['away', 'away_reached', 'vacant', 'gone', 'other'] },
  { name: 'places', parts: ['shops', 'enterprises', 'schools', 'offices', 'venues'].flatMap((p) => [p, `${p}_visited`]) },
]

export const residentParts: readonly PartGroup[] = [
  { name: 'all', parts: ['all', 'residents', 'population'] },
  { name: 'left', parts: of('left', true) },
  { name: 'later', parts: ['none_yet:app', 'later:app', 'removed:app'] },
  { name: 'done', parts: of('done', true) },
  { name: 'week', parts: of('week', true) },
  { name: 'evidenced', parts: of('evidenced', true) },
  { name: 'beside', parts: ['cannot:app', 'shared:app', 'away', 'unknown_age', 'elders'] },
]

export const visitParts: readonly PartGroup[] = [{ name: 'visits', parts: ['all', 'police'] }]

/** Parts that a bulletin's roster does not tell: who lives here or lacks a birthday, places that are no homes. */
const NOT_CLOSED = {
  households: [/^all$/, /^week:/, /^unclaimed$/, /^other$/, /^(shops|enterprises|schools|offices|venues)/],
  residents: [/^all$/, /^week:/, /^residents$/, /^away$/, /^unknown_age$/, /^elders$/],
}
export const closedParts = (groups: readonly PartGroup[], kind: 'households' | 'residents'): readonly PartGroup[] =>
  groups.map((g) => ({ ...g, parts: g.parts.filter((p) => !NOT_CLOSED[kind].some((none) => none.test(p))) })).filter((g) => g.parts.length > 0)

export type ListKind = 'households' | 'residents' | 'visits'

/** A part from an address, or the usual one. */
export function partRead<P extends string>(groups: readonly PartGroup[], wanted: unknown, usual: P): P {
  return groups.some((g) => g.parts.includes(String(wanted))) ? (wanted as P) : usual
}

/** The key of a part's words, below the figures' words, with the group's word before it where one is. */
export function partKeys(part: string, kind: ListKind): { group: string | null; key: string } {
  if (kind === 'visits') return { group: null, key: part === 'police' ? 'beside.visits_police' : 'beside.visits' }
  const [what, name] = part.split(':') as [string, string | undefined]
  if (name === undefined) {
    if (['all', 'homes', 'homes_near', 'population'].includes(part)) return { group: null, key: `part.${part}` }
    const besides: Record<string, string> = kind === 'residents' ? { away: 'residents_away', unknown_age: 'residents_unknown_age', elders: 'elders_app' } : {}
    return { group: null, key: `beside.${besides[part] ?? part}` }
  }
  if (what === 'door') return { group: null, key: `beside.door_${name}` }
  if (what === 'left' || what === 'done' || what === 'evidenced' || what === 'week') return { group: what, key: `metric.${name}` }
  return { group: null, key: `beside.${name}_${what}` }
}
