/* What every writing route says of a body that is not for it: an answer of the API that says what to do there, and
 * not what belongs to another room.  The routes come from the description, so none can be forgotten. */
import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { Answer, ask } from './lib/device'
import { COUNTY, GRID, homes, Site } from './lib/site'

interface Operation {
  security?: Record<string, string[]>[]
  requestBody?: { content: Record<string, unknown> }
}
interface Route { method: string; path: string; url: string; media: string | null; token: string | null }

const UUID = '019a0000-0000-7000-8000-00000000d1ec'
const NAMED: Record<string, string> = {
  '{name}': 'duties', '{account}': 'W0003', '{device}': UUID, '{directive}': UUID, '{person}': UUID, '{n}': '1', '{sha256}': '0'.repeat(64),
}
const PICTURE = /照片|图片|JPEG|PNG|picture|photo/i
const PHONE = /手机里|this device|still here/
const MIB = 1 << 20

let site: Site
let routes: Route[]

function address(path: string): string {
  const id = path.includes('/bulletins/') ? UUID : path.includes('/residents/') ? homes[0]!.people[0]!.resident : homes[0]!.household
  return path.replace('{id}', id).replace(/\{[a-z0-9]+\}/g, (whole) => NAMED[whole] ?? assert.fail(`${path}: what is ${whole}?`))
}

before(async () => {
  site = await Site.start()
  const tokens: Record<string, string> = {
    township: await site.token('A0001', 'township', '140522110'),
    admin: await site.token('C0001', 'admin', COUNTY),
    secretary: await site.token('S0001', 'secretary', '140522110204'),
    worker: await site.token('W0001', 'worker', GRID),
  }
  const api = JSON.parse((await ask(`${site.url}/v1/openapi.json`)).body) as { paths: Record<string, Record<string, Operation>> }
  routes = Object.entries(api.paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([method]) => method === 'post' || method === 'put')
      .map(([method, o]) => {
        const roles = (o.security ?? []).flatMap((s) => s['token'] ?? [])
        const role = Object.keys(tokens).find((r) => roles.includes(r))
        assert.equal(role === undefined, roles.length === 0, `${method} ${path}: no token for ${roles.join()}`)
        const media = Object.keys(o.requestBody?.content ?? {})[0] ?? null
        return { method: method.toUpperCase(), path, url: site.url + address(path), media, token: role === undefined ? null : tokens[role]! }
      }),
  )
})
after(() => site?.stop())

function send(r: Route, media: string | null, body: string, lang = 'zh'): Promise<Answer> {
  const headers = {
    'Accept-Language': lang,
    ...(media === null ? {} : { 'Content-Type': media }),
    ...(r.token === null ? {} : { Authorization: `Bearer ${r.token}` }),
  }
  return ask(r.url, { method: r.method, headers, body })
}
const isPictures = (r: Route): boolean => r.path.startsWith('/v1/blobs/')
const ofPhones = (r: Route): boolean => r.token === null && r.path !== '/v1/session'

/** What is wrong with an answer that refuses; a Report of what the office does is one too (422). */
function wrongs(r: Route, a: Answer): string[] {
  const said = `${r.method} ${r.path}: ${a.status} ${a.body.slice(0, 300)}`
  if (a.status < 400 || a.status > 499) return [said]
  const problem = a.type.startsWith('application/problem+json')
  const report = a.status === 422 && a.type.startsWith('application/json') && (JSON.parse(a.body) as { ok: boolean }).ok === false
  const words = problem ? Object.values(JSON.parse(a.body) as Record<string, unknown>).join(' ') : a.body
  const strange = (!isPictures(r) && PICTURE.test(words)) || (!ofPhones(r) && PHONE.test(words))
  return (problem || report) && !strange ? [] : [said]
}
async function all(which: (r: Route) => boolean, of: (r: Route) => Promise<Answer>): Promise<void> {
  const wrong: string[] = []
  for (const r of routes.filter(which)) wrong.push(...wrongs(r, await of(r)))
  assert.deepEqual(wrong, [])
}
const takesBody = (r: Route): boolean => r.media !== null
const takesJson = (r: Route): boolean => r.media === 'application/json'

describe('every writing route refuses in its own words', () => {
  test('there are as many as the description has', () => assert.ok(routes.length > 50 && routes.some((r) => !takesBody(r))))
  for (const lang of ['zh', 'en'])
    test(`another content type, ${lang}: it says which one is taken`, () =>
      all(
        (r) => takesBody(r) && !isPictures(r),
        async (r) => {
          const a = await send(r, 'text/plain', 'x', lang)
          assert.deepEqual([r.path, a.status, a.body.includes(r.media!)], [r.path, 415, true])
          return a
        },
      ))
  test('an empty body', () => all(takesBody, (r) => send(r, r.media, '')))
  test('broken JSON', () => all(takesJson, (r) => send(r, r.media, '{"a":')))
  test('JSON that is only a word', () => all(takesJson, (r) => send(r, r.media, '"x"')))
  test('a body where none is taken', () =>
    all(
      (r) => !takesBody(r),
      async (r) => {
        const a = await send(r, 'application/json', '{}')
        assert.deepEqual([a.status, a.body.includes('不带内容')], [413, true])
        return a
      },
    ))
  test('more than 1 MiB', () => all(takesBody, (r) => send(r, r.media, 'x'.repeat(MIB + 1))))
  test('an object with nothing in it is refused, or all that is needed', async () => {
    for (const r of routes.filter(takesJson)) {
      const a = await send(r, r.media, '{}')
      assert.ok(a.status < 500, `${r.method} ${r.path}: ${a.status} ${a.body}`)
      if (a.status >= 400) assert.deepEqual(wrongs(r, a), [])
    }
  })
})
