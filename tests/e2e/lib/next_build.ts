/* A newer build of the phone's app: the same files, an index.html that names its number, and a service
 * worker that keeps this one; so a browser finds an update, as after any change of the sources. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'

function put(file: string, text: string): void {
  writeFileSync(file, text)
  writeFileSync(`${file}.br`, brotliCompressSync(text))
  writeFileSync(`${file}.gz`, gzipSync(text))
}

export function nextBuild(from: string, to: string, number: number): void {
  cpSync(from, to, { recursive: true })
  const index = join(to, 'app', 'index.html')
  const worker = join(to, 'app', 'sw.js')
  put(index, readFileSync(index, 'utf8').replace(/<meta name="build"[^>]*>|(?=<\/head>)/, `<meta name="build" content="${number}">`))
  const kept = readFileSync(worker, 'utf8')
  const changed = kept.replace(/(app\/index\.html[`"'],\s*revision:\s*[`"'])[0-9a-f]{16}/, `$1${String(number).padStart(16, '0')}`)
  if (changed === kept) throw new Error('the service worker names no index.html')
  put(worker, changed)
}

/** Which build the page is of; '' for the first. */
export const buildOf = (page: Page): Promise<string> =>
  page.evaluate(() => document.querySelector('meta[name=build]')?.getAttribute('content') ?? '')

export async function isBuild(page: Page, number: number): Promise<void> {
  await page.locator(`meta[name=build][content="${number}"]`).waitFor({ state: 'attached' })
}
