// The week: sign-offs, figures from elsewhere, rankings from the freeze to the archive.
import { read } from './client'
import { send, sendJson } from './http'
import type { components } from './schema'

type Schemas = components['schemas']
export type Bulletin = Schemas['Bulletin']
export type BulletinHead = Schemas['BulletinHead']
export type BulletinRow = Schemas['BulletinRow']
export type BulletinCell = Schemas['BulletinCell']
export type BulletinPageOfHeads = Schemas['BulletinPage']
export type Proposal = Schemas['Proposal']
export type Signoff = Schemas['Signoff']
export type Figure = Schemas['ImportedFigure']
export type FigureRow = Schemas['FigureRow']

/** A freeze counts a whole county; it may take a while. */
const FREEZE_TIMEOUT_MS = 180_000

const address = (id: string, rest = '') => `/v1/bulletins/${encodeURIComponent(id)}${rest}`

export function bulletins(before?: number): Promise<BulletinPageOfHeads> {
  return read('/v1/bulletins', { query: before === undefined ? { limit: 20 } : { limit: 20, before } })
}

export function bulletin(id: string): Promise<Bulletin> {
  return read('/v1/bulletins/{id}', { path: { id } })
}

/**
 * Freezes a period into a draft; `replaces` is the index of the bulletin that it corrects. Repeated while the
 * server says that it is busy: one that outlasts a request's deadline goes on, and asking again waits for it.
 */
export function freeze(scope: string, period: string, replaces?: number): Promise<Bulletin> {
  const json = replaces === undefined ? { scope, period } : { scope, period, replaces }
  return sendJson<Bulletin>('/v1/bulletins', { method: 'POST', json, repeatable: true, timeoutMs: FREEZE_TIMEOUT_MS })
}

export async function drop(id: string): Promise<void> {
  await send(address(id), { method: 'DELETE' })
}

export function wordingPut(id: string, sections: Record<string, string>): Promise<Bulletin> {
  return sendJson<Bulletin>(address(id, '/wording'), { method: 'PUT', repeatable: true, json: { sections } })
}

export function publish(id: string): Promise<Bulletin> {
  return sendJson<Bulletin>(address(id, '/publish'), {
    method: 'POST',
    repeatable: true,
    timeoutMs: FREEZE_TIMEOUT_MS,
  })
}

export function sealNote(id: string, sha256: string): Promise<Bulletin> {
  return sendJson<Bulletin>(address(id, '/seal'), { method: 'PUT', repeatable: true, json: { sha256 } })
}

export function decide(id: string, n: number, decision: 'accept' | 'dismiss', remark: string): Promise<Bulletin> {
  return sendJson<Bulletin>(address(id, `/proposals/${n}`), { method: 'POST', json: { decision, remark } })
}

/** Where a browser opens or saves an output of a bulletin. */
export const output = {
  page: (id: string) => address(id, '/page'),
  sheet: (id: string) => address(id, '/sheet'),
  table: (id: string, annex: number) => `${address(id, '/table')}?annex=${annex}&bom=1`,
  everybody: (county: string, index: number) => `/b/${county}/${index}`,
}

/** SVG. */
export async function picture(id: string): Promise<string> {
  return (await send(address(id, '/picture'))).text()
}

/** Text for a chat group. */
export async function chatWords(id: string): Promise<string> {
  return (await send(address(id, '/words'))).text()
}

export async function signoffs(period: string, scope?: string): Promise<Signoff[]> {
  const query = scope === undefined ? { period } : { period, scope }
  return (await read('/v1/signoffs', { query })).signoffs
}

async function sign(json: Schemas['SignoffAsk']): Promise<Signoff[]> {
  const answer = await sendJson<Schemas['Signoffs']>('/v1/signoffs', { method: 'POST', json, timeoutMs: 60_000 })
  return answer.signoffs
}

export const prepare = (village: string, period: string) => sign({ village, period, step: 'prepare' })

/** Confirms what was prepared and looked at: the same range and roster. */
export const confirm = (village: string, period: string, to: number, roster: string) =>
  sign({ village, period, step: 'confirm', to, roster })

export async function figures(period: string): Promise<Figure[]> {
  return (await read('/v1/figures', { query: { period } })).figures
}

/** All or none; `source` is the SHA-256 of the file that they come from. */
export async function figuresPut(period: string, source: string, rows: FigureRow[]): Promise<Figure[]> {
  const json = { period, source, rows }
  return (await sendJson<Schemas['Figures']>('/v1/figures', { method: 'POST', repeatable: true, json })).figures
}
