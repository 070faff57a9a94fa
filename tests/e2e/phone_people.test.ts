/* Who lives where, as a worker finds it at the doors: a household and people that are not on the list, and somebody
 * who died or moved; without a network, then sent. */
import { strict as assert } from 'node:assert'
import { after, before, test } from 'node:test'
import { Browser } from 'playwright-core'
import { homes, Site } from '../integration/lib/site'
import { accessible, launch, open, PHONE, shot, web } from './lib/browser'
import { siteFill, WorkerPhone } from './lib/worker'

let site: Site
let browser: Browser
before(async () => {
  site = await Site.start([`web_dir = ${web}`])
  await siteFill(site)
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await site?.stop()
})

interface Card {
  household: Record<string, unknown>
  residents: Record<string, unknown>[]
  events: Record<string, unknown>[]
}
async function card(token: string, household: string): Promise<Card> {
  const r = await fetch(`${site.url}/v1/register/households/${household}`, { headers: { authorization: `Bearer ${token}` } })
  assert.equal(r.status, 200, await r.clone().text())
  return (await r.json()) as Card
}

test('a new household, a new person and a move are recorded without a network, and the office has them', async () => {
  const phone = await WorkerPhone.start(browser, site)
  const { page } = phone
  await phone.enrol('W0001', '老王')
  await phone.offline(true)
  await page.getByRole('button', { name: '新增一户' }).click()
  await page.locator('input[name=head]').fill('赵六')
  await page.locator('input[name=door]').fill('村东新房')
  await page.locator('input[name=person-0]').fill('赵六')
  await page.getByText('不填就不问反诈App').waitFor()
  await page.locator('input[name=born-0]').fill('80')
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByRole('alert').getByText('出生年请填4位数字').waitFor()
  await shot(page, 'phone-new-household')
  await accessible(page)
  await page.locator('input[name=born-0]').fill('1980')
  await page.getByRole('button', { name: '保存' }).click()
  await page.waitForURL('**/app/door/*')
  const found = new URL(page.url()).pathname.split('/').at(-1)!
  // Who was born in that year is asked about the app.
  await page.locator('[data-outcome=met]').click()
  await page.locator('.person', { hasText: '赵六' }).waitFor()

  await phone.door('2号')
  const home = new URL(page.url()).pathname.split('/').at(-1)!
  await page.getByRole('link', { name: '家里人有变化' }).click()
  await page.locator('input[name=name]').fill('孙七')
  await page.locator('input[name=born]').fill('19990101')
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByRole('button', { name: '孙七' }).waitFor()
  const one = page.locator('.person', { hasText: '王一' })
  await one.locator('.who').click()
  await one.locator('[data-why=died]').click()
  // A slip of the finger is seen at once, and taken back at once.
  await one.locator('[data-told]', { hasText: '已报:去世' }).waitFor()
  await page.locator('[data-undo]').click()
  await page.getByText('已撤销').waitFor()
  await one.locator('[data-told]').waitFor({ state: 'detached' })
  await one.locator('.who').click()
  await one.locator('[data-why=moved_out]').click()
  await one.locator('[data-told]', { hasText: '已报:搬走了' }).waitFor()
  await one.locator('.who').click()
  assert.equal(await one.locator('[data-why=moved_out]').isDisabled(), true, 'it is not reported twice')
  await shot(page, 'phone-people')
  await accessible(page)

  // As the home screen opens it.
  await page.goto(`${site.url}/app/`)
  await page.waitForURL('**/app/doors')
  await phone.count('waiting', 4)
  await phone.offline(false)
  await phone.count('confirmed', 4)
  await phone.count('waiting', 0)
  const token = await site.token('S0001', 'secretary', '140522110204')
  const made = await card(token, found)
  assert.deepEqual(made.residents.map((r) => r['born']), ['1980-07-01'])
  const there = await card(token, home)
  assert.equal(there.residents.length, homes.find((h) => h.household === home)!.people.length + 1)
  assert.deepEqual(there.events.map((e) => e['kind']), ['resident', 'resident'])
  phone.complaints.none()
  await phone.context.close()
})

test('a code that is good no more: what to do is said in words that fit, and the name that was typed stays', async () => {
  const { context, page, complaints } = await open(browser, PHONE, [/403/])
  await page.goto(`${site.url}/app/#enrol=140522.AAAAAAAAAAAAAAAAAAAAAA`)
  await page.locator('input[name=worker]').fill('老王')
  await page.getByRole('button', { name: '登记这部手机' }).click()
  const fault = page.getByRole('alert')
  await fault.getByText('请向办公室要一个新的登记码').waitFor()
  assert.doesNotMatch(await fault.innerText(), /权限|账号/)
  assert.equal(await page.locator('input[name=worker]').inputValue(), '老王')
  complaints.none()
  await context.close()
})
