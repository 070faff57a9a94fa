/* Each role tries every page and every route of the API that is not its own: nothing leaks.  The routes
 * are those of the API's description and the pages those of the router, so that a new one cannot be
 * forgotten; the site has something in each list, so that there is something to leak. */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { ask } from '../integration/lib/device'
import { COUNTY, GRID, homes, Site } from '../integration/lib/site'
import { root } from '../integration/lib/where'
import { launch, OFFICE_PC, web } from './lib/browser'
import { DUTY_NAME, fill, Filled, lastWeek } from './lib/filled'
import { addPeople, Seat, seat, VILLAGE_FAR, Who } from './lib/seat'

interface Operation { security?: Record<string, string[]>[]; requestBody?: { content: Record<string, unknown> } }
interface Route { method: string; path: string; roles: string[]; body: string | null }

const ROLES: Who[] = ['worker', 'leader', 'deputy', 'secretary', 'township', 'police', 'inspector', 'auditor', 'admin']
/** What a name or number of the register or of an office's people in full looks like. */
const FULL = new RegExp(`王户主|王[一二]|${DUTY_NAME}|1004100\\d{4}|10040000\\d{3}|1390000\\d{4}`)
const MASKED = /王\*|100\*{4}/

let site: Site
let browser: Browser
let routes: Route[]
const seats: Partial<Record<Who, Seat>> = {}

let filled: Filled

/** What stands for the names between braces; an {id} is of what the address is about. */
function valueOf(name: string, path: string): string {
  const id = path.startsWith('/v1/bulletins') ? filled.bulletin : path.includes('/residents/') ? homes[0]!.people[0]!.resident : homes[0]!.household
  const values: Record<string, string> = {
    id, account: 'W0002', device: filled.device, person: filled.person, directive: filled.directive, n: '1', kind: 'rule', name: 'duties',
    log: COUNTY, tile: '000', level: '0', index: '0', county: COUNTY, sha256: 'a'.repeat(64),
  }
  const value = values[name]
  assert.ok(value !== undefined, `nothing is known to put into {${name}} of ${path}`)
  return value
}
/** What a route cannot be asked without. */
const QUERY: Record<string, string> = { '/v1/signoffs': `?period=${lastWeek()}`, '/v1/figures': `?period=${lastWeek()}` }
const address = (path: string): string => path.replace(/\{([a-z0-9_]+)\}/g, (_w, name: string) => valueOf(name, path)) + (QUERY[path] ?? '')

/** Reads that carry what is looked for in their body: people by name, by address. */
const FINDS = ['/v1/lists/households', '/v1/lists/residents']
const finds = (r: Route): boolean => r.method === 'POST' && FINDS.includes(r.path)

/** The pages of the office's router, opened at what is there. */
function pagesOf(): string[] {
  const paths = [...readFileSync(join(root, 'server', 'web', 'office', 'router.ts'), 'utf8').matchAll(/\{ path: '([^']*)'/g)].map((m) => m[1]!)
  assert.ok(paths.length > 10, 'the router has its pages in another form')
  const values: Record<string, string> = { code: '', id: filled.bulletin, form: 'visit', rest: 'nothing' }
  // Whoever is signed in is led on from the page for signing in.
  return paths.filter((path) => path !== '/sign-in').map((path) =>
    path.replace(/:([a-z]+)(?:\(.*\))?[?*]?/g, (_w, name: string) => {
      const value = values[name]
      assert.ok(value !== undefined, `nothing is known to put into :${name} of ${path}`)
      return value
    }),
  )
}

before(async () => {
  site = await Site.start([`web_dir = ${web}`])
  await addPeople(site)
  filled = await fill(site)
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

interface Got { path: string; route: string; status: number; text: string }

/** Asks all of them as a page of ours would: with the cookie, and with the token that writes carry. */
function askAll(who: Who, list: Route[], json = '{}'): Promise<Got[]> {
  const { page, csrf } = seats[who]!
  const asks = list.map((r) => ({ method: r.method, path: r.path, url: address(r.path), body: r.body, route: `${r.method} ${r.path}` }))
  return page.evaluate(
    async ([all, token, asked]) => {
      const out: Got[] = []
      for (const a of all) {
        const headers: Record<string, string> = a.method === 'GET' ? {} : { 'X-QM-CSRF': token }
        if (a.body !== null) headers['Content-Type'] = a.body
        const body = a.body === null ? undefined : a.body === 'text/csv' ? 'household,account\n' : asked
        const r = await fetch(a.url, { method: a.method, headers, ...(body === undefined ? {} : { body }) })
        out.push({ path: a.path, route: a.route, status: r.status, text: await r.text() })
      }
      return out
    },
    [asks, csrf, json] as const,
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
      const got = await ask(site.url + address(r.path), { method: r.method, ...init })
      assert.equal(got.status, 401, `${r.method} ${r.path}: ${got.status} ${got.body.slice(0, 200)}`)
    }
  })

  const noNames = (who: Who, got: Got[]): void => {
    for (const { route, status, text } of got) {
      assert.ok(status < 500, `${who}: ${route}: ${status}`)
      assert.doesNotMatch(text, FULL, `${who}: ${route}`)
      if (['auditor', 'admin'].includes(who)) assert.doesNotMatch(text, MASKED, `${who}: ${route}`)
    }
  }

  test('what a role may read holds no name in full, and for auditors and admins none of the register at all', async () => {
    const own = (who: Who): Route[] => routes.filter((r) => r.method === 'GET' && r.roles.includes(who) && !r.path.endsWith('/export'))
    for (const who of ROLES) noNames(who, await askAll(who, own(who)))
    // Nothing is looked for in vain: each of these answers, and no list is empty.
    for (const { route, status, text } of await askAll('township', own('township'))) {
      assert.equal(status, 200, `${route}: ${text.slice(0, 200)}`)
      if (text.startsWith('{')) assert.doesNotMatch(text, /^\{"(rows|people)":\[\]/, `${route}: ${text.slice(0, 200)}`)
    }
  })

  test('what a role finds by a name holds no name in full', async () => {
    assert.equal(routes.filter(finds).length, FINDS.length)
    for (const who of ROLES) noNames(who, await askAll(who, routes.filter((r) => finds(r) && r.roles.includes(who)), '{"text":"王"}'))
    for (const { route, status, text } of await askAll('township', routes.filter(finds), '{"text":"王"}')) {
      assert.equal(status, 200, `${route}: ${text.slice(0, 200)}`)
      assert.match(text, MASKED, route)
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
      address('/v1/register/households/{id}/status'),
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
      for (const path of pagesOf()) {
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
