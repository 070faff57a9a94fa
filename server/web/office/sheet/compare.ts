// The village's own sheet beside the register, line by line: what is only in the sheet, what only in
// the register, and where the two say different things.
//
// The register shows no full names, so doors are compared first (group, lane and door, however they
// are written), then the first character of the name with the end of the phone number.
import type { ListedHousehold } from '@shared/api/office'
import type { Table } from './csv'
import { saysDone } from './says'

export interface OwnColumns {
  group?: number
  lane?: number
  door?: number
  head?: number
  phone?: number
  visited?: number
}

export interface Compared {
  /** Lines of the sheet that the register does not have: "您表里有、这里没有". */
  onlyOwn: { line: number; row: string[] }[]
  onlyHere: ListedHousehold[]
  /** The sheet says visited, the register does not, or the other way round. */
  differs: { line: number; row: string[]; here: ListedHousehold; own: boolean }[]
  same: number
}

const DIGITS = '零一二三四五六七八九'
/** A numeral up to a hundred as digits: 十一 is 11, 廿三 23, 九十九 99. */
function numeral(text: string): string {
  if (/^一?百$/.test(text)) return '100'
  const spelled = text.replace(/^[廿]/, '二十').replace(/^[卅]/, '三十')
  const [, tens, units] = /^([一二三四五六七八九]?)十([一二三四五六七八九]?)$/.exec(spelled) ?? []
  if (tens !== undefined && units !== undefined) return String((tens === '' ? 1 : DIGITS.indexOf(tens)) * 10 + Math.max(0, DIGITS.indexOf(units)))
  return text.length === 1 && DIGITS.includes(text) ? String(DIGITS.indexOf(text)) : text
}
const plain = (text: string) =>
  text.normalize('NFKC').toLowerCase().replace(/[\s\-—·.,,#]/g, '').replace(/[號号户室]/g, '').replace(/第(?=.)/g, '')
    .replace(/[零一二三四五六七八九十百廿卅]+(?=村?民?小?组|队)/g, numeral)
    .replace(/村?民?小?组/g, '组')

/** The same for a door however it is written; '' without one. */
export const doorKey = (group: string, lane: string, door: string) => (door.trim() === '' ? '' : plain(group + lane + door))

function personKey(name: string, phone: string): string {
  const first = [...name.trim()][0] ?? ''
  const digits = phone.replace(/\D/g, '')
  return first === '' || digits.length < 4 ? '' : `${first} ${digits.slice(0, 3)} ${digits.slice(-4)}`
}

const add = <K, V>(map: Map<K, V[]>, key: K, value: V) => void (map.get(key)?.push(value) ?? map.set(key, [value]))

export function compare(table: Table, at: OwnColumns, here: ListedHousehold[]): Compared {
  const doors = new Map<string, ListedHousehold[]>()
  const people = new Map<string, ListedHousehold[]>()
  for (const h of here) {
    const door = doorKey(h.group ?? '', h.lane ?? '', h.door ?? '')
    if (door !== '') add(doors, door, h)
    const person = personKey(h.head ?? '', h.phone ?? '')
    if (person !== '') add(people, person, h)
  }
  const found = new Set<string>()
  const out: Compared = { onlyOwn: [], onlyHere: [], differs: [], same: 0 }
  const free = (list: ListedHousehold[] | undefined) => list?.find((h) => !found.has(h.household))
  table.slice(1).forEach((row, i) => {
    if (row.every((c) => c === '')) return
    const cell = (n: number | undefined) => (n === undefined ? '' : (row[n] ?? ''))
    const hit =
      free(doors.get(doorKey(cell(at.group), cell(at.lane), cell(at.door)))) ??
      free(people.get(personKey(cell(at.head), cell(at.phone))))
    if (hit === undefined) {
      out.onlyOwn.push({ line: i + 2, row })
      return
    }
    found.add(hit.household)
    const own = at.visited === undefined ? hit.visited : saysDone(cell(at.visited))
    if (own === hit.visited) out.same++
    else out.differs.push({ line: i + 2, row, here: hit, own })
  })
  out.onlyHere = here.filter((h) => !found.has(h.household) && h.status !== 'merged')
  return out
}
