/* outbox_packed.ts - floor 1: the office's list as values in a fixed order, a household with who lives
 * there, in pieces of some households.  Pure; written and read by the same version (outbox_list.ts).
 */
import type { HouseholdKnown, Register, ResidentKnown } from './outbox_mirror.js'

const HOUSEHOLDS_A_PIECE = 50

type PackedResident = [
  resident: string, name: string, phone: string, born: string, status: string, groups: string[], local: boolean,
  state: string, realName: boolean, callAlert: boolean, smsAlert: boolean,
]
type PackedHousehold = [
  household: string, grid: string, place: string, status: string, group: string, lane: string, door: string, head: string, phone: string,
  local: boolean, visited: boolean, reached: boolean, notice: string, pledge: string, found: string, residents: PackedResident[],
]
interface Piece {
  homes: PackedHousehold[]
  /** of households that are not in the list */
  others: [household: string, resident: PackedResident][]
}

function residentPacked(r: ResidentKnown): PackedResident {
  const { state, real_name, call_alert, sms_alert } = r.app
  return [r.resident, r.name, r.phone, r.born, r.status, r.groups, r.local, state, real_name, call_alert, sms_alert]
}
function residentUnpacked(household: string, packed: PackedResident): ResidentKnown {
  const [resident, name, phone, born, status, groups, local, state, real_name, call_alert, sms_alert] = packed
  return { resident, household, name, phone, born, status, groups, local, app: { state, real_name, call_alert, sms_alert } }
}

function householdPacked(h: HouseholdKnown, residents: readonly ResidentKnown[]): PackedHousehold {
  const { visited, reached, notice, pledge, door } = h.state
  return [
    h.household, h.grid, h.place, h.status, h.group, h.lane, h.door, h.head, h.phone,
    h.local, visited, reached, notice, pledge, door, residents.map(residentPacked),
  ]
}
function householdUnpacked(packed: PackedHousehold): HouseholdKnown {
  const [household, grid, place, status, group, lane, door, head, phone, local, visited, reached, notice, pledge, found] = packed
  return { household, grid, place, status, group, lane, door, head, phone, local, state: { visited, reached, notice, pledge, door: found } }
}

export function listPacked(list: Register): unknown[] {
  const homes = new Map(list.households.map((h) => [h.household, [] as ResidentKnown[]]))
  const others = list.residents.filter((r) => homes.get(r.household)?.push(r) === undefined)
  const pieces: Piece[] = []
  for (let at = 0; at < list.households.length; at += HOUSEHOLDS_A_PIECE) {
    const some = list.households.slice(at, at + HOUSEHOLDS_A_PIECE)
    pieces.push({ homes: some.map((h) => householdPacked(h, homes.get(h.household) ?? [])), others: [] })
  }
  if (others.length > 0) pieces.push({ homes: [], others: others.map((r) => [r.household, residentPacked(r)]) })
  return pieces
}

/** breathe: lets the screen be drawn between two pieces, if it is time. */
export async function listUnpacked(packed: readonly unknown[], breathe?: () => Promise<void>): Promise<Register> {
  const list: Register = { households: [], residents: [] }
  for (const { homes, others } of packed as readonly Piece[]) {
    for (const home of homes) {
      list.households.push(householdUnpacked(home))
      for (const resident of home[15]) list.residents.push(residentUnpacked(home[0], resident))
    }
    for (const [household, resident] of others) list.residents.push(residentUnpacked(household, resident))
    await breathe?.()
  }
  return list
}
