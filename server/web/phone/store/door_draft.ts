// The open form of one door: kept as a draft while it changes, its pictures beside it, and saved as
// one set.
//
// Happy path: use → the page changes form → save stores pictures and records, the draft goes.
// Failure modes: those of form_draft.ts; if saving fails nothing of the set is recorded and the form
// stays as it is.
import type { Ref } from 'vue'
import { hex, sha256, type RecordDraft, type RecordedAs } from '@qiaomen/sdk'
import { formNew, picturesOf, recordsOf, touched, withoutPicture, type Entry, type Preset } from './door_form'
import { useFormDraft } from './form_draft'
import { usePhone } from './phone'

function asDraft({ draft: { kind, ...members }, hidden }: Entry): RecordDraft {
  return { kind, members, hidden } as unknown as RecordDraft
}

const evidenceIn = ({ draft }: Entry): readonly string[] => ('evidence' in draft ? draft.evidence : [])

export function useDoorDraft(preset: Ref<Preset>) {
  const phone = usePhone()
  const { household } = preset.value
  const draft = useFormDraft(household, () => formNew(preset.value), touched)
  const { form, unkept } = draft
  const pictures = new Map<string, Blob>()

  /** Takes up what was begun before; true if there was something. */
  async function restore(): Promise<boolean> {
    const goesOn = await draft.restore()
    for (const name of picturesOf(form.value)) {
      const bytes = await phone.draftPicture(household, name)
      if (bytes === undefined) form.value = withoutPicture(form.value, name)
      else pictures.set(name, new Blob([new Uint8Array(bytes)]))
    }
    return goesOn
  }

  /** Gives the picture its name, and keeps it with the draft. */
  async function pictureAdd(picture: Blob): Promise<string> {
    const name = hex(sha256(new Uint8Array(await picture.arrayBuffer())))
    pictures.set(name, picture)
    await draft.keeping(phone.draftPictureKeep(household, name, picture))
    return name
  }

  function save(nowMs: number): Promise<RecordedAs[]> {
    return draft.save(async (stored) => {
      const entries = recordsOf(form.value, nowMs)
      // A signature that was given and then not used goes nowhere.
      for (const name of new Set(entries.flatMap(evidenceIn))) {
        const picture = pictures.get(name)
        if (picture !== undefined) await phone.the().attach(new Uint8Array(await picture.arrayBuffer()))
      }
      return phone.recordAll(entries.map(asDraft), stored)
    })
  }

  async function clear(): Promise<void> {
    pictures.clear()
    await draft.clear()
  }

  return { form, unkept, restore, pictureAdd, save, clear }
}
