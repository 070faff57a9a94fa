// A period in words; what is neither week nor month is shown as it is.
import { day } from '@shared/format'
import type { Language } from '@shared/lang'
import { weekDays } from './period'

type Say = (key: string, values: Record<string, string>) => string

/** `t` knows the words "week" and "month". */
export function periodName(period: string, t: Say, language: Language): string {
  const days = weekDays(period)
  const [year = '', rest = ''] = period.split('-')
  if (days !== null)
    return t('week', { year, n: String(Number(rest.slice(1))), from: day(days[0], language), to: day(days[1], language) })
  return /^\d{2}$/.test(rest) ? t('month', { year, n: String(Number(rest)) }) : period
}
