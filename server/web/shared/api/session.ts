// Signing in and out. The session itself is a cookie that no script can read; what a page keeps is
// who is signed in and the token that writes carry.
import { csrfUse, send, sendJson } from './http'

export interface Role {
  role: string
  prefix: string
}
export interface Session {
  account: string
  roles: Role[]
  csrf: string
}
export type SignIn = { account: string; password: string } | { account: string; code: string; password: string }

function begun(session: Session): Session {
  csrfUse(session.csrf)
  return session
}

export async function signIn(form: SignIn): Promise<Session> {
  return begun(await sendJson<Session>('/v1/session', { method: 'POST', json: form }))
}

/** Who is signed in, by the cookie. @throws Problem with status 401 if nobody is. */
export async function session(): Promise<Session> {
  return begun(await sendJson<Session>('/v1/session'))
}

export async function signOut(everywhere = false): Promise<void> {
  await send('/v1/session', { method: 'DELETE', repeatable: true, query: { all: everywhere ? 1 : undefined } })
  csrfUse(null)
}
