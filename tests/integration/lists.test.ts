/* Finding households and residents by address, name and initials: names stay sealed and masked, that
 * somebody looked is noted, and no search goes outside the caller's area. */
import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { Answer, ask, problem } from './lib/device'
import { Description } from './lib/shape'
import { COUNTY, GRID, GRID_FAR, GRID_OTHER, Site } from './lib/site'

const VILLAGE = '140522110204'
const TOWNSHIP = '140522110'
const MANY = 560

let site: Site
let api: Description
let secretary: string, township: string, worker: string, auditor: string

type Row = Record<string, unknown>
interface Page { rows: Row[]; next: string | null }

const post = (token: string, kind: string, text: unknown, query = ''): Promise<Answer> =>
  ask(`${site.url}/v1/lists/${kind}?${query}`, {
    method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ text }),
  })
async function find(token: string, kind: 'households' | 'residents', text: string, query = ''): Promise<Page> {
  const a = await post(token, kind, text, query)
  assert.equal(a.status, 200, a.body)
  const page = JSON.parse(a.body) as Page
  assert.deepEqual(api.faults(page, api.schema(kind === 'households' ? 'HouseholdPage' : 'ResidentPage')), [])
  return page
}
const doors = async (token: string, text: string, query = 'limit=500'): Promise<unknown[]> =>
  (await find(token, 'households', text, query)).rows.map((r) => r['door'])

before(async () => {
  site = await Site.start()
  api = new Description(JSON.parse((await ask(`${site.url}/v1/openapi.json`)).body) as Record<string, unknown>)
  const named = [['刘荣贵', '三组', '后巷', '1号'], ['曾庆云', '三组', '后巷', '2号'], ['Lucy O’Neil', '四组', '前街', 'A-3号'], ['<b>&"\u202e𠮷', '四组', '前街', '4号']]
  await site.importCsv('households', 'household,grid,group,lane,door,head,phone', [
    ...named.map(([head, group, lane, door]) => `,${GRID_OTHER},${group},${lane},${door},"${head!.replace(/"/g, '""')}",13900001234`),
    ...Array.from({ length: MANY }, (_, i) => `,${GRID_OTHER},九组,长街,${i + 1}户,${i % 100 === 7 ? '龙瑞芳' : '王多多'},`),
  ])
  secretary = await site.token('S0001', 'secretary', VILLAGE)
  township = await site.token('A0001', 'township', TOWNSHIP)
  worker = await site.token('W0001', 'worker', GRID)
  auditor = await site.token('U0001', 'auditor', COUNTY)
})
after(() => site?.stop())

describe('what is found', () => {
  test('a door by group, lane and number, in any order', async () => {
    assert.deepEqual(await doors(township, '三组 2号'), ['2号'])
    assert.deepEqual(await doors(township, '2号 后巷'), ['2号'])
    assert.deepEqual(await doors(township, '前街a-3'), ['A-3号'])
    assert.deepEqual(await doors(township, '八组'), [])
  })

  test('a head by name and by initials, surnames as they are read', async () => {
    assert.deepEqual((await doors(township, '刘荣')).length, 1)
    assert.deepEqual(await doors(township, 'lrg'), ['1号'])
    assert.deepEqual(await doors(township, 'zqy'), ['2号'])
    assert.deepEqual(await doors(township, 'cqy'), [])
    assert.deepEqual(await doors(township, 'LUCY 四组'), ['A-3号'])
    assert.deepEqual(await doors(township, '𠮷'), ['4号'])
    assert.deepEqual(await doors(township, '<b>&"'), ['4号'])
  })

  test('residents by their own names', async () => {
    const page = await find(township, 'residents', 'wy', 'limit=500')
    assert.ok(page.rows.length > 50)
    assert.ok(page.rows.every((r) => r['name'] === '王*'))
    assert.equal((await find(township, 'residents', '王二', `within=${GRID_OTHER}&limit=500`)).rows.length, 10)
  })

  test('only in the part that is shown', async () => {
    assert.equal((await doors(township, 'lrg', 'part=left:visited')).length, 1)
    assert.equal((await doors(township, 'lrg', 'part=done:visited')).length, 0)
  })

  test('names and phone numbers stay masked', async () => {
    const [row] = (await find(township, 'households', 'lrg')).rows
    assert.deepEqual([row!['head'], row!['phone']], ['刘**', '139****1234'])
  })
})

describe('long lists', () => {
  test('page by page, each row once, over several slices', async () => {
    const seen: unknown[] = []
    let pages = 0
    for (let next: string | null = ''; next !== null; pages++) {
      const page: Page = await find(township, 'households', '长街', `limit=97${next && `&after=${next}`}`)
      seen.push(...page.rows.map((r) => r['household']))
      next = page.next
    }
    assert.deepEqual([seen.length, new Set(seen).size, pages], [MANY, MANY, Math.ceil(MANY / 97)])
    assert.equal((await find(township, 'households', 'lrf', 'limit=500')).rows.length, Math.ceil((MANY - 7) / 100))
  })
})

describe('who may', () => {
  test('nobody finds anything outside their area', async () => {
    assert.deepEqual(await doors(worker, 'lrg'), [])
    const far = await find(secretary, 'households', '王', 'limit=500')
    assert.ok(!far.rows.some((r) => r['grid'] === GRID_FAR))
    const other = await post(worker, 'households', 'lrg', `within=${GRID_OTHER}`)
    assert.deepEqual([other.status, problem(other)], [403, 'forbidden'])
  })

  test('who sees no names cannot look for any', async () => {
    const a = await post(auditor, 'households', 'lrg')
    assert.deepEqual([a.status, problem(a)], [403, 'forbidden'])
  })

  test('that somebody looked is noted; what for is not', async () => {
    await find(secretary, 'residents', '王一')
    const a = await ask(`${site.url}/v1/access?limit=1`, { headers: { Authorization: `Bearer ${auditor}` } })
    const [line] = (JSON.parse(a.body) as { rows: Row[] }).rows
    assert.deepEqual([line!['account'], line!['what'], line!['subject'], line!['reason']], ['S0001', 'find_residents', VILLAGE, ''])
    assert.deepEqual(await site.pg.sql(`SELECT count(*) FROM qm.access WHERE reason LIKE '%王一%' OR subject LIKE '%王一%'`), ['0'])
  })

  test('what cannot be looked for is refused with the reason, in the reader\'s language', async () => {
    for (const bad of ['', '   ', '1 2 3 4 5 6 7 8 9', '字'.repeat(21)]) {
      const a = await post(township, 'households', bad)
      assert.deepEqual([a.status, problem(a)], [400, 'malformed'], bad)
      assert.match((JSON.parse(a.body) as { detail: string }).detail, /^查找内容:1到60字节/)
    }
    const unfit = ['/v1/lists/households', '/v1/held', '/v1/access'].flatMap((path) => ['0', '501', '-1', 'x', ''].map((n) => `${path}?limit=${n}`))
    for (const path of unfit) {
      const a = await ask(site.url + path, { headers: { Authorization: `Bearer ${township}`, 'Accept-Language': 'en' } })
      assert.deepEqual([a.status, (JSON.parse(a.body) as { detail?: string }).detail], [400, 'limit: 1 to 500'], path)
    }
    for (const [language, said] of [['en', 'limit: 1 to 500'], ['zh-CN', 'limit:1到500。'], ['fr', 'limit:1到500。']] as const) {
      const a = await ask(`${site.url}/v1/lists/households?limit=0`, { headers: { Authorization: `Bearer ${township}`, 'Accept-Language': language } })
      assert.deepEqual([a.status, problem(a), (JSON.parse(a.body) as { detail: string }).detail], [400, 'malformed', said])
    }
    for (const bad of [7, null, ['x']]) assert.equal((await post(township, 'households', bad)).status, 400)
    assert.equal((await post(township, 'households', '王', 'part=refused')).status, 400)
    assert.equal((await post(township, 'households', '王', 'after=AAAA')).status, 400)
  })
})
