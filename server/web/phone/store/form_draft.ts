// A form that is being filled in, kept as a draft while it changes.
//
// Happy path: use → restore → the page changes form → save does the storing, and the draft goes.
// Failure modes: what cannot be kept is still on the screen, and `unkept` says so; if storing fails the
// draft stays; if the tab dies between the two, `restore` finds what was stored and drops the draft.
import { onBeforeUnmount, ref, watch, type Ref } from 'vue'
import { usePhone } from './phone'

const SETTLE_MS = 250

export interface FormDraft<T> {
  form: Ref<T>
  /** The phone has no room for the draft: it lies on the screen alone. */
  unkept: Ref<boolean>
  /** Takes up what was begun before, unless it was stored; true if there was something.  Once, first. */
  restore(isStored?: (kept: T) => boolean): Promise<boolean>
  /** Notes in `unkept` whether it could be kept. */
  keeping(work: Promise<void>): Promise<void>
  /** store calls `stored` as soon as all of it is durable. */
  save<R>(store: (stored: () => Promise<void>) => Promise<R>): Promise<R>
  /** Everything as at first. */
  clear(): Promise<void>
}

/** name: of the draft; fresh: the form as at first; touched: would something be lost? */
export function useFormDraft<T extends object>(name: string, fresh: () => T, touched: (form: T) => boolean): FormDraft<T> {
  const phone = usePhone()
  const form = ref(fresh()) as Ref<T>
  const unkept = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let saving = false

  async function keeping(work: Promise<void>): Promise<void> {
    try {
      await work
      unkept.value = false
    } catch {
      unkept.value = true
    }
  }
  async function keepNow(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (saving) return
    await keeping(touched(form.value) ? phone.draftKeep(name, form.value) : phone.draftDrop(name))
  }
  async function drop(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    await keeping(phone.draftDrop(name))
  }
  /** On the way out of the page the browser may end it before a timer does. */
  function keepIfHidden(): void {
    if (document.visibilityState === 'hidden') void keepNow()
  }

  async function restore(isStored: (kept: T) => boolean = () => false): Promise<boolean> {
    const kept = (await phone.draftOf(name)) as T | undefined
    const goesOn = kept !== undefined && !isStored(kept)
    if (goesOn) form.value = { ...fresh(), ...kept }
    else if (kept !== undefined) await drop()
    const soon = (): void => void (timer ??= setTimeout(() => void keepNow(), SETTLE_MS))
    watch(form, soon, { deep: true })
    // Fingers may have been faster than the reading.
    if (!goesOn && touched(form.value)) soon()
    return goesOn
  }

  async function save<R>(store: (stored: () => Promise<void>) => Promise<R>): Promise<R> {
    saving = true
    try {
      // A draft that stays must not look as if nothing had been stored.
      return await store(drop)
    } finally {
      saving = false
    }
  }

  async function clear(): Promise<void> {
    form.value = fresh()
    await drop()
  }

  document.addEventListener('visibilitychange', keepIfHidden)
  window.addEventListener('pagehide', keepNow)
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', keepIfHidden)
    // A form that was saved and left must not be kept again when the tab goes.
    window.removeEventListener('pagehide', keepNow)
    window.removeEventListener('pagehide', keepNow)
    if (timer !== undefined) void keepNow()
  })
  return { form, unkept, restore, keeping, save, clear }
}
