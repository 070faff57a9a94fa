// What everybody may ask: a household's own receipt.
import { sendJson } from './http'
import type { components } from './schema'

export type Receipt = components['schemas']['Receipt']

/** By the two parts behind the # of the link on the paper. 404 for anything that does not fit. */
export function receipt(id: string, s: string): Promise<Receipt> {
  return sendJson<Receipt>('/v1/receipt', { method: 'POST', repeatable: true, json: { id, s } })
}
