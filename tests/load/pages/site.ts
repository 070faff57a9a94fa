/* site.ts - what bench_pages.sh has set up: a folder with the address, codes and files. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { launch } from '../../e2e/lib/browser'
import { Line } from './line'

const COUNTY = '140522'
const PASSWORD = '村里反诈宣传要做好了'

export class Bench {
  private constructor(
    readonly url: string,
    readonly dir: string,
    readonly line: Line,
    readonly browser: Browser,
  ) {}

  static async open(port: number, dir: string): Promise<Bench> {
    const line = await Line.open(port)
    return new Bench(`http://127.0.0.1:${port}`, dir, line, await launch([line.flag]))
  }
  async close(): Promise<void> {
    await this.browser.close()
    this.line.close()
  }

  text(name: string): string {
    return readFileSync(join(this.dir, name), 'utf8').trim()
  }
  async page(options: BrowserContextOptions): Promise<{ context: BrowserContext; page: Page }> {
    const context = await this.browser.newContext(options)
    context.setDefaultTimeout(180_000)
    return { context, page: await context.newPage() }
  }

  /** Signs the one account of the county in, by the code that was made for it. */
  async signIn(context: BrowserContext): Promise<void> {
    const headers = { 'Content-Type': 'application/json', Origin: this.url }
    const data = { county: COUNTY, account: 'T0001', code: this.text('sign_in'), password: PASSWORD }
    const first = await context.request.post(`${this.url}/v1/session`, { headers, data })
    const answer = first.ok() ? first : await context.request.post(`${this.url}/v1/session`, { headers, data: { ...data, code: undefined } })
    if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`)
  }
}
