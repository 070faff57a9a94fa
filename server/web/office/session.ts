// Who is signed in, for all pages, and as what of several roles.
//
// state: "unknown" until the server was asked, "in", "out", or "failed" (it could not be asked: the
// frame shows its own error, so that nobody is sent to sign in because a line is cut).
// Until the server has answered, `guess` takes the role in which somebody worked here last: a page that
// shows nothing by itself is put together meanwhile, and begins anew if it turns out to be another.
// lost: the session ended by itself while a page was open: the frame then asks to
// sign in above the page, so that nothing that was typed is lost.
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { areaUse, csrfUse, onSignedOut } from '@shared/api/http'
import { Problem } from '@shared/api/problem'
import * as api from '@shared/api/session'
import { earlyDrop, sessionEarly } from './early'
import { keptEnd, keptStart } from './frame/kept'
import { roleFirst, roleNamed } from './frame/roles'
import { areaName, chosenArea, chosenKeep, lastArea, lastForget, lastKeep } from './last_area'

export const useSession = defineStore('session', () => {
  const state = ref<'unknown' | 'in' | 'out' | 'failed'>('unknown')
  const account = ref('')
  const county = ref('')
  const roles = ref<api.Role[]>([])
  const role = ref<api.Role | null>(null)
  const lost = ref(false)
  /** Counts the people who worked here one after another. */
  const person = ref(0)
  const area = computed(() => role.value?.prefix ?? '')

  function use(r: api.Role | null): void {
    role.value = r
    areaUse(roles.value.length > 1 ? r : null)
    if (r !== null) lastKeep(r, roles.value.length > 1)
  }

  function begun(s: api.Session): void {
    state.value = 'in'
    lost.value = false
    keptStart()
    if (account.value !== '' && account.value !== s.account) person.value++
    account.value = s.account
    county.value = s.county
    roles.value = s.roles
    const before = role.value === null ? chosenArea() : areaName(role.value)
    use(s.roles.find((r) => areaName(r) === before) ?? roleFirst(s.roles))
  }

  function ended(): void {
    state.value = 'out'
    earlyDrop()
    csrfUse(null)
    areaUse(null)
  }

  /** Whoever leaves on purpose leaves nothing behind for the next one at this screen. */
  function left(): void {
    ended()
    lost.value = false
    account.value = ''
    roles.value = []
    role.value = null
    lastForget()
  }

  function endedByItself(): void {
    if (state.value === 'in') lost.value = true
    ended()
  }

  /** Another of the account's roles; kept for this tab. */
  function choose(name: string): void {
    const r = roles.value.find((one) => areaName(one) === name)
    if (r === undefined) return
    use(r)
    chosenKeep(name)
  }

  /** Before the server was ever asked: false where nobody worked here last. */
  function guess(): boolean {
    const last = state.value === 'unknown' ? lastArea() : null
    const name = last === null ? null : roleNamed(last.area.role)
    if (last === null || name === null) return false
    role.value = { role: name, prefix: last.area.prefix }
    areaUse(last.several ? role.value : null)
    return true
  }

  async function ask(): Promise<void> {
    try {
      begun(await (sessionEarly() ?? api.session()))
    } catch (e) {
      if (e instanceof Problem && [401, 403, 404].includes(e.status)) left()
      else state.value = 'failed'
    }
  }

  let asking: Promise<void> | null = null
  /** Asks the server unless the answer is known. */
  async function look(): Promise<void> {
    if (state.value === 'in' || state.value === 'out') return
    asking ??= ask().finally(() => (asking = null))
    await asking
  }

  async function signIn(form: api.SignIn): Promise<void> {
    begun(await api.signIn(form))
  }

  async function signOut(everywhere: boolean): Promise<void> {
    await api.signOut(everywhere)
    left()
    await keptEnd()
  }

  onSignedOut(endedByItself)
  return { state, account, county, roles, role, area, lost, person, guess, look, choose, signIn, signOut }
})
