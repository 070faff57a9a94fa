// What everybody may ask: a household's own receipt.
import { send, sendJson } from './http'
import type { components } from './schema'

export type Receipt = components['schemas']['Receipt']

/** By the two parts behind the # of the link on the paper. 404 for anything that does not fit. */
export function receipt(id: string, s: string): Promise<Receipt> {
  return sendJson<Receipt>('/v1/receipt', { method: 'POST', repeatable: true, json: { id, s } })
}

/** The bytes of an object of a county's log that everybody may read. */
export async function openObject(county: string, hash: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await send(`/v1/log/${county}/object/${hash}`)).arrayBuffer())
}
