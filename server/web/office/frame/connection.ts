// What the frame says above every page: whether the server answers, and of when the figures are.
import { reactive } from 'vue'

export const connection = reactive({
  /** The last request had no answer, or the browser knows of no network. */
  lost: false,
  /** When the figures on the page were received, in ms; null if the page shows none. */
  asOf: null as number | null,
})

export function connectionWatch(): void {
  connection.lost = !navigator.onLine
  window.addEventListener('offline', () => {
    connection.lost = true
  })
  window.addEventListener('online', () => {
    connection.lost = false
  })
}
