/* People of an office in their browsers: who there is, signing in, pages as each sees them. */
import { strict as assert } from 'node:assert'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { COUNTY, GRID, Site } from '../../integration/lib/site'
import { Complaints, open } from './browser'

export const TOWNSHIP = '140522110'
export const VILLAGE = '140522110204'
export const VILLAGE_FAR = '140522110205'
const PASSWORD = '村里反诈宣传要做好了'

/** Account and area of each role, those of the site and those added here. */
export const PEOPLE = {
  worker: ['W0001', GRID],
  leader: ['L0001', GRID],
  deputy: ['D0001', VILLAGE],
  secretary: ['S0001', VILLAGE],
  township: ['A0001', TOWNSHIP],
  second: ['A0002', TOWNSHIP],
  police: ['P0001', TOWNSHIP],
  inspector: ['I0001', COUNTY],
  auditor: ['U0001', COUNTY],
  admin: ['M0001', COUNTY],
} as const
export type Who = keyof typeof PEOPLE

export function addPeople(site: Site): Promise<string> {
  return site.importCsv('accounts', 'account,role,name,phone,areas', [
    `L0001,leader,网格长,10040000021,${GRID}`,
    `D0001,deputy,文书,10040000022,${VILLAGE}`,
    `A0002,township,办公室二,10040000023,${TOWNSHIP}`,
    `P0001,police,所长,10040000024,${TOWNSHIP}`,
    `M0001,admin,管理员,10040000025,${COUNTY}`,
  ])
}

export interface Seat {
  context: BrowserContext
  page: Page
  complaints: Complaints
  csrf: string
}

/** A browser in which this account is signed in, with a password that it has just set. */
export async function seat(
  browser: Browser,
  site: Site,
  who: Who,
  device: BrowserContextOptions,
  expected: RegExp[] = [],
): Promise<Seat> {
  const account = PEOPLE[who][0]
  const made = await site.adminJson('login', 'code', '--county', COUNTY, '--account', account, '--by', 'A0001')
  const { context, page, complaints } = await open(browser, device, [/\/v1\/session/, ...expected])
  await page.goto(`${site.url}/office/sign-in`)
  const form = { county: COUNTY, account, password: PASSWORD, code: made['code'] as string }
  const answer = await page.evaluate(async (body) => {
    const r = await fetch('/v1/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    return { status: r.status, text: await r.text() }
  }, form)
  assert.equal(answer.status, 200, answer.text)
  return { context, page, complaints, csrf: (JSON.parse(answer.text) as { csrf: string }).csrf }
}

/** Nothing is wider than the screen. */
export async function fits(page: Page): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  assert.ok(wide <= 0, `${wide} pixels too wide`)
}
