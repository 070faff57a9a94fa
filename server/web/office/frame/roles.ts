// Which pages the menu offers to which role.  The server decides what anybody may see: this only keeps
// doors out of the menu that would not open.
import type { Role } from '@shared/api/session'

export type RoleName = Role['role']

export interface Door {
  /** Name of the route and of its words. */
  name: string
  roles: readonly RoleName[]
}

const everybody: readonly RoleName[] = [
  'worker', 'leader', 'deputy', 'secretary', 'township', 'police', 'inspector', 'auditor', 'admin',
]

export const doors: readonly Door[] = [
  { name: 'board', roles: everybody },
  { name: 'households', roles: everybody },
  { name: 'residents', roles: everybody },
  { name: 'week', roles: ['leader', 'deputy', 'secretary', 'township', 'police', 'inspector', 'auditor', 'admin'] },
  { name: 'directives', roles: ['leader', 'deputy', 'secretary', 'township', 'police', 'inspector'] },
  { name: 'people', roles: ['deputy', 'secretary', 'township', 'admin'] },
  { name: 'register', roles: ['deputy', 'secretary', 'township', 'admin'] },
  { name: 'paper', roles: ['deputy', 'secretary', 'township'] },
  { name: 'settings', roles: everybody },
  { name: 'access', roles: ['township', 'auditor', 'admin'] },
]

/** Roles that are told the trend and the pace. */
export const tellsTrend = (role: RoleName): boolean => role !== 'worker'
/** Roles that open a household's card. */
export const opensCards = (role: RoleName): boolean =>
  ['leader', 'deputy', 'secretary', 'township', 'police'].includes(role)
/** Roles that may see a name in full, for a reason. */
export const revealsNames = (role: RoleName): boolean => ['deputy', 'secretary', 'township', 'police'].includes(role)
/** Roles that correct what a card says. */
export const editsCards = (role: RoleName): boolean => ['secretary', 'township'].includes(role)
/** Moves, merges and splits touch other households too: the township takes them back. */
export const takesBack = (role: RoleName, wide: boolean): boolean => role === 'township' || (role === 'secretary' && !wide)
/** Roles that see no personal data at all. */
export const seesNoNames = (role: RoleName): boolean => role === 'auditor' || role === 'admin'
/** Roles that are told of phones that have gone silent. */
export const seesPhones = (role: RoleName): boolean => ['deputy', 'secretary', 'township', 'admin'].includes(role)

/** null where the name is none of a role. */
export const roleNamed = (name: string): RoleName | null => everybody.find((r) => r === name) ?? null

export const doorsOf = (role: RoleName): Door[] => doors.filter((d) => d.roles.includes(role))

const width = (r: Role) => r.prefix.length
const rank = (r: Role) => everybody.indexOf(r.role)

/** The role that somebody with several starts as: the widest area, then the later in the list. */
export function roleFirst(roles: readonly Role[]): Role | null {
  return [...roles].sort((a, b) => width(a) - width(b) || rank(b) - rank(a))[0] ?? null
}
