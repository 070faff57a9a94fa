/* phone.ts - how quick the phone's page is on a slow line and a slow processor: first load, first sync,
 * starts without a network, saving a door, sending much, the room it takes.
 *
 * Saving is timed in the page by a MutationObserver and two frames behind it.  To look at each frame from
 * outside costs 60-90 ms of a slowed page: more than what was to be measured. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { PHONE } from '../../e2e/lib/browser'
import { SLOW_3G } from './line'
import { cpuSlow, framesBegin, framesEnd, kB, median, print, seconds, seenAt, smooth, watchFor, WireBytes } from './measure'
import type { Bench } from './site'

const DOORS = 500
const PHOTOS = 200
const PHOTO_BYTES = 80_000
/** What the list says once it is whole. */
const LIST = `共${DOORS}户`

/** Longer than a start takes. */
const START_MS = 2500
/** The browser clears up once more behind a start, some 10 and 20 s later: that is not what is sent. */
const REST_MS = 30_000
const SENT_MS = 1_200_000
const TAIL_MS = 3000
/** What the header says then, and what the page says to the bench. */
const HEADER = '都已上传'
const SENT = 'bench: everything is sent'
const SDK = '/r/bench/'

async function firstLoad(bench: Bench, page: Page): Promise<void> {
  const wire = await WireBytes.count(page)
  bench.line.slow(SLOW_3G)
  await cpuSlow(page)
  await watchFor(page, '.verdict')
  const before = bench.line.received
  await page.goto(`${bench.url}/app/#enrol=${bench.text('codes')}`, { waitUntil: 'commit' })
  const ms = await seenAt(page)
  print('phone: first load', `${kB(wire.sum())}, ${seconds(ms)}`, '250 kB')
  bench.line.slow(undefined)
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready
    while (!navigator.serviceWorker.controller) await new Promise((r) => setTimeout(r, 50))
  })
  print('phone: with everything that it keeps', kB(bench.line.received - before))
}

async function firstSync(bench: Bench, page: Page): Promise<void> {
  bench.line.slow(SLOW_3G)
  const before = bench.line.received
  await page.locator('input[name=worker]').fill('老王')
  const began = Date.now()
  await page.getByRole('button', { name: '登记这部手机' }).click()
  await page.getByText(LIST).waitFor()
  print(`phone: enrolment and first list of ${DOORS} households`, `${seconds(Date.now() - began)}, ${kB(bench.line.received - before)}`, '10 s')
  bench.line.slow(undefined)
}

/** Starts without a network until the list stands; the counts come with it. */
async function offlineStart(page: Page, unsent: number): Promise<void> {
  const context = page.context()
  await context.setOffline(true)
  const times: number[] = []
  for (let i = 0; i < 5; i++) {
    const fresh = await context.newPage()
    // One that is not in front is not drawn.
    await fresh.bringToFront()
    await cpuSlow(fresh)
    await watchFor(fresh, '.sum', LIST)
    await fresh.goto(new URL('/app/doors', page.url()).href, { waitUntil: 'commit' })
    // To ask a page puts a script of 330 kB into it, which a start would wait for.
    await fresh.waitForTimeout(START_MS)
    times.push(await seenAt(fresh))
    const waiting = await fresh.locator('[data-count=waiting]').innerText()
    if (waiting !== String(unsent)) throw new Error(`${waiting} unsent records on the page, not ${unsent}`)
    await fresh.close()
  }
  print(`phone: later start without a network, ${unsent} unsent`, `${seconds(median(times))} (${seconds(Math.min(...times))}-${seconds(Math.max(...times))})`, '1 s')
}

/** From the tap, by the time that the browser gave it, to the frame after the one in which the word that it
 * is stored stands above the list. */
async function saveDoors(page: Page): Promise<number> {
  const times: number[] = []
  // Behind the tabs of the starts before, it would be drawn once a second.
  await page.bringToFront()
  await cpuSlow(page)
  for (let i = 0; i < 7; i++) {
    await page.locator('.door').nth(i).click()
    await page.locator('[data-outcome=absent]').click()
    await page.waitForTimeout(300)
    await tapWatch(page)
    await page.locator('[data-save]').tap({ noWaitAfter: true })
    times.push(await tapMs(page))
  }
  print('phone: saving a door', `${median(times).toFixed(0)} ms (${Math.min(...times).toFixed(0)}-${Math.max(...times).toFixed(0)})`, '100 ms')
  return times.length
}

/** Nothing asks the page until it has taken the time: each question would cost it some of that. */
function tapWatch(page: Page): Promise<void> {
  return page.evaluate(() => {
    const watch = (began: number): void => {
      // The list is always there, behind the form.
      const stands = (): boolean => document.querySelector('.snack') !== null && document.querySelector('[data-save]') === null
      const seen = new MutationObserver(() => {
        if (!stands()) return
        seen.disconnect()
        requestAnimationFrame(() => requestAnimationFrame(() => Object.assign(window, { tapTook: performance.now() - began })))
      })
      seen.observe(document.body, { childList: true, subtree: true })
    }
    Object.assign(window, { tapTook: undefined })
    document.addEventListener('click', (event) => watch(event.timeStamp), { capture: true, once: true })
  })
}
async function tapMs(page: Page): Promise<number> {
  await page.waitForTimeout(2000)
  const took = await page.evaluate(() => (window as unknown as { tapTook?: number }).tapTook)
  if (took === undefined) throw new Error('the page did not say within two seconds that the door is stored')
  return took
}

/** What the page of the client in the page needs to know of it. */
interface Client {
  households: () => Promise<{ household: string; residents: { resident: string }[] }[]>
  recordAll: (drafts: unknown[]) => Promise<unknown>
  attach: (bytes: Uint8Array) => Promise<string>
  close: () => void
}

interface WithSdk {
  qm?: { QmClient: { open: (o: unknown) => Promise<Client> }; browserPlatform: () => unknown }
}

/** A visit, a notice with its photo, a pledge, the app of two people, at every door. */
function muchWork(tool: Page): Promise<number> {
  return tool.evaluate(
    async ({ photos, photoBytes }) => {
      const qm = (window as WithSdk).qm!
      const client = await qm.QmClient.open({ worker: localStorage.getItem('qm.worker'), platform: qm.browserPlatform() })
      const photo = (n: number): Uint8Array => {
        const bytes = new Uint8Array(photoBytes)
        for (let at = 0; at < photoBytes; at += 65536) crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65536, photoBytes)))
        bytes.set([0xff, 0xd8, 0xff, n & 255, n >> 8])
        return bytes
      }
      let made = 0
      for (const [i, { household, residents }] of (await client.households()).entries()) {
        const evidence = i < photos ? [await client.attach(photo(i))] : []
        const [one, two] = residents.map((r) => r.resident)
        const drafts = [
          { kind: 'visit', members: { household, outcome: 'met' }, hidden: { met: '王五' } },
          { kind: 'notice', members: { household, state: 'signed', text: 'notice-2026-1', evidence }, hidden: { signer: '王五' } },
          { kind: 'pledge', members: { household, resident: one, text: 'pledge-2026-1', state: 'refused' } },
          { kind: 'app', members: { household, resident: one, state: 'installed' } },
          { kind: 'app', members: { household, resident: two, state: 'refused' } },
        ]
        await client.recordAll(drafts)
        made += drafts.length
      }
      client.close()
      return made
    },
    { photos: PHOTOS, photoBytes: PHOTO_BYTES },
  )
}

/** The page itself says when the header stands for nothing that waits: to ask it would cost frames. */
async function sentSaid(page: Page): Promise<() => Promise<{ recordsMs: number; allMs: number }>> {
  const said = page.waitForEvent('console', { predicate: (m) => m.text() === SENT, timeout: SENT_MS })
  // Whoever waits for it hears of it.
  said.catch(() => undefined)
  await page.evaluate(
    ([sent, header]) => {
      const began = performance.now()
      let recordsMs = 0
      const seen = new MutationObserver(() => {
        if (recordsMs === 0 && document.querySelector('[data-count=waiting]')?.textContent === '0') recordsMs = performance.now() - began
        if (document.querySelector('[data-state]')?.textContent !== header) return
        seen.disconnect()
        Object.assign(window, { took: { recordsMs, allMs: performance.now() - began } })
        console.log(sent)
      })
      seen.observe(document.body, { childList: true, subtree: true, characterData: true })
    },
    [SENT, HEADER] as const,
  )
  return async () => {
    await said
    return page.evaluate(() => (window as unknown as { took: { recordsMs: number; allMs: number } }).took)
  }
}

/** As much once more, which waits for a network. */
async function moreWork(bench: Bench, context: BrowserContext): Promise<number> {
  const tool = await toolOpen(bench, context)
  await context.setOffline(true)
  const made = await muchWork(tool)
  await tool.close()
  return made
}

async function sendAll(bench: Bench, page: Page, unsent: number, line: 'fast' | 'slow 3G'): Promise<void> {
  await page.bringToFront()
  await page.getByText(LIST).waitFor()
  await page.waitForTimeout(2000)
  await cpuSlow(page)
  // What the machine itself drops, of a page that does nothing.
  await framesBegin(page)
  await page.waitForTimeout(REST_MS)
  const rest = await framesEnd(page)
  bench.line.slow(line === 'fast' ? undefined : SLOW_3G)
  await framesBegin(page)
  const sent = await sentSaid(page)
  await page.context().setOffline(false)
  const took = await sent()
  // Lists are read once more when everything is out.
  await page.waitForTimeout(TAIL_MS)
  const got = await framesEnd(page)
  bench.line.slow(undefined)
  print(
    `phone: ${unsent} unsent records and ${PHOTOS} photos go out, ${line} line`,
    `records after ${seconds(took.recordsMs)}, photos after ${seconds(took.allMs)}; ${smooth(got)}`,
    'no dropped frame',
  )
  print(`phone: the same page at rest for ${seconds(REST_MS)} before`, smooth(rest))
  if ((await page.locator('[data-count=waiting]').innerText()) !== '0') throw new Error('not everything went out')
}

/** What the machine drops of a page in which nothing happens, as slow, while another one that nobody sees sends: the
 * server, the database, the thread of the rounds and the slowing down itself share its processors. */
async function emptyBeside(bench: Bench, page: Page, unsent: number): Promise<void> {
  await cpuSlow(page, 1)
  const { context, page: empty } = await bench.page(PHONE)
  await empty.goto('about:blank')
  await empty.bringToFront()
  await cpuSlow(empty)
  await framesBegin(empty)
  const sent = await sentSaid(page)
  await page.context().setOffline(false)
  await sent()
  await empty.waitForTimeout(TAIL_MS)
  print(`phone: an empty page beside while ${unsent} records and ${PHOTOS} photos go out, fast line`, smooth(await framesEnd(empty)))
  await context.close()
}

/** A page with a client of the bench's own, of the server's origin, as the policy asks. */
async function toolOpen(bench: Bench, context: BrowserContext): Promise<Page> {
  await context.route(`**${SDK}*`, (route) => {
    const name = basename(new URL(route.request().url()).pathname)
    const body = name === 'open.js' ? `import * as qm from '${SDK}index.js'; window.qm = qm` : readFileSync(join(bench.dir, 'sdk', name), 'utf8')
    return route.fulfill({ contentType: 'text/javascript', body })
  })
  const tool = await context.newPage()
  await tool.goto(`${bench.url}/r/`)
  await tool.addScriptTag({ url: `${SDK}open.js`, type: 'module' })
  await tool.waitForFunction(() => (window as WithSdk).qm !== undefined)
  return tool
}

export async function phone(bench: Bench): Promise<void> {
  const { context, page } = await bench.page(PHONE)
  const tool = await toolOpen(bench, context)
  await firstLoad(bench, page)
  await firstSync(bench, page)
  const empty = await page.evaluate(() => navigator.storage.estimate())
  await offlineStart(page, 0)
  const saved = await saveDoors(page)
  const unsent = saved + (await muchWork(tool))
  await tool.close()
  await offlineStart(page, unsent)
  const last = await context.newPage()
  await page.close()
  await last.goto(`${bench.url}/app/doors`)
  await sendAll(bench, last, unsent, 'fast')
  const full = await last.evaluate(() => navigator.storage.estimate())
  const parts = `app and list ${kB(empty.usage ?? 0)}, then ${unsent} records and ${PHOTOS} photos of ${kB(PHOTO_BYTES)}`
  print('phone: storage for a month of work', `${((full.usage ?? 0) / 1e6).toFixed(1)} MB: ${parts}`, '100 MB')
  await emptyBeside(bench, last, await moreWork(bench, context))
  await sendAll(bench, last, await moreWork(bench, context), 'slow 3G')
  await context.close()
}
