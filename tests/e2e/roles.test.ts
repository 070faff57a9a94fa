/* Each role tries every page and every route of the API that is not its own: nothing leaks.  The routes
 * are those of the API's description, so that a new one cannot be forgotten. */
import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { ask } from '../integration/lib/device'
import { COUNTY, GRID, homes, Site } from '../integration/lib/site'
import { launch, OFFICE_PC, web } from './lib/browser'
import { addPeople, Seat, seat, VILLAGE_FAR, Who } from './lib/seat'

interface Operation { security?: Record<string, string[]>[]; requestBody?: { content: Record<string, unknown> } }
interface Route { method: string; path: string; roles: string[]; body: string | null }

const ROLES: Who[] = ['worker', 'leader', 'deputy', 'secretary', 'township', 'police', 'inspector', 'auditor', 'admin']
const PAGES = ['/', '/households', '/residents', '/week', '/bulletins/00000000-0000-4000-8000-000000000000', '/people', '/register', '/settings', '/access']
/** What a name or number of the register in full looks like. */
const FULL = /王户主|王[一二]|1004100\d{4}|10040000\d{3}/
const MASKED = /王\*|100\*{4}/

let site: Site
let browser: Browser
let routes: Route[]
const seats: Partial<Record<Who, Seat>> = {}

const PATH: Record<string, string> = {
  id: homes[0]!.household, account: 'W0002', device: '00000000-0000-4000-8000-000000000000', n: '1', kind: 'rule',
  log: COUNTY, tile: '000', level: '0', index: '0', county: COUNTY, sha256: 'a'.repeat(64),
}
const fill = (path: string): string => path.replace(/\{([a-z0-9_]+)\}/g, (_w, name: string) => PATH[name] ?? 'x')

before(async () => {
  site = await Site.start([`web_dir = ${web}`])
  await addPeople(site)
  browser = await launch()
  const api = JSON.parse((await ask(`${site.url}/v1/openapi.json`)).body) as { paths: Record<string, Record<string, Operation>> }
  routes = Object.entries(api.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, o]) => {
      const roles = o.security?.map((s) => s['token']).find((r) => r !== undefined)
      const body = Object.keys(o.requestBody?.content ?? {})[0] ?? null
      return roles === undefined ? [] : [{ method: method.toUpperCase(), path, roles, body }]
    }),
  )
  for (const who of ROLES) seats[who] = await seat(browser, site, who, OFFICE_PC, [/status of 40[34]/])
})
after(async () => {
  await browser?.close()
  await site?.stop()
})

interface Got { route: string; status: number; text: string }

/** Asks all of them as a page of ours would: with the cookie, and with the token that writes carry. */
function askAll(who: Who, list: Route[]): Promise<Got[]> {
  const { page, csrf } = seats[who]!
  const asks = list.map((r) => ({ method: r.method, url: fill(r.path), body: r.body, route: `${r.method} ${r.path}` }))
  return page.evaluate(
    async ([all, token]) => {
      const out: Got[] = []
      for (const a of all) {
        const headers: Record<string, string> = a.method === 'GET' ? {} : { 'X-QM-CSRF': token }
        if (a.body !== null) headers['Content-Type'] = a.body
        const body = a.body === null ? undefined : a.body === 'text/csv' ? 'household,account\n' : '{}'
        const r = await fetch(a.url, { method: a.method, headers, ...(body === undefined ? {} : { body }) })
        out.push({ route: a.route, status: r.status, text: await r.text() })
      }
      return out
    },
    [asks, csrf] as const,
  )
}

describe('routes', () => {
  test('the description names the roles of every route that is not for everybody', () => {
    assert.ok(routes.length > 40)
    assert.ok(routes.every((r) => r.roles.length > 0))
  })

  test('a role is refused every route of the others, before its body is looked at', async () => {
    for (const who of ROLES) {
      const foreign = routes.filter((r) => !r.roles.includes(who))
      for (const got of await askAll(who, foreign)) {
        assert.equal(got.status, 403, `${who}: ${got.route}: ${got.status} ${got.text.slice(0, 200)}`)
        assert.doesNotMatch(got.text, FULL, `${who}: ${got.route}`)
      }
    }
  })

  test('whoever is not signed in is refused all of them', async () => {
    for (const r of routes) {
      const init = r.body === null ? {} : { headers: { 'Content-Type': r.body }, body: '{}' }
      const got = await ask(site.url + fill(r.path), { method: r.method, ...init })
      assert.equal(got.status, 401, `${r.method} ${r.path}: ${got.status} ${got.body.slice(0, 200)}`)
    }
  })

  test('what a role may read holds no name in full, and for auditors, admins and inspectors none at all', async () => {
    for (const who of ROLES) {
      const own = routes.filter((r) => r.method === 'GET' && r.roles.includes(who) && !r.path.endsWith('/export'))
      for (const got of await askAll(who, own)) {
        assert.ok(got.status < 500, `${who}: ${got.route}: ${got.status}`)
        assert.doesNotMatch(got.text, FULL, `${who}: ${got.route}`)
        if (['auditor', 'admin'].includes(who)) assert.doesNotMatch(got.text, MASKED, `${who}: ${got.route}`)
      }
    }
  })

  test('an area that is not one\u2019s own is refused', async () => {
    const within = ['/v1/coverage', '/v1/lists/households', '/v1/lists/residents', '/v1/divisions', '/v1/accounts', '/v1/phones', '/v1/held']
    for (const who of ['worker', 'leader', 'deputy', 'secretary'] as const) {
      const area = who === 'worker' || who === 'leader' ? `${VILLAGE_FAR}001` : VILLAGE_FAR
      for (const path of within) {
        const status = await seats[who]!.page.evaluate(async (url) => (await fetch(url)).status, `${path}?within=${area}`)
        assert.equal(status, 403, `${who}: ${path}`)
      }
    }
  })

  test('a write without the token of the session is refused', async () => {
    const status = await seats.township!.page.evaluate(
      async (url) => (await fetch(url, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: '{"status":"gone"}' })).status,
      fill('/v1/register/households/{id}/status'),
    )
    assert.equal(status, 403)
    const rows = await site.pg.sql(`SELECT status FROM qm.household WHERE county = ${COUNTY} AND grid = ${GRID} AND qm.pseudonym(household) = '${homes[0]!.household}'`)
    assert.deepEqual(rows, ['1'])
  })
})

describe('pages', () => {
  for (const who of ROLES) {
    test(`${who}: every page opens, shows no name in full and breaks nothing`, async () => {
      const { page, complaints } = seats[who]!
      for (const path of PAGES) {
        await page.goto(`${site.url}/office${path}`)
        await page.locator('#main').waitFor()
        await page.waitForLoadState('load')
        await page.waitForFunction(() => !document.body.innerText.includes('正在读取'))
        const text = await page.locator('body').innerText()
        assert.doesNotMatch(text, FULL, `${who}: ${path}`)
        if (['auditor', 'admin'].includes(who)) assert.doesNotMatch(text, MASKED, `${who}: ${path}`)
      }
      assert.deepEqual(complaints.all.filter((c) => c.startsWith('exception')), [], who)
    })
  }
})
