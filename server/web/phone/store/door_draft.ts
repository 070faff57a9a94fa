// The open form of one door: kept as a draft while it changes, its pictures beside it, and saved as
// one set.
//
// Happy path: use → the page changes form → save stores pictures and records, the draft goes.
// Failure modes: what cannot be kept as a draft is still on the screen, and `unkept` says so; if saving
// fails nothing of the set is recorded and the form stays as it is.
import { onBeforeUnmount, ref, watch, type Ref } from 'vue'
import { hex, sha256, type RecordDraft, type RecordedAs } from '@qiaomen/sdk'
import { formNew, recordsOf, touched, withoutPicture, type DoorForm, type Entry, type Preset } from './door_form'
import { usePhone } from './phone'

const SETTLE_MS = 250

function asDraft({ draft: { kind, ...members }, hidden }: Entry): RecordDraft {
  return { kind, members, hidden } as unknown as RecordDraft
}

/** The blobs that a form names. */
function picturesOf(f: DoorForm): string[] {
  const named = [f.noticeBy.picture, ...f.pledges.map((s) => s.picture), ...f.photos]
  return [...new Set(named)].filter((name) => name !== '')
}

export function useDoorDraft(preset: Ref<Preset>) {
  const phone = usePhone()
  const form = ref<DoorForm>(formNew(preset.value))
  const pictures = new Map<string, Blob>()
  /** The phone has no room for the draft: it lies on the screen alone. */
  const unkept = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let saving = false

  async function keeping(work: Promise<void> | undefined): Promise<void> {
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
    const f = form.value
    await keeping(touched(f) ? phone.drafts?.keep(f.household, f) : phone.drafts?.drop(f.household))
  }
  /** On the way out of the page the browser may end it before a timer does. */
  function keepIfHidden(): void {
    if (document.visibilityState === 'hidden') void keepNow()
  }

  /** Takes up what was begun before; true if there was something. */
  async function restore(): Promise<boolean> {
    const kept = (await phone.drafts?.form(preset.value.household)) as DoorForm | undefined
    const f = formNew(preset.value)
    form.value = kept === undefined ? f : { ...f, ...kept }
    for (const name of picturesOf(form.value)) {
      const bytes = await phone.drafts?.picture(f.household, name)
      if (bytes === undefined) form.value = withoutPicture(form.value, name)
      else pictures.set(name, new Blob([new Uint8Array(bytes)]))
    }
    watch(form, () => (timer ??= setTimeout(() => void keepNow(), SETTLE_MS)), { deep: true })
    return kept !== undefined
  }

  /** Gives the picture its name, and keeps it with the draft. */
  async function pictureAdd(picture: Blob): Promise<string> {
    const name = hex(sha256(new Uint8Array(await picture.arrayBuffer())))
    pictures.set(name, picture)
    await keeping(phone.drafts?.keepPicture(form.value.household, name, picture))
    return name
  }

  async function save(nowMs: number): Promise<RecordedAs[]> {
    saving = true
    try {
      const f = form.value
      for (const name of f.outcome === 'met' ? picturesOf(f) : []) {
        const picture = pictures.get(name)
        if (picture !== undefined) await phone.the().attach(new Uint8Array(await picture.arrayBuffer()))
      }
      return await phone.recordAll(recordsOf(f, nowMs).map(asDraft), () => {
        clearTimeout(timer)
        timer = undefined
        // The set is recorded: a draft that stays must not look as if it were not.
        return keeping(phone.drafts?.drop(f.household))
      })
    } finally {
      saving = false
    }
  }

  async function clear(): Promise<void> {
    form.value = formNew(preset.value)
    pictures.clear()
    await keeping(phone.drafts?.drop(preset.value.household))
  }

  document.addEventListener('visibilitychange', keepIfHidden)
  window.addEventListener('pagehide', keepNow)
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', keepIfHidden)
    window.removeEventListener('pagehide', keepNow)
    if (timer !== undefined) void keepNow()
  })
  return { form, pictures, unkept, restore, pictureAdd, save, clear }
}
