// Pictures of a form that is being filled in: named by their bytes, kept beside its draft, and given to the
// outbox when the form is saved.
//
// Failure modes: a picture that cannot be kept is on the page alone, and the draft's `unkept` says so; one whose
// bytes are lost is told by restore, because no record may name what nobody has.
import { hex, sha256 } from '@qiaomen/sdk'
import type { FormDraft } from './form_draft'
import { usePhone } from './phone'

export function useDraftPictures(draftName: string, keeping: FormDraft<object>['keeping']) {
  const phone = usePhone()
  const pictures = new Map<string, Blob>()

  /** Gives the names of those that are lost. */
  async function restore(names: readonly string[]): Promise<string[]> {
    const lost: string[] = []
    for (const name of names) {
      const bytes = await phone.draftPicture(draftName, name)
      if (bytes === undefined) lost.push(name)
      else pictures.set(name, new Blob([new Uint8Array(bytes)]))
    }
    return lost
  }

  /** Gives the picture its name, and keeps it with the draft. */
  async function add(picture: Blob): Promise<string> {
    const name = hex(sha256(new Uint8Array(await picture.arrayBuffer())))
    pictures.set(name, picture)
    await keeping(phone.draftPictureKeep(draftName, name, picture))
    return name
  }

  /** Beside the draft once more, after that was dropped. */
  async function keepAgain(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const picture = pictures.get(name)
      if (picture !== undefined) await phone.draftPictureKeep(draftName, name, picture)
    }
  }

  /** Into the outbox, before the records that name them. */
  async function attach(names: Iterable<string>): Promise<void> {
    for (const name of names) {
      const picture = pictures.get(name)
      if (picture !== undefined) await phone.the().attach(new Uint8Array(await picture.arrayBuffer()))
    }
  }

  return { restore, add, keepAgain, attach, clear: () => pictures.clear() }
}
