/* The small page for everybody who holds a receipt. */
import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { Browser } from 'playwright-core'
import { homes, Site } from '../integration/lib/site'
import { accessible, launch, open, PHONE, shot, web } from './lib/browser'
import { siteFill } from './lib/worker'

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

describe('a bulletin', () => {
  test('that is not there is told in words, on a page that can be read', async () => {
    const { context, page, complaints } = await open(browser, PHONE, [/status of 404/])
    await page.goto(`${site.url}/b/140522/999999`)
    await page.getByRole('heading', { name: '没有找到' }).waitFor()
    await page.getByText('重新扫通报上的二维码').waitFor()
    await shot(page, 'bulletin-none')
    await accessible(page)
    complaints.none()
    await context.close()
  })
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
    assert.equal(await page.locator('[data-checked] li').count(), 3)
    assert.ok((await page.locator('[data-checked]').innerText()).includes(`章号${site.logKey.id.toString('hex')}`))
    const text = await page.locator('main').innerText()
    assert.match(text, /上门走访/)
    assert.match(text, /见到大人/)
    assert.match(text, /见到的人/)
    assert.doesNotMatch(text, /见证人/)
    assert.ok(text.includes(`第${receipt.index}号`), text)
    assert.doesNotMatch(text, /13912345678/)
    assert.equal(await page.locator('main b').count(), 0)
    await shot(page, 'receipt')
    await accessible(page)
    complaints.none()
    await context.close()
  })

  test('the pledge: the words that were signed, that visitors show a pass, and where to complain', async () => {
    await siteFill(site)
    const phone = await site.device('W0001')
    const home = homes.find((h) => h.worker === 'W0001' && h.people.length > 0)!
    const pledge = async (text: string) => {
      const line = phone.event('pledge', { household: home.household, resident: home.people[0]!.resident, text, evidence: [], state: 'later' }, { signer: '王一', met: '李四' })
      await phone.send(line)
      return `${site.url}/r/#${line.id}.${(JSON.parse(line.p!) as { s: string }).s}`
    }
    const { context, page, complaints } = await open(browser, PHONE)
    await page.goto(await pledge('pledge-2026-1'))
    const words = await page.locator('[data-wording=pledge-2026-1]').innerText()
    assert.match(words, /不参与电信网络诈骗活动承诺书[^]*二、不出租、出借/)
    const rights = await page.locator('[data-rights]').innerText()
    assert.match(rights, /来访人员应出示证件,不会向您要银行卡号、密码、验证码,不会让您转账/)
    assert.match(rights, /咨询、意见和投诉:本村村委会/)
    // Who stood by when it was signed is no other person at home.
    const own = await page.locator('main').innerText()
    assert.match(own, /见证人/)
    assert.doesNotMatch(own, /见到的人/)
    await shot(page, 'receipt-pledge')
    await accessible(page)
    // Another version's words are never shown in its place.
    await page.goto(await pledge('pledge-2025-9'))
    await page.getByText('这一版文字已不再使用').waitFor()
    complaints.none()
    await context.close()
  })

  test('an answer that was altered on the way is refused, and nothing of it is shown', async () => {
    const phone = await site.device('W0002')
    const home = homes.find((h) => h.worker === 'W0002')!
    const line = phone.event('visit', { household: home.household, outcome: 'met', topics: [], near: 'yes', secs: 300 }, { met: '王大' })
    await phone.send(line)
    const salt = (JSON.parse(line.p!) as { s: string }).s
    const { context, page } = await open(browser, PHONE)
    type Answer = { event: string; batch: string; private: unknown }
    const otherExtra = (proof: string, from: string, to: string): string =>
      proof.replace(/^extra (.*)$/m, (_, e: string) => `extra ${Buffer.from(Buffer.from(e, 'base64').toString().replace(from, to)).toString('base64')}`)
    let change: (a: Answer) => void = () => undefined
    await page.route('**/v1/receipt', async (route) => {
      const response = await route.fetch()
      const json = (await response.json()) as Answer
      change(json)
      await route.fulfill({ response, json })
    })
    const shows = async (): Promise<string> => {
      await page.goto('about:blank')
      await page.goto(`${site.url}/r/#${line.id}.${salt}`)
      await page.locator('.card:not([role=status]), .card.good').first().waitFor()
      return page.locator('main').innerText()
    }
    assert.match(await shows(), /总账里有这一条/)
    for (const altered of [
      (a: Answer) => (a.event = otherExtra(a.event, '"met"', '"refused"')),
      (a: Answer) => (a.batch = otherExtra(a.batch, 'batch/v1\nrecv 1', 'batch/v1\nrecv 2')),
      (a: Answer) => (a.batch = a.batch.replace(/\n[0-9]+\n([A-Za-z0-9+/=]{44})\n\n—/, '\n1000000\n$1\n\n—')),
    ]) {
      change = altered
      const text = await shows()
      assert.match(text, /这份凭证对不上/)
      assert.doesNotMatch(text, /上门走访|王/)
    }
    await shot(page, 'receipt-differs')
    await accessible(page)
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
