// Rows that wait for somebody, a page at a time: which of them are chosen, the next page, and that what was
// settled leaves.  Failures are the caller's: every step here may throw what `ask` throws.
import { computed, ref, shallowRef } from 'vue'

export const CHOOSE_PAGE = 100

/** `ask`: the page behind a row, without one the first; `idOf`: what a row is chosen and settled by. */
export function useChoosing<T>(ask: (after?: T) => Promise<T[]>, idOf: (row: T) => string, first: T[] | null = null) {
  const rows = shallowRef<T[] | null>(first)
  const full = ref(first?.length === CHOOSE_PAGE)
  const chosen = ref<string[]>([])

  async function page(after?: T): Promise<void> {
    const got = await ask(after)
    rows.value = got
    full.value = got.length === CHOOSE_PAGE
    chosen.value = []
  }
  const begin = () => page()
  const more = () => page(rows.value?.[rows.value.length - 1])

  /** When the last one of a page has left, those behind it come. */
  async function settled(ids: string[]): Promise<void> {
    rows.value = (rows.value ?? []).filter((r) => !ids.includes(idOf(r)))
    chosen.value = chosen.value.filter((id) => !ids.includes(id))
    if (rows.value.length === 0) await begin()
  }
  const picked = computed(() => (rows.value ?? []).filter((r) => chosen.value.includes(idOf(r))))
  return { rows, full, chosen, picked, begin, more, settled }
}
