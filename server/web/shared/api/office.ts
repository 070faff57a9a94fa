// What the office does beside the week: register, people and phones, decisions, settings, log of access.
//
// A refused file or change is no exception but a Report with its faults (status 422).
import { pathFill, read, readIfAny } from './client'
import { send, sendJson, writeHeadersNow } from './http'
import { Problem, problemOf } from './problem'
import type { components, paths } from './schema'

type Schemas = components['schemas']
export type Report = Schemas['Report']
export type Fault = NonNullable<Report['list']>[number]
export type Division = Schemas['Divisions']['rows'][number]
export type Account = Schemas['Accounts']['rows'][number]
export type Phone = Schemas['Phones']['rows'][number]
export type HeldEvent = Schemas['Held']['rows'][number]
export type AccessLine = Schemas['AccessLog']['rows'][number]
/** Whose notes, of what and of which days; a part that is not there: of all. */
export type AccessAsk = Omit<NonNullable<paths['/v1/access']['get']['parameters']['query']>, 'before' | 'limit'>
export type Setting = Schemas['Setting']
export type Card = Schemas['Card']
export type ListedHousehold = Schemas['ListedHousehold']

export type ImportKind = 'divisions' | 'grids' | 'accounts' | 'households' | 'residents' | 'claims' | 'duties'
export type SettingKind = 'rule' | 'targets' | 'texts' | 'topics'

const REFUSED = 422
/** 50,000 rows are sealed one by one. */
const IMPORT_TIMEOUT_MS = 300_000

const within = (area: string | undefined) => (area === undefined ? {} : { query: { within: area } })

export const divisions = async (area?: string): Promise<Division[]> => (await read('/v1/divisions', within(area))).rows
export const accounts = async (area?: string): Promise<Account[]> => (await read('/v1/accounts', within(area))).rows
/** Masked, of those within the area and above it. */
export const names = async (area?: string): Promise<Schemas['Names']['rows']> => (await read('/v1/names', within(area))).rows
export const phones = async (area?: string): Promise<Phone[]> => (await read('/v1/phones', within(area))).rows

export async function held(after?: HeldEvent): Promise<HeldEvent[]> {
  const place = after === undefined ? {} : { after: `${after.grid}-${after.index}-${after.line}` }
  return (await read('/v1/held', { query: { limit: 100, ...place } })).rows
}

export async function accessLog(ask: AccessAsk, before?: number): Promise<AccessLine[]> {
  return (await read('/v1/access', { query: { ...ask, limit: 100, ...(before === undefined ? {} : { before }) } })).rows
}

export const card = (id: string): Promise<Card> => read('/v1/register/households/{id}', { path: { id } })

/** Every household of an area, a page after the other; `progress` is told how many there are so far. */
export async function householdsAll(area: string, progress: (n: number) => void): Promise<ListedHousehold[]> {
  const all: ListedHousehold[] = []
  for (let after: string | null | undefined; after !== null; ) {
    const query = { within: area, limit: 500, ...(after === undefined ? {} : { after }) }
    const page: Schemas['HouseholdPage'] = await read('/v1/lists/households', { query })
    all.push(...page.rows)
    progress(all.length)
    after = page.next
  }
  return all
}

export function change(method: 'POST' | 'PUT', path: string, json: unknown, query: Record<string, string> = {}): Promise<Report> {
  return sendJson<Report>(path, { method, json, query, accept: [REFUSED], timeoutMs: 60_000 })
}

export type HouseholdChange = 'status' | 'worker' | 'grid' | 'merged'
const member: Record<HouseholdChange, string> = { status: 'status', worker: 'account', grid: 'grid', merged: 'into' }

export function householdChange(id: string, what: HouseholdChange, value: string): Promise<Report> {
  return change('PUT', pathFill('/v1/register/households/{id}/{what}', { id, what }), { [member[what]]: value })
}

export function residentChange(id: string, what: 'status' | 'household', value: string): Promise<Report> {
  return change('PUT', pathFill('/v1/register/residents/{id}/{what}', { id, what }), { [what]: value })
}

export const decisions = (way: 'in' | 'out', code: string, events: string[]): Promise<Report> =>
  change('POST', `/v1/decisions/${way}`, { code, events })

export const phoneCode = (account: string): Promise<Report> =>
  change('POST', pathFill('/v1/accounts/{account}/phone-code', { account }), {})
export const signInCode = (account: string): Promise<Report> =>
  change('POST', pathFill('/v1/accounts/{account}/sign-in-code', { account }), {})

export const accountSwitch = (account: string, way: 'close' | 'open', reason: string): Promise<Report> =>
  change('POST', pathFill('/v1/accounts/{account}/{way}', { account, way }), { reason })
/** Days are yyyy-mm-dd; empty: no limit. */
export const accountDays = (a: Account, from: string, until: string): Promise<Report> =>
  change('PUT', pathFill('/v1/accounts/{account}/role', { account: a.account }), { role: a.role, prefix: a.prefix, from, until })

export const phoneRevoke = (device: string, lostMs: number): Promise<Report> =>
  change('POST', pathFill('/v1/phones/{device}/revoke', { device }), { lost: String(lostMs) })

/** Null where none was ever set. */
export const setting = (kind: SettingKind): Promise<Setting | null> => readIfAny('/v1/settings/{kind}', { path: { kind } })

/** `text` is kept verbatim, so it goes as it was written. */
export function settingPut(kind: SettingKind, text: string, dry: boolean): Promise<Report> {
  return sendJson<Report>(`/v1/settings/${kind}`, {
    method: 'PUT',
    body: text,
    headers: { 'Content-Type': 'application/json' },
    query: dry ? { dry: '1' } : {},
    accept: [REFUSED],
    timeoutMs: 60_000,
  })
}

/** Ten versions of a setting, newest first; `before` is the index of the last one that is known. */
export async function settingVersions(kind: SettingKind, before?: number): Promise<Setting[]> {
  return (await read('/v1/settings/{kind}/versions', { path: { kind }, query: before === undefined ? {} : { before } })).rows
}

export type Preference = Schemas['Preference']
export type PreferenceName = 'columns_households' | 'columns_residents' | 'duties' | 'groups'
export type DutyRule = Schemas['DutyRule']

export type CareGroup = Schemas['CareGroups']['rows'][number]
/** The county's care groups; only those that are used may be kept for a person. */
export const careGroups = async (): Promise<CareGroup[]> => (await read('/v1/groups', {})).rows

/** What the county's pages remember; nulls where nothing was ever set. */
export const preference = (name: PreferenceName): Promise<Preference> => read('/v1/preferences/{name}', { path: { name } })
export const preferencePut = (name: PreferenceName, value: unknown): Promise<Report> => change('PUT', `/v1/preferences/${name}`, value)

export type Duties = Schemas['Duties']
export type DutyDivision = Duties['divisions'][number]
export type DutyPerson = Duties['people'][number]

export const duties = (): Promise<Duties> => read('/v1/duties', {})
/** One line of the sheet that the import takes too. */
export async function dutyAdd(csv: string): Promise<Report> {
  const body = { method: 'POST' as const, body: csv, headers: { 'Content-Type': 'text/csv; charset=utf-8' }, accept: [REFUSED] }
  return sendJson<Report>('/v1/duties', body)
}
export const dutyTrained = (person: string, day: string): Promise<Report> => change('PUT', pathFill('/v1/duties/{person}/trained', { person }), { day })
export const dutyRemove = (person: string): Promise<Report> => change('POST', pathFill('/v1/duties/{person}/removed', { person }), {})

/** Sends a file; `sent` hears which part of it has left, 0 to 1.  By XMLHttpRequest, because fetch
 * does not tell how much of a body was sent. */
function upload(path: string, csv: string, sent: (part: number) => void): Promise<Response> {
  return new Promise((resolve, reject) => {
    const ask = new XMLHttpRequest()
    ask.open('POST', path)
    ask.timeout = IMPORT_TIMEOUT_MS
    ask.setRequestHeader('Content-Type', 'text/csv; charset=utf-8')
    for (const [name, value] of Object.entries(writeHeadersNow())) ask.setRequestHeader(name, value)
    ask.upload.onprogress = (e) => sent(e.lengthComputable && e.total > 0 ? e.loaded / e.total : 0)
    ask.onload = () => {
      const headers: Record<string, string> = { 'Content-Type': ask.getResponseHeader('Content-Type') ?? '' }
      const wait = ask.getResponseHeader('Retry-After')
      if (wait !== null) headers['Retry-After'] = wait
      resolve(new Response(ask.responseText, { status: ask.status, headers }))
    }
    ask.onerror = () => reject(new Problem('offline', 0, 'no answer'))
    ask.ontimeout = () => reject(new Problem('timeout', 0, 'no answer in time'))
    ask.send(csv)
  })
}

/** Imports a file, or with `dry` only says what it would do. */
export async function registerImport(
  kind: ImportKind,
  csv: string,
  options: { dry: boolean; sent: (part: number) => void },
): Promise<Report> {
  const place = kind === 'duties' ? '/v1/duties/import' : `/v1/register/${kind}`
  const path = `${place}?${options.dry ? 'dry=1' : 'out=1'}`
  const response = await upload(path, csv, options.sent)
  if (!response.ok && response.status !== REFUSED) throw await problemOf(response)
  return (await response.json()) as Report
}

/** The signed state of a county's ledger: three lines of a note. */
export async function ledger(county: string): Promise<{ origin: string; size: number; root: string }> {
  const text = await (await send(`/v1/log/${encodeURIComponent(county)}/checkpoint`)).text()
  const [origin = '', size = '', root = ''] = text.split('\n')
  return { origin, size: Number(size), root }
}

export const ledgerExport = (county: string): string => `/v1/log/${encodeURIComponent(county)}/export`
