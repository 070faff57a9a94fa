// The office's link: https://HOST/app/#enrol=CODE, shown as a QR code.
import { ref } from 'vue'

/** <6-digit county>.<22 characters of base64url>: the form of a code. */
const FORM = /^#enrol=([0-9]{6}\.[A-Za-z0-9_-]{22})$/

/** The code that this page was opened with; empty if none. */
export const enrolCode = ref('')

export function codeOf(hash: string): string | null {
  return FORM.exec(hash)?.[1] ?? null
}

/** Takes the code out of the address; true if there was one. */
export function codeTake(): boolean {
  const code = codeOf(location.hash)
  if (code === null) return false
  enrolCode.value = code
  history.replaceState(history.state, '', location.pathname + location.search)
  return true
}

/** The link to open in another browser, with the code if there is one. */
export function linkToCopy(): string {
  return `${location.origin}/app/${enrolCode.value === '' ? '' : `#enrol=${enrolCode.value}`}`
}
