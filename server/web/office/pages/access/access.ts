// Which notes of the access log are asked for, and what they are about; pure.
import type { AccessAsk, AccessLine } from '@shared/api/office'

/** What can be noted, as the server calls it. */
export type Kind = NonNullable<AccessAsk['what']>
export const kinds: readonly Kind[] = ['reveal', 'find_households', 'find_residents']

/** What stands in the fields of the filter; empty for any. */
export interface Wanted {
  account: string
  what: Kind | ''
  from: string
  until: string
}

const one = (value: unknown): string => (typeof value === 'string' ? value : '')
const dayRead = (value: unknown): string => (/^\d{4}-\d{2}-\d{2}$/.test(one(value)) ? one(value) : '')

/** Of an address; what cannot be asked for is left out. */
export function wantedRead(query: Record<string, unknown>): Wanted {
  return {
    account: accountRead(one(query['account'])) ?? '',
    what: kinds.find((k) => k === query['what']) ?? '',
    from: dayRead(query['from']),
    until: dayRead(query['until']),
  }
}

/** As it was typed, in either case; '' for nobody in particular, null if no account is called so. */
export function accountRead(typed: string): string | null {
  const account = typed.trim().toUpperCase()
  return account === '' || /^[A-Z][0-9A-Z]{1,15}$/.test(account) ? account : null
}

/** The key of what does not fit, or null. */
export function wantedFault(w: Wanted): 'account_wrong' | 'days_wrong' | null {
  if (accountRead(w.account) === null) return 'account_wrong'
  return w.from !== '' && w.until !== '' && w.from > w.until ? 'days_wrong' : null
}

/** Only what is chosen: an address or a request without empty parts. */
export const wantedQuery = (w: Wanted): AccessAsk =>
  Object.fromEntries(Object.entries({ ...w, account: accountRead(w.account) ?? '' }).filter(([, v]) => v !== ''))

export interface Subject {
  kind: 'household' | 'resident' | 'area'
  code: string
}

export function subjectOf(r: AccessLine): Subject {
  if (r.what !== 'reveal') return { kind: 'area', code: r.subject }
  return { kind: r.household === null || r.household === r.subject ? 'household' : 'resident', code: r.subject }
}
