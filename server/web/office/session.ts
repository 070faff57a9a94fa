// Who is signed in, for all pages.
//
// state: "unknown" until the server was asked, "in", "out", or "failed" (it could not be asked: the
// page opens and shows its own error, so that nobody is sent to sign in because a line is cut).
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { csrfUse, onSignedOut } from '@shared/api/http'
import { Problem } from '@shared/api/problem'
import * as api from '@shared/api/session'

export const useSession = defineStore('session', () => {
  const state = ref<'unknown' | 'in' | 'out' | 'failed'>('unknown')
  const account = ref('')
  const roles = ref<api.Role[]>([])

  function begun(s: api.Session): void {
    state.value = 'in'
    account.value = s.account
    roles.value = s.roles
  }

  function ended(): void {
    state.value = 'out'
    account.value = ''
    roles.value = []
    csrfUse(null)
  }

  /** Asks the server unless the answer is known. */
  async function look(): Promise<void> {
    if (state.value === 'in' || state.value === 'out') return
    try {
      begun(await api.session())
    } catch (e) {
      if (e instanceof Problem && [401, 403, 404].includes(e.status)) ended()
      else state.value = 'failed'
    }
  }

  async function signIn(form: api.SignIn): Promise<void> {
    begun(await api.signIn(form))
  }

  async function signOut(everywhere: boolean): Promise<void> {
    await api.signOut(everywhere)
    ended()
  }

  onSignedOut(ended)
  return { state, account, roles, look, signIn, signOut }
})
