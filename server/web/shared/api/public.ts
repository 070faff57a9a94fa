// What everybody may ask: a household's own receipt, and the public result of a bulletin.
import { pathFill } from './client'
import { send, sendJson } from './http'
import type { components } from './schema'

export type Receipt = components['schemas']['Receipt']

/** By the two parts behind the # of the link on the paper. 404 for anything that does not fit. */
export function receipt(id: string, s: string): Promise<Receipt> {
  return sendJson<Receipt>('/v1/receipt', { method: 'POST', repeatable: true, json: { id, s } })
}

/** The bytes of a published object, found by their SHA-256 in hex. */
export async function object(log: string, sha256: string): Promise<ArrayBuffer> {
  const path = pathFill('/v1/log/{log}/object/{sha256}', { log, sha256 })
  return (await send(path)).arrayBuffer()
}
