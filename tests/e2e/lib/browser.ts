/* A real browser (Debian's chromium) on the built pages: contexts that look like an office PC or a
 * phone, what the browser complained about, accessibility, pictures.
 *
 * QM_WEB is the folder of the build; QM_SHOTS takes the pictures; QM_CHROMIUM is another browser.  QM_SLOW=4 makes
 * every page four times slower: what a test reads too early shows then.  A slow page takes time of the processor
 * even when it does nothing, so such a run is for one file.
 */
import { strict as assert } from 'node:assert'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { AxeResults } from 'axe-core'
import { Browser, BrowserContext, BrowserContextOptions, chromium, Page } from 'playwright-core'
import { freshFolder } from '../../integration/lib/where'

function folder(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: run these tests with deploy/test --only e2e`)
  return resolve(value)
}

export const web = folder('QM_WEB')
const shots = process.env['QM_SHOTS'] ?? freshFolder()
const slow = Number(process.env['QM_SLOW'] ?? '1')
/** Far above what anything takes, on a machine that does several things at once, too. */
const PATIENCE_MS = 60_000 * slow

export const OFFICE_PC: BrowserContextOptions = { viewport: { width: 1366, height: 768 }, locale: 'zh-CN' }
export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
  locale: 'zh-CN',
}

const executablePath = process.env['QM_CHROMIUM'] ?? '/usr/bin/chromium'
/** As root there is no sandbox to be had. */
const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []

export function launch(args: string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath, args: [...sandbox, ...args] })
}

/** A browser that promises this site to keep what it stores, as soon as it is asked to.  Chromium asks nobody: it
 * promises that to sites that matter to the person, such as one that may notify.  The profile is an empty folder. */
export function launchPromising(site: string, profile: string, options: BrowserContextOptions): Promise<BrowserContext> {
  const notifications = { [`${site},*`]: { setting: 1 } }
  mkdirSync(join(profile, 'Default'), { recursive: true })
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify({ profile: { content_settings: { exceptions: { notifications } } } }))
  return chromium.launchPersistentContext(profile, { ...options, executablePath, args: sandbox })
}

/** Everything the browser complains about: policy, errors, exceptions, answers that failed. */
export class Complaints {
  readonly all: string[] = []

  constructor(page: Page, expected: RegExp[] = []) {
    const add = (text: string): void => {
      if (!expected.some((e) => e.test(text))) this.all.push(text)
    }
    page.on('console', (m) => {
      if (m.type() === 'error' || m.type() === 'warning') add(`${m.text()} (${m.location().url})`)
    })
    page.on('pageerror', (e) => add(`exception: ${e.message}`))
    page.on('requestfailed', (r) => {
      const why = r.failure()?.errorText ?? ''
      // Whoever leaves a page leaves what it asked for.
      if (why !== 'net::ERR_ABORTED') add(`failed: ${r.url()} ${why}`)
    })
  }

  none(): void {
    assert.deepEqual(this.all, [])
  }
}

async function slowDown(page: Page): Promise<void> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: slow })
}

export async function open(
  browser: Browser,
  options: BrowserContextOptions,
  expected: RegExp[] = [],
): Promise<{ context: BrowserContext; page: Page; complaints: Complaints }> {
  const context = await browser.newContext(options)
  context.setDefaultTimeout(PATIENCE_MS)
  // A page that is gone again needs no slowing.
  if (slow > 1) context.on('page', (fresh) => void slowDown(fresh).catch(() => undefined))
  const page = await context.newPage()
  return { context, page, complaints: new Complaints(page, expected) }
}

export async function shot(page: Page, name: string): Promise<void> {
  mkdirSync(shots, { recursive: true })
  await page.evaluate(() => window.scrollTo(0, 0))
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true })
}

/** What fits the screen, for the README. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(shots, { recursive: true })
  await page.evaluate(() => window.scrollTo(0, 0))
  await page.screenshot({ path: join(shots, `${name}.png`) })
}

const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

/** What fades in is read as it stays. */
const still = (page: Page): Promise<unknown> =>
  page.evaluate(() => {
    const ends = document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity)
    return Promise.all(ends.map((a) => a.finished.catch(() => undefined))).then(() => undefined)
  })

async function axeFindsNothing(page: Page, runOnly: object): Promise<void> {
  await still(page)
  await page.evaluate(axeSource)
  const found = await page.evaluate(async (only) => {
    const axe = (window as unknown as { axe: { run: (o: unknown) => Promise<AxeResults> } }).axe
    return axe.run({ runOnly: only })
  }, runOnly)
  assert.deepEqual(
    found.violations.map((v) => `${v.id} (${v.impact}): ${v.nodes.map((n) => n.html).join(' | ')}`),
    [],
  )
}

/** Fails with what hinders people: WCAG 2.2 AA by axe, every finding. */
export const accessible = (page: Page): Promise<void> =>
  axeFindsNothing(page, ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])

/** In bright sun: 7 to 1 (WCAG 1.4.6), as axe measures it. */
export const readableInSun = (page: Page): Promise<void> => axeFindsNothing(page, { type: 'rule', values: ['color-contrast-enhanced'] })
