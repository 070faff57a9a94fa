// Directives: what the office publishes for an area, who has read it and who has not.
import { pathFill, read } from './client'
import { sendJson } from './http'
import type { components } from './schema'

type Schemas = components['schemas']
export type Directive = Schemas['Directives']['rows'][number]
export type DirectiveLate = Schemas['DirectiveLate']['rows'][number]
export type DirectiveAsk = Schemas['DirectiveAsk']

/** Fifty, newest first; `before` is the time of the last one that is known. */
export const directives = async (before?: number): Promise<Directive[]> =>
  (await read('/v1/directives', { query: before === undefined ? {} : { before } })).rows
export const directiveLate = async (directive: string): Promise<DirectiveLate[]> =>
  (await read('/v1/directives/{directive}/late', { path: { directive } })).rows

/** A number for one directive: sending it twice publishes it once. */
export async function directiveId(): Promise<string> {
  const { uuid7 } = await import('@qiaomen/sdk')
  return uuid7((n) => crypto.getRandomValues(new Uint8Array(n)), Date.now())
}
export const directivePublish = (ask: DirectiveAsk): Promise<unknown> => sendJson('/v1/directives', { method: 'POST', json: ask, repeatable: true })
export const directiveAcknowledge = (directive: string): Promise<unknown> =>
  sendJson(pathFill('/v1/directives/{directive}/acknowledged', { directive }), { method: 'PUT', json: {}, repeatable: true })
