// The role and area in which somebody worked here last, so that the next start can ask for its board, and
// draw it, before the server has said who is signed in.  A role and a division code, no person; gone with signing
// out.  What was chosen of several in this tab comes first.
export interface Area {
  role: string
  prefix: string
}

const TAB = 'qm.area'
const LAST = 'qm.last_area'

/** Storage may be switched off: then the choice lasts as long as the page. */
function quietly<T>(act: () => T): T | null {
  try {
    return act()
  } catch {
    return null
  }
}

export const areaName = (a: Area): string => `${a.role}/${a.prefix}`

function areaOf(name: string | null): Area | null {
  const [, role, prefix] = /^([a-z]{1,16})\/([0-9]{6,15})$/.exec(name ?? '') ?? []
  return role === undefined || prefix === undefined ? null : { role, prefix }
}

/** Chosen in this tab, by its name. */
export const chosenArea = (): string | null => quietly(() => sessionStorage.getItem(TAB))
export const chosenKeep = (name: string): void => void quietly(() => sessionStorage.setItem(TAB, name))

/** several: the account has other roles, so that requests say which one is meant. */
export function lastArea(): { area: Area; several: boolean } | null {
  const chosen = areaOf(chosenArea())
  if (chosen !== null) return { area: chosen, several: true }
  const [name, several] = (quietly(() => localStorage.getItem(LAST)) ?? '').split(' ')
  const area = areaOf(name ?? null)
  return area === null ? null : { area, several: several === 'several' }
}

export const lastKeep = (area: Area, several: boolean): void =>
  void quietly(() => localStorage.setItem(LAST, `${areaName(area)} ${several ? 'several' : 'only'}`))

export const lastForget = (): void => void quietly(() => localStorage.removeItem(LAST))
