// A line that says what was done, with the way back while it is there.
import { shallowRef } from 'vue'

export interface Snack {
  text: string
  /** the word on the button, and what it does */
  undo?: { word: string; run: () => Promise<void> } | undefined
}
const READ_MS = 3000
const UNDO_MS = 8_000
export const snack = shallowRef<Snack>()
let timer: ReturnType<typeof setTimeout> | undefined

export function unsay(): void {
  clearTimeout(timer)
  snack.value = undefined
}

export function say(text: string, undo?: Snack['undo']): void {
  unsay()
  snack.value = { text, undo }
  timer = setTimeout(unsay, undo === undefined ? READ_MS : UNDO_MS)
}
