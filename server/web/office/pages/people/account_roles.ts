// What somebody does, as the sheet of accounts says it: all roles of an account, a line a role and area.  Without
// the columns of name and phone these stay as they are.
import type { Account } from '@shared/api/office'
import type { RoleName } from '../../frame/roles'
import { csvWrite } from '../../sheet/csv'

export interface Post {
  role: RoleName
  prefix: string
  from: string
  until: string
}

const UNDER_TOWNSHIP: readonly RoleName[] = ['worker', 'leader', 'deputy', 'secretary', 'police']
const ALL: readonly RoleName[] = [...UNDER_TOWNSHIP, 'township', 'inspector', 'auditor', 'admin']

/** Roles that somebody may give to others: a township those below its own. */
export const mayGive = (own: RoleName | undefined): readonly RoleName[] => (own === 'admin' ? ALL : own === 'township' ? UNDER_TOWNSHIP : [])
export const inGrids = (role: RoleName): boolean => role === 'worker' || role === 'leader'

/** The levels of area that a role has. */
export function levelsOf(role: RoleName): readonly string[] {
  if (inGrids(role)) return ['grid']
  if (role === 'deputy' || role === 'secretary') return ['village']
  return role === 'police' || role === 'township' ? ['township', 'county'] : ['county', 'township']
}

export function postsOf(rows: readonly Account[], account: string): Post[] {
  return rows.filter((r) => r.account === account).map((r) => ({ role: r.role, prefix: r.prefix, from: r.from ?? '', until: r.until ?? '' }))
}

const same = (a: Post, b: Post): boolean => a.role === b.role && a.prefix === b.prefix

/** Those of before and the new ones; what somebody has already stays with its days. */
export const withPosts = (posts: readonly Post[], more: readonly Post[]): Post[] => [...posts, ...more.filter((m) => !posts.some((p) => same(p, m)))]
export const withoutPost = (posts: readonly Post[], gone: Post): Post[] => posts.filter((p) => !same(p, gone))

const HEADER = ['account', 'role', 'areas', 'from', 'until']

/** The sheet that sets these roles; with a person also name and phone. */
export function accountSheet(account: string, posts: readonly Post[], person?: { name: string; phone: string }): string {
  const more = person === undefined ? [] : [person.name.trim(), person.phone.trim()]
  const header = person === undefined ? HEADER : [...HEADER, 'name', 'phone']
  return csvWrite([header, ...posts.map((p) => [account, p.role, p.prefix, p.from, p.until, ...more])])
}

/** The first code of this kind that nobody has: W0001, W0002, … */
export function codeFree(rows: readonly Account[], role: RoleName): string {
  const letters: Record<RoleName, string> = {
    worker: 'W', leader: 'L', deputy: 'D', secretary: 'S', township: 'A', police: 'P', inspector: 'I', auditor: 'U', admin: 'M',
  }
  const taken = new Set(rows.map((r) => r.account))
  for (let n = 1; ; n++) {
    const code = `${letters[role]}${String(n).padStart(4, '0')}`
    if (!taken.has(code)) return code
  }
}
