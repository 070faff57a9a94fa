/* How much a page asks for: bodies as they come over the wire, compressed. */
import type { Page, Request } from 'playwright-core'

export class Bytes {
  private readonly done: Request[] = []

  /** Before the navigation. */
  constructor(page: Page) {
    page.on('requestfinished', (r) => this.done.push(r))
  }

  /** Of the files so far; what is asked of the API depends on the township, not on the build. */
  async files(which: (path: string) => boolean = () => true): Promise<{ sum: number; list: string }> {
    const files = this.done.map((r) => ({ r, path: new URL(r.url()).pathname })).filter(({ path }) => !path.startsWith('/v1/') && which(path))
    const sized = await Promise.all(files.map(async ({ r, path }) => ({ path, bytes: (await r.sizes()).responseBodySize })))
    return { sum: sized.reduce((n, f) => n + f.bytes, 0), list: sized.map((f) => `${f.bytes} ${f.path}`).join('\n') }
  }
}
