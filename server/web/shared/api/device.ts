// What the phone's client asks with, and what it has to know before it is enrolled.
import { read } from './client'

/** For the client SDK, which makes its requests itself: signed, to the address that it was given. */
export const deviceFetch: typeof fetch = (input, init) => fetch(input, init)

/** The authority that names and proofs are made of; behind a proxy it is not that of the address. */
export async function siteHost(): Promise<string> {
  return (await read('/v1/site')).host
}
