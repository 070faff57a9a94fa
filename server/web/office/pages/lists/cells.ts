// What a row says in words, for the screen and for files alike.
import type { Household, Resident } from '@shared/api/lists'

/** What the rows of both lists have. */
export interface ListedRow {
  household: string
  grid: string
  worker?: string
  group?: string
  lane?: string
  door?: string
  phone?: string
  head?: string
  name?: string
}

export type Say = (key: string) => string

export const addressOf = (r: { group?: string; lane?: string; door?: string }): string =>
  [r.group, r.lane, r.door].filter((s) => s !== undefined && s !== '').join(' ')

export function householdCell(r: Household, key: string, say: Say): string | number {
  switch (key) {
    case 'visited':
    case 'reached':
    case 'pledge':
      return say(r[key] ? 'yes' : 'no')
    case 'notice':
      return say(`notice.${r.notice}`)
    case 'status':
      return say(`status.${r.status}`)
    case 'place':
      return say(`place.${r.place}`)
    case 'visits':
      return r.visits
    default:
      return (r as unknown as Record<string, string | undefined>)[key] ?? ''
  }
}

export function residentCell(r: Resident, key: string, say: Say): string | number {
  switch (key) {
    case 'real_name':
      return say(r.real_name ? 'yes' : 'no')
    case 'call_alert':
      return r.call_alert_na ? say('na') : say(r.call_alert ? 'yes' : 'no')
    case 'sms_alert':
      return r.sms_alert_na ? say('na') : say(r.sms_alert ? 'yes' : 'no')
    case 'app':
      return say(`app.${r.app ?? 'none'}`)
    case 'status':
      return say(`resident_status.${r.status}`)
    case 'year':
      return r.year ?? ''
    default:
      return (r as unknown as Record<string, string | undefined>)[key] ?? ''
  }
}
