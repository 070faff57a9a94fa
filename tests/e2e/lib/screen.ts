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
