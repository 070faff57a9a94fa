// The open form of one door: kept as a draft while it changes, its pictures beside it, and saved as
// one set.
//
// Happy path: use → the page changes form → save stores pictures and records, the draft goes; takeBack makes it a draft
// again, with its pictures.
// Failure modes: those of form_draft.ts; if saving fails nothing of the set is recorded and the form
// stays as it is; if the form cannot be kept again, nothing is taken back.
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
  const draft = useFormDraft(household, () => formNew(preset.value), (f) => touched(f, preset.value.done))
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

  /** Of what save made.  The form is kept before the first record goes, because nobody is to sign twice.  'voided': some
   * of it was on its way already, and stays with a trace. */
  async function takeBack(made: readonly RecordedAs[]): Promise<'removed' | 'voided'> {
    await pictures.keepAgain(picturesOf(form.value))
    await phone.draftKeep(household, form.value)
    const how = new Set<'removed' | 'voided'>()
    try {
      // The last one first: later ones may name what earlier ones made.
      for (const { event } of [...made].reverse()) how.add(await phone.undo(event, 'wrong-entry'))
    } catch (e) {
      if (how.size === 0) await phone.draftDrop(household)
      throw e
    }
    return how.has('voided') ? 'voided' : 'removed'
  }

  async function clear(): Promise<void> {
    pictures.clear()
    await draft.clear()
  }

  return { form, unkept, restore, pictureAdd: pictures.add, save, takeBack, clear }
}
