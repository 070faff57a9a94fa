/* outbox_order.ts - floor 1: in which order doors stand: group, lane, number, as people count them.  Pure. */
import type { HouseholdRow } from './sync_changes.js'

type Placed = Pick<HouseholdRow, 'household' | 'group' | 'lane' | 'door'>

const DIGITS = '零一二三四五六七八九'

/** 十二组 -> 12组: villages count their groups in these words, whose order as text is none. */
export function numeralsRead(label: string): string {
  return label.replace(/([一二三四五六七八九]?)十([一二三四五六七八九]?)|[零一二三四五六七八九]/g, (all, tens: string | undefined, ones: string | undefined) => {
    if (!all.includes('十')) return String(DIGITS.indexOf(all))
    return String((tens ? DIGITS.indexOf(tens) : 1) * 10 + (ones ? DIGITS.indexOf(ones) : 0))
  })
}

/** A new array; `known` stays as it is. */
export function inOrder<H extends Placed>(known: readonly H[]): H[] {
  // Made here because a browser takes tenths of a second for the first one: a start must need none.
  const collator = new Intl.Collator('zh', { numeric: true })
  const words = (a: string, b: string): number => (a === b ? 0 : collator.compare(numeralsRead(a), numeralsRead(b)) || (a < b ? -1 : 1))
  const before = (a: H, b: H): number =>
    words(a.group, b.group) || words(a.lane, b.lane) || words(a.door, b.door) || (a.household < b.household ? -1 : 1)
  return [...known].sort(before)
}
