// What has to be there before figures can be: the steps of an office's first day, in their order, and which are done.
// They are shown while nobody is there to be visited: households and residents are still to come then.
import type { Account, Division } from '@shared/api/office'
import type { RoleName } from '../../frame/roles'

export interface Step {
  name: 'divisions' | 'offices' | 'rules' | 'grids' | 'people' | 'households' | 'residents' | 'targets'
  /** Where it is done, inside the office. */
  to: string
  done: boolean
}
export interface Known {
  divisions: readonly Division[]
  accounts: readonly Account[]
  targets: boolean
  texts: boolean
}

/** Whether the steps are this role's to do. */
export const startsOffice = (role: RoleName): boolean => role === 'township' || role === 'admin'

export function firstSteps(role: RoleName, k: Known): Step[] {
  const level = (name: string): boolean => k.divisions.some((d) => d.level === name)
  const open = k.accounts.filter((a) => !a.closed)
  const register = (kind: string): string => `/register?kind=${kind}`
  if (role === 'admin')
    return [
      { name: 'divisions', to: register('divisions'), done: level('village') },
      { name: 'offices', to: '/people', done: open.some((a) => a.role === 'township') },
      { name: 'rules', to: '/settings', done: k.targets && k.texts },
    ]
  return [
    { name: 'grids', to: register('grids'), done: level('grid') },
    { name: 'people', to: '/people', done: open.some((a) => a.role === 'worker') },
    { name: 'households', to: register('households'), done: false },
    { name: 'residents', to: register('residents'), done: false },
    { name: 'targets', to: '/settings', done: k.targets },
  ]
}
