// One's own list as a file for a spreadsheet and as a text for the chat group.  Pure.
import type { HouseholdView } from '@qiaomen/sdk'
import { cellForPeople } from '@shared/csv_cell'
import { ownFigures, type OwnFigure } from './doors'

export interface ListNames {
  columns: readonly [string, string, string, string, string, string, string, string, string]
  door: (h: HouseholdView) => string
  notice: (h: HouseholdView) => string
  pledge: (h: HouseholdView) => string
  yes: string
  no: string
}

/** On paper and in files nobody stands as one who refused: what was refused reads as not done yet. */
export function unrefused<T extends Pick<HouseholdView, 'door' | 'notice' | 'pledge'>>(h: T): T {
  return {
    ...h,
    door: h.door === 'refused' ? 'none_yet' : h.door,
    notice: h.notice === 'refused' ? 'none' : h.notice,
    pledge: h.pledge === 'refused' ? 'none' : h.pledge,
  }
}

/** With a byte order mark, so that WPS and Excel read it as UTF-8. */
export function listCsv(list: readonly HouseholdView[], n: ListNames): string {
  const rows = list.map((h) => {
    const people = h.residents.filter((r) => r.inAge)
    const on = people.filter((r) => r.state === 'installed').length
    const said = unrefused(h)
    return [h.group, h.lane, h.door_label, h.head, n.door(said), h.visited ? n.yes : n.no, n.notice(said), n.pledge(said), `${on}/${people.length}`]
  })
  const lines = [n.columns, ...rows].map((row) => row.map(cellForPeople).join(','))
  return `\ufeff${lines.join('\r\n')}\r\n`
}

/** Figures and who is left, as counts by group: no name of a resident goes into a chat group. */
export function listText(
  list: readonly HouseholdView[],
  head: string,
  figure: (f: OwnFigure) => string,
  left: (group: string, n: number) => string,
): string {
  const groups = new Map<string, number>()
  for (const h of list) if (h.open.length > 0) groups.set(h.group, (groups.get(h.group) ?? 0) + 1)
  return [head, ...ownFigures(list).map(figure), ...[...groups].map(([group, n]) => left(group, n))].join('\n')
}
