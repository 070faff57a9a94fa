// One thing at a time that may fail: `busy` while it runs, `error` until the next try.
import { ref, shallowRef } from 'vue'

export function useTask() {
  const busy = ref(false)
  const error = shallowRef<unknown>(null)

  /** True if it was done. A second call while one runs is not begun. */
  async function run(task: () => Promise<void>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    error.value = null
    try {
      await task()
      return true
    } catch (e) {
      error.value = e
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, error, run }
}
