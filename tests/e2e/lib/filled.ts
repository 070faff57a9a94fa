/* A site in which every list of the office has something in it and a bulletin is published, so that a test
 * that looks for names in an answer has an answer to look in. */
import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { ask } from '../../integration/lib/device'
import { COUNTY, fixedPseudonym, GRID_FAR, homes, Site } from '../../integration/lib/site'
import { root } from '../../integration/lib/where'
import { TOWNSHIP, VILLAGE } from './seat'

const DIRECTIVE = '019a0000-0000-7000-8000-00000000d1ec'
/** Of people of the office; those of the register are in Site. */
export const DUTY_NAME = '赵宣讲'
const DUTY_PHONE = '13900000001'

/** What stands in place of {id}, {device}, … of an address. */
export interface Filled {
  bulletin: string
  device: string
  directive: string
  person: string
}

/** The ISO week of seven days ago in Shanghai, as "2026-W46". */
export function lastWeek(): string {
  const d = new Date(Date.now() + 8 * 3_600_000 - 7 * 86_400_000)
  d.setUTCDate(d.getUTCDate() + 3 - ((d.getUTCDay() + 6) % 7))
  const week = Math.floor((d.getTime() - Date.UTC(d.getUTCFullYear(), 0, 1)) / 604_800_000) + 1
  return `${d.getUTCFullYear()}-W${String(week).padStart(2, '0')}`
}

async function fromPhone(site: Site): Promise<void> {
  const phone = await site.device('W0001')
  const fresh = fixedPseudonym('filled-found')
  const people = { name: '王一', born: '1970-01-01' }
  await phone.send(
    phone.visit(homes[1]!.household),
    phone.visit(homes[3]!.household, { outcome: 'moved' }),
    phone.event('household', { household: fresh, place: 'home', why: 'found' }, { name: '王户主', door: '99号' }),
    phone.event('resident', { household: fresh, resident: fixedPseudonym('filled-person'), why: 'found' }, people),
    phone.visit(homes[70]!.household, { grid: GRID_FAR }),
  )
}

/** Needs the people of addPeople. */
export async function fill(site: Site): Promise<Filled> {
  for (const kind of ['rule', 'targets', 'texts', 'topics'])
    await site.admin(kind, 'set', join(root, 'deploy', 'sample', `${kind}.json`), '--county', COUNTY, '--by', 'C0001')
  await fromPhone(site)
  const one = await site.token('A0001', 'township', TOWNSHIP)
  const two = await site.token('A0002', 'township', TOWNSHIP)
  const secretary = await site.token('S0001', 'secretary', VILLAGE)
  const call = async (token: string, method: string, path: string, body: object | string | null): Promise<Record<string, unknown>> => {
    const csv = typeof body === 'string'
    const headers = { Authorization: `Bearer ${token}`, ...(body === null ? {} : { 'Content-Type': csv ? 'text/csv' : 'application/json' }) }
    const a = await ask(site.url + path, { method, headers, ...(body === null ? {} : { body: csv ? body : JSON.stringify(body) }) })
    assert.equal(a.status, 200, `${method} ${path}: ${a.body}`)
    return JSON.parse(a.body) as Record<string, unknown>
  }
  await call(one, 'POST', '/v1/duties', `division,duty,name,phone,trained_on\n${VILLAGE},lecturer,${DUTY_NAME},${DUTY_PHONE},\n`)
  await call(one, 'POST', '/v1/directives', { directive: DIRECTIVE, scope: VILLAGE, title: '入户安排', body: '本周请先走三组。' })
  await call(secretary, 'POST', '/v1/reveal', { subject: homes[0]!.household, reason: '电话回访' })
  const bulletin = (await call(one, 'POST', '/v1/bulletins', { scope: TOWNSHIP, period: lastWeek() }))['id'] as string
  await call(two, 'POST', `/v1/bulletins/${bulletin}/publish`, null)
  const [device] = await site.pg.sql(`SELECT device FROM qm.device WHERE account = 'W0001'`)
  const [person] = await site.pg.sql(`SELECT person FROM qm.duty_person`)
  return { bulletin, device: device!, directive: DIRECTIVE, person: person! }
}
