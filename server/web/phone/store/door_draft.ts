// The open form of one door: kept as a draft while it changes, its pictures beside it, and saved as
// one set.
//
// Happy path: use → the page changes form → save stores pictures and records, the draft goes.
// Failure modes: those of form_draft.ts; if saving fails nothing of the set is recorded and the form
// stays as it is.
import type { Ref } from 'vue'
import type { RecordDraft, RecordedAs } from '@qiaomen/sdk'
import { formNew, picturesOf, recordsOf, touched, withoutPicture, type Entry, type Preset } from './door_form'
import { useDraftPictures } from './draft_pictures'
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
  const pictures = useDraftPictures(household, draft.keeping)

  /** Takes up what was begun before; true if there was something. */
  async function restore(): Promise<boolean> {
    const goesOn = await draft.restore()
    for (const name of await pictures.restore(picturesOf(form.value))) form.value = withoutPicture(form.value, name)
    return goesOn
  }

  function save(nowMs: number): Promise<RecordedAs[]> {
    return draft.save(async (stored) => {
      const entries = recordsOf(form.value, nowMs)
      // A signature that was given and then not used goes nowhere.
      await pictures.attach(new Set(entries.flatMap(evidenceIn)))
      return phone.recordAll(entries.map(asDraft), stored)
    })
  }

  async function clear(): Promise<void> {
    pictures.clear()
    await draft.clear()
  }

  return { form, unkept, restore, pictureAdd: pictures.add, save, clear }
}
