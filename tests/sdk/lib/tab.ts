/* The phone's client in real tabs of Debian's chromium, in front of a real server.
 *
 * A small server of this test hands out the bundled SDK and passes requests on, so that it can be no
 * network at all, or lose the answer after the server has done its work.  A tab dies the hard way: its
 * process is made to crash in the middle of what it does.
 */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http'
import { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Browser, BrowserContext, chromium, Page } from 'playwright-core'
import type * as Sdk from '../../../client-sdk/ts/src/index.js'
import { must } from '../../integration/lib/command'
import { freshFolder, root } from '../../integration/lib/where'
import { HOST, Site } from '../../integration/lib/site'

export type Qm = typeof Sdk
/** What stands in the page. */
export interface InPage {
  qm: Qm
  client: Sdk.QmClient
  platform: Sdk.Platform
  /** added to the clock */
  skewMs: number
}

/** As root there is no sandbox to be had. */
export function launch(): Promise<Browser> {
  const asRoot = process.getuid?.() === 0
  return chromium.launch({ executablePath: process.env['QM_CHROMIUM'] ?? '/usr/bin/chromium', args: asRoot ? ['--no-sandbox'] : [] })
}

async function bundle(): Promise<string> {
  const out = freshFolder()
  const source = join(root, 'client-sdk/ts/src/index.ts')
  await must(join(root, 'server/web/node_modules/.bin/rolldown'), [source, '-d', out, '--format', 'esm'])
  return out
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>phone</title><script type="module">
import * as qm from '/sdk/index.js'
window.skewMs = 0
window.qm = qm
window.platform = { ...qm.browserPlatform(), now: () => Date.now() + window.skewMs }
</script>`

export type Weather = 'fine' | 'none' | 'answers lost'

/** The way between page and server. */
export class Way {
  weather: Weather = 'fine'
  /** how many requests reached the server */
  passed = 0
  private constructor(
    private readonly server: Server,
    private readonly sdk: string,
    private readonly site: Site,
  ) {}

  static async open(site: Site): Promise<Way> {
    const server = createServer()
    const way = new Way(server, await bundle(), site)
    server.on('request', (q, s) => void way.answer(q, s).catch(() => s.destroy()))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return way
  }
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  private async answer(q: IncomingMessage, s: ServerResponse): Promise<void> {
    const path = q.url ?? '/'
    if (path === '/') return void s.writeHead(200, { 'content-type': 'text/html' }).end(PAGE)
    if (path.startsWith('/sdk/')) {
      const file = path.slice('/sdk/'.length).replace(/[^A-Za-z0-9_.-]/g, '')
      return void s.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(join(this.sdk, file)))
    }
    if (this.weather === 'none' || !path.startsWith('/v1/')) return void s.destroy()
    const parts: Buffer[] = []
    for await (const part of q) parts.push(part as Buffer)
    const headers = Object.entries(q.headers).filter(([name]) => /^(content-type|content-digest|signature|signature-input)$/.test(name))
    const body = parts.length > 0 ? Buffer.concat(parts) : null
    const got = await fetch(this.site.url + path, { method: q.method ?? 'GET', headers: Object.fromEntries(headers) as Record<string, string>, body })
    const bytes = Buffer.from(await got.arrayBuffer())
    this.passed++
    if (this.weather === 'answers lost') return void s.destroy()
    s.writeHead(got.status, Object.fromEntries(['content-type', 'retry-after'].flatMap((name) => (got.headers.has(name) ? [[name, got.headers.get(name)!]] : []))))
    s.end(bytes)
  }

  close(): void {
    this.server.closeAllConnections()
    this.server.close()
  }
}

/** A phone: one profile of the browser, with any number of tabs of one worker. */
export class Phone {
  page!: Page
  worker = ''
  private constructor(
    readonly context: BrowserContext,
    readonly way: Way,
    private readonly quotaBytes: number | undefined,
  ) {}

  /** quotaBytes: how much the browser lets this phone store, until `quota` says otherwise. */
  static async make(browser: Browser, way: Way, quotaBytes?: number): Promise<Phone> {
    const phone = new Phone(await browser.newContext(), way, quotaBytes)
    phone.page = await phone.tab()
    phone.worker = await phone.page.evaluate(() => {
      const { qm, platform } = window as unknown as InPage
      return new qm.Workers(platform).add('网格员')
    })
    await phone.unlock(phone.page)
    return phone
  }

  async tab(): Promise<Page> {
    const page = await this.context.newPage()
    // Before the first use of the database: the browser remembers for a while how much is left.
    if (this.quotaBytes !== undefined) await this.quota(page, this.quotaBytes)
    await page.goto(this.way.url)
    await page.waitForFunction(() => 'platform' in window)
    return page
  }

  async quota(page: Page, bytes?: number): Promise<void> {
    const cdp = await this.context.newCDPSession(page)
    await cdp.send('Storage.overrideQuotaForOrigin', { origin: this.way.url, ...(bytes === undefined ? {} : { quotaSize: bytes }) })
  }

  async unlock(page: Page): Promise<void> {
    await page.evaluate(async (worker) => {
      const it = window as unknown as InPage
      it.client = await it.qm.QmClient.open({ worker, platform: it.platform })
    }, this.worker)
  }

  async secondTab(): Promise<Page> {
    const page = await this.tab()
    await this.unlock(page)
    return page
  }

  async enrol(code: string): Promise<void> {
    const err = await this.page.evaluate(
      ([link, host]) => (window as unknown as InPage).client.enrol(link!, location.origin, host),
      [code, HOST],
    )
    assert.equal(err, 'ok')
  }

  /** The tab's process dies now, whatever it is doing. */
  async kill(): Promise<void> {
    const dead = this.page
    const cdp = await this.context.newCDPSession(dead)
    const crashed = new Promise((resolve) => dead.once('crash', resolve))
    cdp.send('Page.crash').catch(() => undefined)
    await crashed
    await dead.close().catch(() => undefined)
    this.page = await this.secondTab()
  }

  skew(ms: number): Promise<void> {
    return this.page.evaluate((by) => void ((window as unknown as InPage).skewMs = by), ms)
  }

  /** Runs in the page with the client: the text of `work` goes there, so it sees nothing from around it. */
  do<T, A>(work: (client: Sdk.QmClient, arg: A) => Promise<T>, arg: A): Promise<T> {
    return this.page.evaluate<T>(`(${work.toString()})(window.client, ${JSON.stringify(arg)})`)
  }

  visit(household: string, outcome: Sdk.Visit['outcome'] = 'met'): Promise<Sdk.RecordedAs> {
    return this.do((client, [id, how]) => client.record('visit', { household: id!, outcome: how as 'met' }, { met: '王五' }), [household, outcome])
  }
  sync(): Promise<Sdk.Report> {
    return this.do((client) => client.sync({ now: true }), null)
  }
  status(): Promise<Sdk.Status> {
    return this.do((client) => client.status(), null)
  }

  /** Rounds until nothing is left. */
  async settle(): Promise<void> {
    let err = ''
    for (let i = 0; i < 20; i++) {
      err = (await this.sync()).err
      if (err === 'ok') return
    }
    throw new Error(`it does not settle: ${err}`)
  }

  close(): Promise<void> {
    return this.context.close()
  }
}
