import { expect, it } from 'vitest'
import { metrics, opens, opensBeside } from '../../figures/figures'
import { closedParts, householdParts, residentParts, visitParts } from './parts'

it('every number opens a part that a list has, and who declined or withdrew into none', () => {
  const parts = { households: householdParts, residents: residentParts, visits: visitParts }
  const has = (o: ReturnType<typeof opensBeside>) => o !== null && parts[o.name].some((g) => g.parts.includes(o.part))
  for (const m of metrics) for (const what of ['left', 'done', 'evidenced', 'week', 'den'] as const) expect(has(opens(m, what)), `${m} ${what}`).toBe(true)
  for (const name of ['visits', 'visits_police', 'residents', 'shops', 'shops_visited', 'venues_visited', 'unclaimed', 'elders_app']) expect(has(opensBeside(name)), name).toBe(true)
  for (const name of ['refused', 'pledge_withdrawn', 'app_refused']) expect(opensBeside(name)).toBeNull()
})

it('behind a bulletin there are the parts that its roster tells', () => {
  const told = (groups: typeof householdParts, kind: 'households' | 'residents') => closedParts(groups, kind).flatMap((g) => g.parts)
  expect(told(householdParts, 'households')).toEqual(expect.arrayContaining(['homes', 'homes_near', 'left:visited', 'done:pledge', 'door:gone', 'away_reached', 'vacant', 'gone']))
  for (const none of ['all', 'other', 'unclaimed', 'shops', 'venues_visited', 'week:visited']) expect(told(householdParts, 'households')).not.toContain(none)
  expect(told(residentParts, 'residents')).toEqual(expect.arrayContaining(['population', 'done:app', 'left:app_all', 'cannot:app']))
  for (const none of ['all', 'residents', 'away', 'unknown_age', 'elders', 'week:app']) expect(told(residentParts, 'residents')).not.toContain(none)
})
