// The link with which an account signs in for the first time: https://HOST/office/#first=CODE&account=A0001.
// The code is taken out of the address before anything else looks at it: it is good for one sign-in, and must
// neither reach a server nor stay in the browser's history.
import { ref } from 'vue'

/** <6-digit county>.<22 characters of base64url>, and the account it was made for. */
const FORM = /^#first=(([0-9]{6})\.[A-Za-z0-9_-]{22})(?:&account=([A-Z][0-9A-Z]{1,15}))?$/

export interface First {
  code: string
  county: string
  account: string
}

/** What this page was opened with; the form takes it once. */
export const firstLink = ref<First | null>(null)

export function firstOf(hash: string): First | null {
  const parts = FORM.exec(hash)
  return parts === null ? null : { code: parts[1]!, county: parts[2]!, account: parts[3] ?? '' }
}

/** Takes the code out of the address, which becomes that of the sign-in form; true if there was one. */
export function firstTake(): boolean {
  const first = firstOf(location.hash)
  if (first === null) return false
  firstLink.value = first
  history.replaceState(history.state, '', '/office/sign-in')
  return true
}
