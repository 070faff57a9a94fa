/* People who sign in at a browser: codes, passwords, cookies, limits, roles. */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { must } from './lib/command'
import { Answer, ask, problem } from './lib/device'
import { Description } from './lib/shape'
import { COUNTY, Site } from './lib/site'
import { vkeyText } from './lib/wire'

const GOOD = '反诈宣传-2026'
const OTHER = 'ein anderes Wort'
const JSON_TYPE = { 'Content-Type': 'application/json' }

interface Session { county: string; account: string; csrf: string; roles: { role: string; prefix: string }[] }
interface SignedIn extends Session { cookie: string }

let site: Site
let api: Description

before(async () => {
  site = await Site.start()
  api = new Description(JSON.parse((await ask(`${site.url}/v1/openapi.json`)).body) as Record<string, unknown>)
})
after(() => site?.stop())

const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(site.url + path, { method, body: body === undefined ? undefined : JSON.stringify(body), headers: { ...JSON_TYPE, ...headers } })
const code = async (account: string): Promise<string> =>
  (await site.adminJson('login', 'code', '--county', COUNTY, '--account', account, '--by', 'C0001'))['code'] as string

async function signIn(account: string, password: string, oneTime?: string): Promise<SignedIn> {
  const r = await fetch(`${site.url}/v1/session`, {
    method: 'POST', headers: JSON_TYPE,
    body: JSON.stringify({ county: COUNTY, account, password, ...(oneTime === undefined ? {} : { code: oneTime }) }),
  })
  const text = await r.text()
  assert.equal(r.status, 200, text)
  const set = r.headers.get('set-cookie')!
  assert.match(set, /^__Host-qm=140522\.[A-Za-z0-9_-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/)
  const session = JSON.parse(text) as Session
  assert.deepEqual(api.faults(session, api.schema('Session')), [])
  return { ...session, cookie: set.split(';')[0]! }
}
const refusedSignIn = (account: string, password: string, oneTime?: string): Promise<Answer> =>
  send('POST', '/v1/session', { county: COUNTY, account, password, ...(oneTime === undefined ? {} : { code: oneTime }) })

describe('the first sign-in', () => {
  test('a code sets the password, once', async () => {
    const oneTime = await code('A0001')
    const session = await signIn('A0001', GOOD, oneTime)
    assert.deepEqual(session.roles, [{ role: 'township', prefix: '140522110' }])
    const again = await refusedSignIn('A0001', OTHER, oneTime)
    assert.deepEqual([again.status, problem(again)], [401, 'unknown-key'])
    assert.equal((await signIn('A0001', GOOD)).account, 'A0001')
  })

  test('a code of another account, or a made-up one, sets nothing', async () => {
    const oneTime = await code('S0001')
    const refused = await refusedSignIn('I0001', GOOD, oneTime)
    // A challenge that fits the address: a token, not the signature of a phone.
    assert.deepEqual([refused.status, refused.headers.get('www-authenticate')], [401, 'Bearer'])
    assert.equal((await refusedSignIn('S0001', GOOD, `140522.${'A'.repeat(22)}`)).status, 401)
    await signIn('S0001', GOOD, oneTime)
  })

  test('a short password is refused in words and leaves the code unused', async () => {
    const oneTime = await code('I0001')
    const short = await refusedSignIn('I0001', '123456789', oneTime)
    assert.equal(short.status, 400)
    assert.match(short.body, /10/)
    await signIn('I0001', GOOD, oneTime)
  })

  test('a new code is the way back from a forgotten password, and ends the old sessions', async () => {
    const before = await signIn('S0001', GOOD)
    await signIn('S0001', OTHER, await code('S0001'))
    assert.equal((await send('GET', '/v1/session', undefined, { Cookie: before.cookie })).status, 401)
    assert.equal((await refusedSignIn('S0001', GOOD)).status, 401)
    await signIn('S0001', OTHER)
  })
})

describe('a session', () => {
  test('reads what its roles may, and says who it is', async () => {
    const s = await signIn('A0001', GOOD)
    const who = await send('GET', '/v1/session', undefined, { Cookie: s.cookie })
    assert.deepEqual((JSON.parse(who.body) as Session).csrf, s.csrf)
    assert.equal((await send('GET', '/v1/coverage', undefined, { Cookie: s.cookie })).status, 200)
    assert.equal((await send('GET', '/v1/coverage?within=140522111', undefined, { Cookie: s.cookie })).status, 403)
    assert.equal((await send('GET', `/v1/log/${COUNTY}/tile/entries/000.p/1`, undefined, { Cookie: s.cookie })).status, 403)
    assert.equal((await send('GET', '/v1/coverage', undefined, { Cookie: s.cookie, 'X-QM-Area': 'township/140522110' })).status, 200)
    assert.equal((await send('GET', '/v1/coverage', undefined, { Cookie: s.cookie, 'X-QM-Area': 'township/140522' })).status, 403)
  })

  test('changes nothing without the header that only our page can know', async () => {
    const s = await signIn('A0001', GOOD)
    for (const headers of [{}, { 'X-QM-CSRF': 'A'.repeat(22) }, { 'X-QM-CSRF': s.csrf.slice(1) }]) {
      const a = await send('DELETE', '/v1/session', undefined, { Cookie: s.cookie, ...(headers as Record<string, string>) })
      assert.deepEqual([a.status, problem(a)], [403, 'forbidden'])
    }
    assert.equal((await send('DELETE', '/v1/session', undefined, { Cookie: s.cookie, 'X-QM-CSRF': s.csrf })).status, 200)
    assert.equal((await send('GET', '/v1/session', undefined, { Cookie: s.cookie })).status, 401)
  })

  test('ends everywhere at once', async () => {
    const [one, two] = [await signIn('A0001', GOOD), await signIn('A0001', GOOD)]
    assert.equal((await send('DELETE', '/v1/session?all=1', undefined, { Cookie: one.cookie, 'X-QM-CSRF': one.csrf })).status, 200)
    for (const s of [one, two]) assert.equal((await send('GET', '/v1/session', undefined, { Cookie: s.cookie })).status, 401)
  })

  test('a cookie of another form, county or length is nobody', async () => {
    const s = await signIn('A0001', GOOD)
    const value = s.cookie.split('=')[1]!
    for (const bad of [value.slice(1), `140523${value.slice(6)}`, value.slice(0, -1) + (value.endsWith('A') ? 'B' : 'A'), `${value}x`, '']) {
      assert.equal((await send('GET', '/v1/coverage', undefined, { Cookie: `__Host-qm=${bad}` })).status, 401, bad)
    }
    assert.equal((await send('GET', '/v1/coverage', undefined, { Cookie: `a=b; ${s.cookie}; c=d` })).status, 200)
  })

  test('is none for a bearer of a token', async () => {
    const token = await site.token('A0001', 'township', '140522110')
    assert.equal((await send('GET', '/v1/session', undefined, { Authorization: `Bearer ${token}` })).status, 403)
  })

  test('another password ends the other sessions and not this one', async () => {
    const [one, two] = [await signIn('I0001', GOOD), await signIn('I0001', GOOD)]
    const change = (old: string, fresh: string): Promise<Answer> =>
      send('PUT', '/v1/session/password', { old, new: fresh }, { Cookie: one.cookie, 'X-QM-CSRF': one.csrf })
    assert.equal((await change(OTHER, GOOD)).status, 401)
    assert.equal((await change(GOOD, 'short')).status, 400)
    assert.equal((await change(GOOD, OTHER)).status, 200)
    assert.equal((await send('GET', '/v1/session', undefined, { Cookie: one.cookie })).status, 200)
    assert.equal((await send('GET', '/v1/session', undefined, { Cookie: two.cookie })).status, 401)
    assert.equal((await refusedSignIn('I0001', GOOD)).status, 401)
    await signIn('I0001', OTHER)
  })

  test('a role counts only on its days, and a closed account is nobody', async () => {
    const s = await signIn('I0001', OTHER)
    await site.pg.sql(`UPDATE qm.account_role SET until_day = '2020-01-01' WHERE account = 'I0001'`)
    assert.equal((await send('GET', '/v1/coverage', undefined, { Cookie: s.cookie })).status, 401)
    const late = await refusedSignIn('I0001', OTHER)
    assert.deepEqual([late.status, problem(late)], [403, 'forbidden'])
    await site.pg.sql(`UPDATE qm.account_role SET until_day = NULL WHERE account = 'I0001'`)
    assert.equal((await send('GET', '/v1/coverage', undefined, { Cookie: s.cookie })).status, 200)
    await site.pg.sql(`UPDATE qm.account SET closed = true WHERE account = 'I0001'`)
    assert.equal((await send('GET', '/v1/coverage', undefined, { Cookie: s.cookie })).status, 401)
    assert.equal((await refusedSignIn('I0001', OTHER)).status, 401)
  })
})

describe('guessing', () => {
  test('slows down after five wrong passwords, also for the right one, and for this account only', async () => {
    await signIn('U0001', GOOD, await code('U0001'))
    for (let i = 0; i < 5; i++) assert.equal((await refusedSignIn('U0001', OTHER)).status, 401)
    // The two seconds begin ten minutes later, so that a busy machine is not too late for them.
    await site.pg.sql(`UPDATE qm.password SET fail_ms = fail_ms + 600000 WHERE account = 'U0001'`)
    const held = await refusedSignIn('U0001', GOOD)
    assert.deepEqual([held.status, problem(held)], [429, 'quota-exceeded'])
    const wait_s = Number(held.headers.get('retry-after'))
    assert.ok(wait_s > 0 && wait_s <= 602, `${wait_s} s`)
    await signIn('A0001', GOOD)
    await site.pg.sql(`UPDATE qm.password SET fail_ms = fail_ms - 603000 WHERE account = 'U0001'`)
    await signIn('U0001', GOOD)
    assert.deepEqual(await site.pg.sql(`SELECT fails FROM qm.password WHERE account = 'U0001'`), ['0'])
  })

  test('an unknown account answers like a wrong password', async () => {
    const [unknown, wrong] = [await refusedSignIn('Z9999', GOOD), await refusedSignIn('A0001', OTHER)]
    const bare = (a: Answer): unknown => ({ ...(JSON.parse(a.body) as object), now: 0 })
    assert.deepEqual(bare(unknown), bare(wrong))
  })

  test('and waits like one: the row of answers tells nobody which accounts there are', async () => {
    await signIn('U0001', GOOD)
    // How many are looked at before one has to wait.  From the fifth on they wait for 2, 4, 8 ... s, so that a busy machine
    // may have one more looked at, but never before its time.
    const looked = async (account: string): Promise<number> => {
      let sent = 0
      for (let n = 0; n < 12; n++) {
        const before = sent
        sent = Date.now()
        const { status } = await refusedSignIn(account, OTHER)
        if (status === 429) return n
        assert.equal(status, 401)
        if (n >= 5) assert.ok(Date.now() - before >= 1000 * 2 ** (n - 4), `try ${n + 1} of ${account} had to wait`)
      }
      throw new Error(`${account} never had to wait`)
    }
    const known = await looked('U0001')
    assert.ok(known >= 5, `${known} were looked at`)
    assert.deepEqual(await site.pg.sql(`SELECT fails FROM qm.password WHERE account = 'U0001'`), [String(known)])
    const stranger = await looked('Z8888')
    assert.ok(stranger >= 5, `${stranger} were looked at`)
    await site.pg.sql(`UPDATE qm.password SET fails = 0, fail_ms = 0 WHERE account = 'U0001'`)
  })

  test('a server without memory for a hash says that it is busy, and counts no try', async () => {
    const limit = (bytes: string) => must('prlimit', ['--pid', String(site.pid), `--as=${bytes}:unlimited`])
    const size = Number(/VmSize:\s+(\d+) kB/.exec(readFileSync(`/proc/${site.pid}/status`, 'utf8'))![1])
    await limit(String((size + 8192) * 1024))
    try {
      assert.equal((await refusedSignIn('A0001', GOOD)).status, 503)
    } finally {
      await limit('unlimited')
    }
    assert.deepEqual(await site.pg.sql(`SELECT fails FROM qm.password WHERE account = 'A0001'`), ['1'])
    await signIn('A0001', GOOD)
  })

  test('neither passwords nor cookies are stored or logged in the clear', async () => {
    const s = await signIn('A0001', GOOD)
    const secret = s.cookie.split('.')[1]!
    const dump = (await site.pg.sql(`SELECT p::text FROM qm.password p UNION ALL SELECT s::text FROM qm.session s UNION ALL SELECT c::text FROM qm.login_code c`)).join('\n')
    for (const text of [dump, site.log]) {
      assert.ok(!text.includes(GOOD) && !text.includes(OTHER) && !text.includes(secret))
    }
    assert.match(dump, /\$argon2id\$v=19\$m=32768,t=3,p=1\$/)
  })
})

test('the site tells its counties, and the keys that receipts are checked with', async () => {
  const a = await ask(`${site.url}/v1/site`)
  assert.deepEqual(JSON.parse(a.body), { host: 'qm.test.example', counties: [{ code: COUNTY, name: '阳城县', log: vkeyText(site.logKey), texts: null }] })
})
