// Who is signed in, for all pages, and as what of several roles.
//
// state: "unknown" until the server was asked, "in", "out", or "failed" (it could not be asked: the
// frame shows its own error, so that nobody is sent to sign in because a line is cut).
// lost: the session ended by itself while a page was open: the frame then asks to
// sign in above the page, so that nothing that was typed is lost.
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { areaUse, csrfUse, onSignedOut } from '@shared/api/http'
import { Problem } from '@shared/api/problem'
import * as api from '@shared/api/session'
import { earlyDrop, sessionEarly } from './early'
import { keptEnd, keptStart } from './frame/kept'
import { roleFirst } from './frame/roles'
import { areaName, chosenArea, chosenKeep, lastForget, lastKeep } from './last_area'

export const useSession = defineStore('session', () => {
  const state = ref<'unknown' | 'in' | 'out' | 'failed'>('unknown')
  const account = ref('')
  const county = ref('')
  const roles = ref<api.Role[]>([])
  const role = ref<api.Role | null>(null)
  const lost = ref(false)
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

  /** Asks the server unless the answer is known. */
  async function look(): Promise<void> {
    if (state.value === 'in' || state.value === 'out') return
    try {
      begun(await (sessionEarly() ?? api.session()))
    } catch (e) {
      if (e instanceof Problem && [401, 403, 404].includes(e.status)) left()
      else state.value = 'failed'
    }
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
  return { state, account, county, roles, role, area, lost, look, choose, signIn, signOut }
})
