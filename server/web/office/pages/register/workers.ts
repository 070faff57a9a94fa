// Who may look after a household, those of its own grid first.
import type { Account } from '@shared/api/office'

export type Nearness = 'grid' | 'village' | 'other'
const ROLES = ['worker', 'leader', 'deputy', 'secretary']
const VILLAGE_DIGITS = 12

/** Each account once, where it is nearest; `now`, who has it already, is always among them. */
export function workersFor(accounts: readonly Account[], grid: string, now: string | null): Record<Nearness, string[]> {
  const village = grid.slice(0, VILLAGE_DIGITS)
  const nearness = (a: Account): Nearness => (a.prefix === grid ? 'grid' : a.prefix.startsWith(village) ? 'village' : 'other')
  const taken = new Set<string>()
  const take = (which: Nearness): string[] => {
    const fit = accounts.filter((a) => !a.closed && ROLES.includes(a.role) && nearness(a) === which && !taken.has(a.account))
    const codes = [...new Set(fit.map((a) => a.account))].sort()
    codes.forEach((c) => taken.add(c))
    return codes
  }
  const offered = { grid: take('grid'), village: take('village'), other: take('other') }
  if (now !== null && now !== '' && !taken.has(now)) offered.other.push(now)
  return offered
}
