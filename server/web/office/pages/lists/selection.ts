// Households that are ticked for printing.  They live as long as the tab; names in them are masked.
import { defineStore } from 'pinia'
import { computed, shallowReactive } from 'vue'
import type { Household } from '@shared/api/lists'

export const SELECTED_MAX = 200

export const useSelection = defineStore('selection', () => {
  const chosen = shallowReactive(new Map<string, Household>())
  const rows = computed(() => [...chosen.values()])
  const full = computed(() => chosen.size >= SELECTED_MAX)

  function toggle(row: Household): void {
    if (chosen.has(row.household)) chosen.delete(row.household)
    else if (!full.value) chosen.set(row.household, row)
  }
  return { rows, full, toggle, has: (id: string) => chosen.has(id), clear: () => chosen.clear() }
})
