/* People of the office in a browser: signed in, and what their pages must never say. */
import { strict as assert } from 'node:assert'
import { Page } from 'playwright-core'
import { COUNTY, Site } from '../../integration/lib/site'

export const PASSWORD = '村里反诈宣传要做好了'

/** Sets the account's password with a fresh code, in this browser, and goes to a page of the office. */
export async function signIn(page: Page, site: Site, account: string, to = '/'): Promise<void> {
  const made = await site.adminJson('login', 'code', '--county', COUNTY, '--account', account, '--by', 'A0001')
  await page.goto(`${site.url}/office/sign-in`)
  const status = await page.evaluate(
    async (form) => {
      const headers = { 'Content-Type': 'application/json' }
      const answer = await fetch('/v1/session', { method: 'POST', headers, body: JSON.stringify(form) })
      await answer.text()
      return answer.status
    },
    { county: COUNTY, account, code: made['code'] as string, password: PASSWORD },
  )
  assert.equal(status, 200)
  await page.goto(`${site.url}/office${to}`)
}

const NEVER = ['哈希', '默克尔', '检查点', '签名校验', '同步冲突', '拒不配合', '重点人员', '排名垫底']

/** The words that no screen may show, and that no key of a word was left without its word. */
export async function wordsFit(page: Page): Promise<void> {
  const text = await page.evaluate(() => document.body.innerText)
  assert.deepEqual(NEVER.filter((w) => text.includes(w)), [])
  assert.deepEqual(text.match(/\b(metric|beside|column|status|part|unit|level|group)\.[a-z_]+/g), null)
}

/** Whether something is wider than the screen. */
export const tooWide = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)

const TOUCH_PX = 44

/** What a finger or an eye would miss: controls that are too small, cut off or beyond the edge, lines over each other. */
export function unusable(page: Page): Promise<string[]> {
  return page.evaluate((least) => {
    const found: string[] = []
    const wide = document.documentElement.scrollWidth - window.innerWidth
    if (wide > 0) found.push(`the page is ${wide} pixels too wide`)
    for (const e of document.querySelectorAll<HTMLElement>('button, a[href], input:not([type=file]), select, summary, label.chip')) {
      const r = e.getBoundingClientRect()
      if (r.width === 0 || r.height === 0 || getComputedStyle(e).visibility === 'hidden') continue
      const name = `${e.tagName} "${(e.innerText || e.getAttribute('name') || '').slice(0, 20)}"`
      if (r.height < least - 0.5 || r.width < least - 0.5) found.push(`${name} is ${Math.round(r.width)}x${Math.round(r.height)}`)
      if (r.right > window.innerWidth + 0.5 || r.left < -0.5) found.push(`${name} is beyond the edge`)
      if (e.scrollWidth > e.clientWidth + 1 && e.tagName !== 'INPUT') found.push(`${name} is cut`)
    }
    for (const e of document.querySelectorAll<HTMLElement>('strong, h1, h2, .name, .tag'))
      // One pixel wide: for screen readers only.
      if (e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline') found.push(`"${e.innerText.slice(0, 20)}" is cut`)
    for (const e of document.querySelectorAll<HTMLElement>('body *')) {
      const { lineHeight, fontSize } = getComputedStyle(e)
      const says = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent!.trim() !== '')
      if (says && e.offsetHeight > 1 && parseFloat(lineHeight) < parseFloat(fontSize)) found.push(`the lines of "${e.innerText.slice(0, 20)}" lie over each other`)
    }
    return found
  }, TOUCH_PX)
}
