// What the areas of an account with several roles are called; each is asked for as the role that sees it.
import { divisionName } from '@shared/api/figures'
import { areaName, type Area } from '../last_area'

/** By `role/code`. One that cannot be asked for now is missing: its code stands there. */
export async function areaNames(roles: readonly Area[]): Promise<Record<string, string>> {
  const named = await Promise.all(
    roles.map(async (r) => [areaName(r), await divisionName(r.prefix, areaName(r)).catch(() => null)] as const),
  )
  return Object.fromEntries(named.filter((n): n is [string, string] => n[1] !== null))
}
