// The rules of the sign-in form, apart from the page.

export const PASSWORD_MIN_CHARACTERS = 10
export const PASSWORD_MAX_BYTES = 128

/** An account as the contract has it, typed in either case. */
export function accountProblem(text: string): 'empty' | 'form' | null {
  const account = text.trim()
  if (account === '') return 'empty'
  return /^[A-Z][0-9A-Z]{1,15}$/.test(account.toUpperCase()) ? null : 'form'
}

/** Only a password that is being chosen is judged: an old one is what it is. */
export function passwordProblem(text: string, chosen: boolean): 'empty' | 'short' | 'long' | null {
  if (text === '') return 'empty'
  if (chosen && new TextEncoder().encode(text).length > PASSWORD_MAX_BYTES) return 'long'
  return chosen && Array.from(text).length < PASSWORD_MIN_CHARACTERS ? 'short' : null
}

/** Where to go after signing in: a place of this app, never another site. */
export function placeAfter(wanted: unknown): string {
  return typeof wanted === 'string' && /^\/(?![/\\])/.test(wanted) ? wanted : '/'
}
