// Phones and records that wait, in the office's words.
import type { Phone } from '@shared/api/office'
import { dayOf, time } from '@shared/format'

const DAY_MS = 86_400_000
/** A phone that was not heard of for so long is called silent. */
export const SILENT_DAYS = 3

export interface Gap {
  /** Whole days since it was last heard of; null if never. */
  days: number | null
  missing: number
  silent: boolean
}

export function gapOf(phone: Phone, nowMs: number): Gap {
  const days = phone.heard === null ? null : Math.max(0, Math.floor((nowMs - phone.heard) / DAY_MS))
  return { days, missing: phone.missing, silent: !phone.revoked && (days === null || days >= SILENT_DAYS) }
}

/** Those that owe most first; the switched off ones last. */
export function phonesSorted(phones: Phone[], nowMs: number): Phone[] {
  const weight = (p: Phone) => {
    const g = gapOf(p, nowMs)
    return p.revoked ? -1 : (g.silent ? 1_000_000 : 0) + g.missing
  }
  return [...phones].sort((a, b) => weight(b) - weight(a) || a.account.localeCompare(b.account))
}

/** A person beside the code of the account, where the reader may see it. */
export const named = (account: string, name: string | null | undefined): string => (name ? `${account} ${name}` : account)

/** Tells the phones of one account apart: when it was enrolled and when it was last heard of. */
export function phoneWords(p: Phone | undefined, t: (key: string, values: Record<string, string>) => string): string {
  if (p === undefined) return ''
  return t('phone_of', { enrolled: dayOf(p.enrolled), heard: p.heard === null ? t('never', {}) : time(p.heard) })
}

/** As many as one call takes. */
export const DECIDE_MAX = 64

export function portions(events: string[]): string[][] {
  const out: string[][] = []
  for (let i = 0; i < events.length; i += DECIDE_MAX) out.push(events.slice(i, i + DECIDE_MAX))
  return out
}

/** Codes that a decision gives as its reason. */
export const REASONS = ['checked', 'moved', 'wrong-area', 'lost-phone', 'double', 'not-true'] as const
