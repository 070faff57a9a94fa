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
  { name: 'evidenced', parts: of('evidenced', false) },
  { name: 'beside', parts: ['away', 'away_reached', 'vacant', 'gone', 'other'] },
  { name: 'places', parts: ['shops', 'enterprises', 'schools', 'offices', 'venues'].flatMap((p) => [p, `${p}_visited`]) },
]

export const residentParts: readonly PartGroup[] = [
  { name: 'all', parts: ['all', 'residents', 'population'] },
  { name: 'left', parts: of('left', true) },
  { name: 'later', parts: ['none_yet:app', 'later:app', 'removed:app'] },
  { name: 'done', parts: of('done', true) },
  { name: 'evidenced', parts: of('evidenced', true) },
  { name: 'beside', parts: ['cannot:app', 'shared:app', 'away', 'unknown_age', 'elders'] },
]

/** A part from an address, or the usual one. */
export function partRead<P extends string>(groups: readonly PartGroup[], wanted: unknown, usual: P): P {
  return groups.some((g) => g.parts.includes(String(wanted))) ? (wanted as P) : usual
}

/** The key of a part's words, below the figures' words, with the group's word before it where one is. */
export function partKeys(part: string, residents: boolean): { group: string | null; key: string } {
  const [what, name] = part.split(':') as [string, string | undefined]
  if (name === undefined) {
    if (['all', 'homes', 'homes_near', 'population'].includes(part)) return { group: null, key: `part.${part}` }
    const besides: Record<string, string> = residents ? { away: 'residents_away', unknown_age: 'residents_unknown_age', elders: 'elders_app' } : {}
    return { group: null, key: `beside.${besides[part] ?? part}` }
  }
  if (what === 'door') return { group: null, key: `beside.door_${name}` }
  if (what === 'left' || what === 'done' || what === 'evidenced') return { group: what, key: `metric.${name}` }
  return { group: null, key: `beside.${name}_${what}` }
}
