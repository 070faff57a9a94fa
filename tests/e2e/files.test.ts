/* How the server hands out the built pages: tags, codings, policy, budgets, and nothing else. */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { IncomingHttpHeaders, request } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { Site } from '../integration/lib/site'
import { web } from './lib/browser'

let site: Site
before(async () => {
  site = await Site.start([`web_dir = ${web}`])
})
after(() => site?.stop())

interface Got {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

/** The path as it is written, nothing decoded. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Got> {
  return new Promise((resolve, reject) => {
    const r = request({ host: '127.0.0.1', port: site.port, path, method, headers }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (b: Buffer) => parts.push(b))
      answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(parts) }))
    })
    r.on('error', reject)
    r.end()
  })
}

/** Of the list that the build wrote: path, name of the file, whether its name changes with it. */
const listed = readFileSync(join(web, 'pages.list'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('file '))
  .map((line) => line.split(' '))
  .map(([, cache, codings, path, name]) => ({ path: path!, name: name!, kept: cache === 'kept', packed: codings !== '-' }))
const script = listed.find((f) => f.path.startsWith('/office/assets/') && f.path.endsWith('.js'))!

test('every listed file is served as it was built, plain and in each coding', async () => {
  assert.ok(listed.length > 10)
  for (const f of listed) {
    const bytes = readFileSync(join(web, f.name))
    const plain = await get(f.path)
    assert.equal(plain.status, 200, f.path)
    assert.ok(plain.body.equals(bytes), f.path)
    assert.equal(plain.headers['content-encoding'], undefined)
    assert.equal(plain.headers['x-content-type-options'], 'nosniff')
    assert.equal(plain.headers['cache-control']!.includes('immutable'), f.kept, f.path)
    if (!f.packed) continue
    const br = await get(f.path, { 'Accept-Encoding': 'gzip, deflate, br' })
    const gz = await get(f.path, { 'Accept-Encoding': 'gzip' })
    assert.equal(br.headers['content-encoding'], 'br', f.path)
    assert.equal(gz.headers['content-encoding'], 'gzip', f.path)
    assert.ok(brotliDecompressSync(br.body).equals(bytes) && gunzipSync(gz.body).equals(bytes), f.path)
    assert.ok(br.body.length <= gz.body.length && gz.body.length < bytes.length, f.path)
    assert.equal(new Set([plain, br, gz].map((a) => a.headers.etag)).size, 3, f.path)
    assert.equal(br.headers['vary'], 'Accept-Encoding')
  }
})

test('a browser that has it gets 304 and no body, also for the page of a route', async () => {
  for (const path of [script.path, '/office/', '/office/lists/x', '/app/']) {
    const first = await get(path, { 'Accept-Encoding': 'br' })
    const again = await get(path, { 'Accept-Encoding': 'br', 'If-None-Match': first.headers.etag! })
    assert.equal(again.status, 304, path)
    assert.equal(again.body.length, 0)
    assert.equal(again.headers.etag, first.headers.etag)
    assert.equal((await get(path, { 'Accept-Encoding': 'br', 'If-None-Match': '"old"' })).status, 200)
  }
})

test('HEAD tells the same without the body', async () => {
  const full = await get('/office/')
  const head = await get('/office/', {}, 'HEAD')
  assert.equal(head.status, 200)
  assert.equal(head.body.length, 0)
  assert.equal(head.headers['content-length'], String(full.body.length))
  assert.equal(head.headers.etag, full.headers.etag)
  assert.equal((await get('/office/', {}, 'POST')).status, 405)
})

test('every page forbids what it does not need, and holds no script of its own', async () => {
  for (const path of ['/office/', '/app/', '/r/', '/office/any/route', '/app/door/7']) {
    const a = await get(path)
    assert.equal(a.status, 200, path)
    assert.equal(a.headers['content-type'], 'text/html; charset=utf-8')
    assert.equal(a.headers['cache-control'], 'no-cache')
    assert.equal(a.headers['referrer-policy'], 'no-referrer')
    const policy = a.headers['content-security-policy'] as string
    assert.match(policy, /script-src 'self';/)
    assert.match(policy, /frame-ancestors 'none'/)
    assert.doesNotMatch(policy, /unsafe-eval|script-src[^;]*unsafe/)
    assert.doesNotMatch(a.body.toString(), /<script(?![^>]*\ssrc=)|<style|\son[a-z]+=|javascript:/i, path)
  }
})

describe('what is not a page', () => {
  test('the root leads to the office, a base without its slash to the base', async () => {
    for (const [from, to] of [['/', '/office/'], ['/office', '/office/'], ['/app', '/app/'], ['/r', '/r/']]) {
      const a = await get(from!)
      assert.equal(a.status, 302)
      assert.equal(a.headers.location, to)
    }
  })

  test('a part that is gone is 404 and no page', async () => {
    for (const path of ['/office/assets/gone-12345678.js', '/app/assets/', '/favicon.svg', '/pages.list', '/index.html'])
      assert.equal((await get(path)).status, 404, path)
  })

  test('no name leads out of the folder', async () => {
    const secret = readFileSync(join(web, 'pages.list'), 'utf8').slice(0, 15)
    for (const path of [
      '/office/../pages.list',
      '/office/..%2fpages.list',
      '/office/%2e%2e/pages.list',
      '/office/assets/../../pages.list',
      '/office//etc/passwd',
      '/app/../../../../../../etc/passwd',
      '/r/..\\pages.list',
    ]) {
      const a = await get(path)
      const text = a.body.toString()
      assert.ok(a.status === 404 || text.startsWith('<!doctype html>'), path)
      assert.ok(!text.includes(secret) && !text.includes('root:'), path)
    }
  })
})

test('the API stays what it is beside the pages', async () => {
  assert.equal((await get('/v1/nothing')).status, 404)
  assert.match((await get('/v1/nothing')).headers['content-type']!, /problem\+json/)
  assert.equal((await get('/healthz')).status, 200)
})

test('a file costs a tenth of a request: a village office behind one address can open its pages', async () => {
  site.writeConfig([`web_dir = ${web}`, 'address_per_minute = 5'])
  site.signal('SIGHUP')
  await site.logLine((line) => line['event'] === 'reloaded')
  const answers: Got[] = []
  for (let i = 0; i < 60; i++) answers.push(await get(script.path))
  const good = answers.filter((a) => a.status === 200).length
  // Time passes while they are asked, and fills the budget a little.
  assert.ok(good >= 45 && good < 60, `${good} of 60`)
  const refused = answers.find((a) => a.status !== 200)!
  assert.equal(refused.status, 429)
  assert.match(refused.headers['retry-after']!, /^[1-9][0-9]*$/)
})
