// Signing in and out. The session itself is a cookie that no script can read; what a page keeps is
// who is signed in and the token that writes carry.
import { read } from './client'
import { csrfUse, send, sendJson } from './http'
import type { components } from './schema'

export type Session = components['schemas']['Session']
export type Role = Session['roles'][number]
export type SignIn = components['schemas']['SignIn']
export type County = components['schemas']['Site']['counties'][number]

/** The counties that this server works for. */
export async function counties(): Promise<County[]> {
  return (await read('/v1/site')).counties
}

function begun(session: Session): Session {
  csrfUse(session.csrf)
  return session
}

export async function signIn(form: SignIn): Promise<Session> {
  return begun(await sendJson<Session>('/v1/session', { method: 'POST', json: form }))
}

/** Who is signed in, by the cookie. @throws Problem with status 401 if nobody is. */
export async function session(): Promise<Session> {
  return begun(await sendJson<Session>('/v1/session', { anyRole: true }))
}

export async function signOut(everywhere = false): Promise<void> {
  await send('/v1/session', { method: 'DELETE', repeatable: true, query: { all: everywhere ? 1 : undefined } })
  csrfUse(null)
}

/** Sets another password; the account's other sessions end. False: `old` is not the one in use. */
export async function passwordChange(old: string, fresh: string): Promise<boolean> {
  const answer = await send('/v1/session/password', { method: 'PUT', json: { old, new: fresh }, accept: [401] })
  // Both a wrong password and a session that has ended are a 401: the second one is told by asking again.
  if (!answer.ok) await session()
  return answer.ok
}
