/* The small page for everybody who holds a receipt. */
import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { Browser } from 'playwright-core'
import { homes, Site } from '../integration/lib/site'
import { accessible, launch, open, PHONE, shot, web } from './lib/browser'

let site: Site
let browser: Browser
before(async () => {
  site = await Site.start([`web_dir = ${web}`])
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await site?.stop()
})

describe('receipt', () => {
  test('the link of the paper shows what is recorded, masked', async () => {
    const phone = await site.device('W0001')
    const home = homes.find((h) => h.worker === 'W0001')!
    const members = { household: home.household, outcome: 'met', topics: [], near: 'yes', secs: 300 }
    const line = phone.event('visit', members, { met: '王小明<b>', phone: '13912345678' })
    const { receipt } = await phone.send(line)
    const salt = (JSON.parse(line.p!) as { s: string }).s

    const { context, page, complaints } = await open(browser, PHONE)
    await page.goto(`${site.url}/r/#${line.id}.${salt}`)
    await page.getByText('总账里有这一条').waitFor()
    const text = await page.locator('main').innerText()
    assert.match(text, /上门走访/)
    assert.match(text, /见到大人/)
    assert.ok(text.includes(`第${receipt.index}号`), text)
    assert.doesNotMatch(text, /13912345678/)
    assert.equal(await page.locator('main b').count(), 0)
    await shot(page, 'receipt')
    await accessible(page)
    complaints.none()
    await context.close()
  })

  test('a wrong or cut link says so', async () => {
    const { context, page } = await open(browser, PHONE)
    await page.goto(`${site.url}/r/`)
    await page.getByText('请扫凭证上的二维码').waitFor()
    await page.goto(`${site.url}/r/#0193a6f0-0000-7000-8000-000000000000.AAAAAAAAAAAAAAAAAAAAAA`)
    await page.getByText('没有查到这一条').waitFor()
    await accessible(page)
    await context.close()
  })
})
