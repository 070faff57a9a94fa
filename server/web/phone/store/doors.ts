// The list of doors as it is shown: what is found, how a door stands in one word and one colour.
import { dayOfMs, type HouseholdView } from '@qiaomen/sdk'
import { initials } from './initials'

export type Tone = 'good' | 'wait' | 'away' | 'plain'
export type DoorMark = HouseholdView['door'] | 'done' | 'part'
export interface DoorLook {
  mark: DoorMark
  tone: Tone
}

const TONES: Record<HouseholdView['door'], Tone> = {
  met: 'good', none_yet: 'plain', no_adult: 'wait', absent: 'wait', appointed: 'wait', gone: 'away', refused: 'away',
  no_entry: 'wait', moved: 'away', vacant: 'away', none: 'away',
}

/** One word and colour: done, something left, or what was found at the door last. */
export function lookOf(h: Pick<HouseholdView, 'door' | 'open' | 'visited' | 'reached'>): DoorLook {
  const seen = h.visited || h.reached
  if (seen && h.open.length === 0) return { mark: 'done', tone: 'good' }
  if (h.visited) return { mark: 'part', tone: 'wait' }
  return { mark: h.door, tone: TONES[h.door] }
}

export interface DoorFilter {
  which: 'left' | 'all' | 'today' | 'waiting'
  group: string
  text: string
  /** start of this day, Unix ms */
  todayMs: number
}

const DAY_MS = 86_400_000

/** Start of the day in China, whose clock is always eight hours ahead. */
export const dayStartMs = (nowMs: number): number => dayOfMs(nowMs) * DAY_MS - DAY_MS / 3

export const isLeft = (h: Pick<HouseholdView, 'open'>): boolean => h.open.length > 0

/** A part of group, lane, door, a name, or initials of the head or of who lives there. */
export function findable(h: HouseholdView, text: string): boolean {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return true
  const names = [h.head, ...h.residents.map((r) => r.name)]
  if (/^[a-z]+$/.test(wanted) && names.some((n) => initials(n).startsWith(wanted))) return true
  // "三组老王家" is said for the Wangs of group three.
  const bare = wanted.replace(/[老家户\s]/g, '')
  const all = `${h.group}${h.lane}${h.door_label}${names.join(' ')}${h.phone}`.toLowerCase()
  return all.includes(wanted) || (bare !== '' && inOrder(all, bare, h.group))
}

/** The name of the group, and behind it a name. */
function inOrder(all: string, wanted: string, group: string): boolean {
  const short = [group, group.replace(/^第/, '')].find((g) => g !== '' && wanted.startsWith(g))
  if (short === undefined) return all.includes(wanted)
  return all.includes(wanted.slice(short.length))
}

/** Who looks for a door looks among all of them: one that is done, or of another group, must not seem to be missing,
 * or it is entered a second time. */
export const isSearch = (f: Pick<DoorFilter, 'text'>): boolean => f.text.trim() !== ''

export function filtered(list: readonly HouseholdView[], f: DoorFilter): HouseholdView[] {
  if (isSearch(f)) return list.filter((h) => findable(h, f.text))
  return list.filter(
    (h) =>
      (f.group === '' || h.group === f.group) &&
      (f.which === 'all' ||
        (f.which === 'left' ? isLeft(h) : f.which === 'waiting' ? h.waiting > 0 : h.lastAt >= f.todayMs)),
  )
}

/** Those without a group are found under all. */
export function groupsOf(list: readonly HouseholdView[]): { group: string; left: number }[] {
  const found = new Map<string, number>()
  for (const h of list.filter((x) => x.group !== '')) found.set(h.group, (found.get(h.group) ?? 0) + (isLeft(h) ? 1 : 0))
  return [...found].map(([group, left]) => ({ group, left }))
}

export interface OwnFigure {
  metric: 'visited' | 'reached' | 'notice_delivered' | 'notice_signed' | 'pledge' | 'app'
  num: number
  den: number
}
/** One's own doors, counted as the office counts (section 6); never beside anybody else's.  Signed notices are a
 * figure of their own only where they are asked for. */
export function ownFigures(list: readonly HouseholdView[], asked: readonly string[] = []): OwnFigure[] {
  const homes = list.filter((h) => h.place === 'home' && h.status === 'counted')
  const reach = list.filter((h) => h.place === 'home' && (h.status === 'counted' || h.status === 'away'))
  const people = homes.flatMap((h) => h.residents).filter((r) => r.inAge && r.status === 'counted')
  const of = (metric: OwnFigure['metric'], all: readonly unknown[], num: number): OwnFigure => ({ metric, num, den: all.length })
  return [
    of('visited', homes, homes.filter((h) => h.visited).length),
    of('reached', reach, reach.filter((h) => h.reached).length),
    of('notice_delivered', homes, homes.filter((h) => h.notice === 'signed' || h.notice === 'left').length),
    ...(asked.includes('notice_signed') ? [of('notice_signed', homes, homes.filter((h) => h.notice === 'signed').length)] : []),
    of('pledge', homes, homes.filter((h) => h.pledge === 'signed').length),
    of('app', people, people.filter((r) => r.state === 'installed').length),
  ]
}
