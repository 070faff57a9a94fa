// What the areas of the caller's reach are called.  Where they cannot be read, codes stand in their place.
import { shallowRef } from 'vue'
import { divisions, type Division } from '@shared/api/office'

export function useAreas() {
  const areas = shallowRef<Division[]>([])
  void divisions()
    .then((got) => (areas.value = got))
    .catch(() => {})
  const nameOf = (code: string): string => areas.value.find((a) => a.code === code)?.name || code
  return { areas, nameOf }
}
