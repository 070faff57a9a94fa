// Numbers, shares and days as they are shown.  Days are those of Asia/Shanghai, wherever the screen
// is; a share is cut and never rounded up, as in the contract: 99.999 % is not 100 %.
import type { Language } from './lang'

const ZONE = 'Asia/Shanghai'
const tag = (language: Language) => (language === 'zh' ? 'zh-CN' : 'en-GB')

/** Formatters are kept: making one costs far more than using it. */
function kept<K, F>(make: (of: K) => F): (of: K) => F {
  const made = new Map<K, F>()
  return (of) => {
    let one = made.get(of)
    if (one === undefined) made.set(of, (one = make(of)))
    return one
  }
}
const numbers = kept((language: Language) => new Intl.NumberFormat(tag(language)))
const days = kept((language: Language) => new Intl.DateTimeFormat(tag(language), { timeZone: 'UTC', month: 'long', day: 'numeric' }))
const clock = kept(
  (timeZone: string) =>
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }),
)

export function count(n: number, language: Language = 'zh'): string {
  // Nothing to group, and a table of many areas says thousands of these.
  if (Number.isInteger(n) && n >= 0 && n < 1000) return String(n)
  return numbers(language).format(n)
}

/** floor(10000·num/den) in hundredths of a percent; null if there is no denominator. */
export function hundredths(num: number, den: number): number | null {
  if (den <= 0) return null
  return Number((BigInt(num) * 10000n) / BigInt(den))
}

/** "50.96%"; null for no figure, which the caller must not show as 0. */
export function share(num: number, den: number): string | null {
  const h = hundredths(num, den)
  return h === null ? null : shareText(h)
}

export function shareText(h: number): string {
  return `${Math.trunc(h / 100)}.${String(h % 100).padStart(2, '0')}%`
}

/** Met as in the contract: num·10000 ≥ den·threshold, threshold in hundredths of a percent. */
export function targetMet(num: number, den: number, threshold: number): boolean {
  return den > 0 && BigInt(num) * 10000n >= BigInt(den) * BigInt(threshold)
}

function parts(ms: number): Record<string, string> {
  return Object.fromEntries(clock(ZONE).formatToParts(ms).map((p) => [p.type, p.value]))
}

/** "2026-11-21": the day that it is in China. */
export function dayOf(ms: number): string {
  const p = parts(ms)
  return `${p['year']}-${p['month']}-${p['day']}`
}

/** "11月21日" or "21 November" from "2026-11-21". */
export function day(iso: string, language: Language = 'zh'): string {
  return days(language).format(Date.parse(`${iso}T00:00:00Z`))
}

/** Several names after each other. */
export const listed = (names: readonly string[], language: Language = 'zh'): string => names.join(language === 'zh' ? '、' : ', ')

/** "2026-11-21 20:05", the clock of China. */
export function time(ms: number): string {
  const p = parts(ms)
  return `${dayOf(ms)} ${p['hour']}:${p['minute']}`
}
