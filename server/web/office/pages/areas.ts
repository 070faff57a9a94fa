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
  return { areas, nameOf }
}
