// Photos that were taken again and are not saved yet, by the missing photo that each stands for: kept through a
// reload, an update or the death of the tab.
//
// Happy path: use → restore → take → save stores photo and record of one, the others stay.
// Failure modes: those of form_draft.ts; a tab that dies between storing and forgetting leaves photos of a record
// that no longer lacks any: restore drops them.
import type { RecordDraft } from '@qiaomen/sdk'
import { useDraftPictures } from './draft_pictures'
import { useFormDraft } from './form_draft'
import { usePhone } from './phone'

interface Taken {
  /** names of photos, by what they are taken for */
  taken: Record<string, string[]>
}
const NAME = 'photos'

export function usePhotosDraft() {
  const phone = usePhone()
  const { form, unkept, keeping, restore: begun } = useFormDraft<Taken>(NAME, () => ({ taken: {} }), (f) => Object.values(f.taken).flat().length > 0)
  const pictures = useDraftPictures(NAME, keeping)

  const of = (key: string): string[] => form.value.taken[key] ?? []
  function take(key: string, names: readonly string[]): void {
    const others = Object.entries(form.value.taken).filter(([other]) => other !== key)
    form.value = { taken: Object.fromEntries(names.length === 0 ? others : [...others, [key, [...names]]]) }
  }

  /** missing: what photos are still to be taken for. */
  async function restore(missing: readonly string[]): Promise<void> {
    if (!(await begun())) return
    const lost = await pictures.restore(Object.values(form.value.taken).flat())
    for (const [key, names] of Object.entries(form.value.taken)) take(key, missing.includes(key) ? names.filter((name) => !lost.includes(name)) : [])
  }

  async function save(key: string, record: RecordDraft): Promise<void> {
    await pictures.attach(of(key))
    await phone.recordAll([record])
    take(key, [])
  }

  return { unkept, of, take, add: pictures.add, restore, save }
}
