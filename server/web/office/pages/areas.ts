// What the areas of the caller's reach are called.  Where they cannot be read, codes stand in their place.
import { computed, shallowRef } from 'vue'
import { divisions, type Division } from '@shared/api/office'

export function useAreas() {
  const areas = shallowRef<Division[]>([])
  void divisions()
    .then((got) => (areas.value = got))
    .catch(() => {})
  const names = computed(() => new Map(areas.value.map((a) => [a.code, a.name])))
  const nameOf = (code: string): string => names.value.get(code) || code
  /** A grid with its village: numbers of grids begin anew in each. */
  const placeOf = (grid: string): string => {
    const [village, own] = [names.value.get(grid.slice(0, 12)), names.value.get(grid)]
    if (own === undefined || own === '') return village === undefined ? grid : `${village} ${grid.slice(12)}`
    return village === undefined || own.startsWith(village.slice(0, 2)) ? own : `${village} ${own}`
  }
  /** The same in a list of an area: within a village, that village goes without saying. */
  const placeIn = (within: string, grid: string): string => (within.length < 12 ? placeOf(grid) : nameOf(grid))
  return { areas, nameOf, placeOf, placeIn }
}
