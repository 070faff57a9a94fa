// A value that follows the server: asked for again every few seconds while the page can be seen, by a
// conditional request that costs a few bytes when nothing has happened.
//
// Happy path: ask → value; wait; ask with the etag → nothing new, or a new value.
// When the server does not answer the last value stays on the screen, `error` says why, and the pauses
// grow to half a minute.  A hidden page asks nothing and asks at once when it is seen again.
import { onBeforeUnmount, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import type { Tagged } from '@shared/api/figures'
import { Problem } from '@shared/api/problem'
import { connection } from './connection'

export const PAUSE_MS = 3000
const PAUSE_MAX_MS = 30_000

export interface Live<T> {
  value: ShallowRef<T | null>
  error: Ref<unknown>
  /** Asks at once. */
  refresh: () => Promise<void>
}

/** Pause before the next question after so many failures in a row. */
export const pauseAfter = (failures: number): number => Math.min(PAUSE_MS * 2 ** failures, PAUSE_MAX_MS)

const noAnswer = (e: unknown) => e instanceof Problem && ['offline', 'timeout', 'malformed-answer'].includes(e.code)

/** `key` names what is asked for: when it changes the value is dropped and asked for anew. */
export function useLive<T>(
  key: () => string,
  ask: (etag: string | null, signal: AbortSignal) => Promise<Tagged<T> | null>,
): Live<T> {
  const value = shallowRef<T | null>(null)
  const error = ref<unknown>(null)
  let etag: string | null = null
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: AbortController | null = null
  let over = false

  async function turn(control: AbortController): Promise<void> {
    try {
      const got = await ask(etag, control.signal)
      if (control.signal.aborted) return
      if (got !== null) {
        value.value = got.value
        etag = got.etag
      }
      error.value = null
      failures = 0
      connection.lost = false
    } catch (e) {
      if (control.signal.aborted) return
      error.value = e
      failures++
      if (noAnswer(e)) connection.lost = true
    }
  }

  async function refresh(): Promise<void> {
    clearTimeout(timer)
    running?.abort()
    const control = new AbortController()
    running = control
    await turn(control)
    if (!over && running === control && !document.hidden) timer = setTimeout(() => void refresh(), pauseAfter(failures))
  }

  function seen(): void {
    if (document.hidden) clearTimeout(timer)
    else void refresh()
  }

  watch(
    key,
    () => {
      value.value = null
      etag = null
      failures = 0
      void refresh()
    },
    { immediate: true },
  )
  document.addEventListener('visibilitychange', seen)
  window.addEventListener('online', seen)
  onBeforeUnmount(() => {
    over = true
    clearTimeout(timer)
    running?.abort()
    document.removeEventListener('visibilitychange', seen)
    window.removeEventListener('online', seen)
  })
  return { value, error, refresh }
}
