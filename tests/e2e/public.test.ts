/* The two small pages for everybody: a household's receipt, a bulletin's figures. */
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

describe('bulletin', () => {
  const result = {
    scope: '140522110', level: 'village', period: '2026-W47', from: 0, to: 120, metrics: ['visited', 'app'],
    rows: [{ rank: 1, code: '140522110204', score: 0, m: [[357, 718, 12, 3], [0, 0, 0, 0]], before: 2 }],
    out: [],
  }

  /** The bytes come from the test, everything else from the real server. */
  async function opened(bytes: string, sha256: string) {
    const got = await open(browser, PHONE)
    await got.page.route('**/v1/log/140522/object/*', (route) => route.fulfill({ contentType: 'application/json', body: bytes }))
    await got.page.goto(`${site.url}/b/#140522/${sha256}`)
    return got
  }

  test('shows the figures only if they are the ones that the link names', async () => {
    const { createHash } = await import('node:crypto')
    const bytes = JSON.stringify(result) + '\n'
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const good = await opened(bytes, sha256)
    await good.page.getByText('验真:一致').waitFor()
    const cells = await good.page.locator('td').allInnerTexts()
    assert.deepEqual(cells, ['1', '2', '140522110204', '357/718 49.72%', '—'])
    await shot(good.page, 'bulletin')
    await accessible(good.page)
    good.complaints.none()
    await good.context.close()

    const bad = await opened(bytes.replace('357', '358'), sha256)
    await bad.page.getByText('验真:不一致').waitFor()
    assert.equal(await bad.page.locator('td').count(), 0)
    await bad.context.close()
  })

  test('one that is not there says so', async () => {
    const { context, page } = await open(browser, PHONE)
    await page.goto(`${site.url}/b/#140522/${'ab'.repeat(32)}`)
    await page.getByText('没有查到这一期').waitFor()
    await context.close()
  })
})
