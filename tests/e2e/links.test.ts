/* The links that deploy/up ends with, made by the same shell functions: each opens where it says, as a newcomer would
 * open it. */
import { strict as assert } from 'node:assert'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Browser } from 'playwright-core'
import { must } from '../integration/lib/command'
import { COUNTY, HOST, Site } from '../integration/lib/site'
import { qiaomend, root } from '../integration/lib/where'
import { launch, OFFICE_PC, open, PHONE, web } from './lib/browser'
import { addPeople } from './lib/seat'
import { siteFill } from './lib/worker'

const PASSWORD = '村里反诈宣传要做好了'
let site: Site
let browser: Browser
let said: string
before(async () => {
  site = await Site.start([`web_dir = ${web}`])
  await siteFill(site)
  await addPeople(site)
  await site.importCsv('accounts', 'account,role,name,phone,areas', [`C0001,admin,县管理员,10040000031,${COUNTY}`])
  said = await linksSaid()
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await site?.stop()
})

/** What deploy/up says, of this site. */
async function linksSaid(): Promise<string> {
  for (const folder of ['sample', 'week']) mkdirSync(join(site.dir, folder))
  const village = ['account,role,name,phone,areas', 'S0001,secretary,,,140522110204', 'D0001,deputy,,,140522110204']
  writeFileSync(join(site.dir, 'sample', 'accounts.csv'), `${village.join('\n')}\n`)
  writeFileSync(join(site.dir, 'week', 'bulletin.index'), '1')
  const lib = join(root, 'deploy', 'lib')
  const script = `set -Eeuo pipefail; for part in say township links; do . "$1/$part.sh"; done
    var=$2 qiaomend=$3 county=$4 port=$5; qm_links_show`
  return must('bash', ['-c', script, 'links', lib, site.dir, qiaomend, COUNTY, String(site.port)])
}

/** The link behind these words: of the host that the site is told to have, opened where the site is. */
function linkOf(words: string): string {
  const line = said.split('\n').find((l) => l.includes(words)) ?? assert.fail(`${words}: not in\n${said}`)
  const link = new URL(/https?:\/\/\S+$/.exec(line)?.[0] ?? assert.fail(line))
  assert.equal(link.host, HOST)
  return `${site.url}${link.pathname}${link.hash}`
}

test('the link of the phone leads a newcomer to the doors', async () => {
  const { context, page, complaints } = await open(browser, PHONE)
  await page.goto(linkOf("a worker's phone"))
  await page.getByRole('heading', { name: '登记码已收到' }).waitFor()
  await page.locator('input[name=worker]').fill('老王')
  await page.getByRole('button', { name: '登记这部手机' }).click()
  await page.waitForURL('**/app/doors')
  await page.locator('.door').first().waitFor()
  complaints.none()
  await context.close()
})

test('there is a link for each whom a Monday needs', () => {
  const links = ["the township's office", 'the second account', "a village's deputy", 'its secretary', "the county's administrator"].map(linkOf)
  assert.equal(new Set(links).size, 5)
})

for (const [words, account] of [["the township's office", 'A0001'], ['its secretary', 'S0001']] as const)
  test(`the link of ${account} signs in`, async () => {
    const { context, page, complaints } = await open(browser, OFFICE_PC, [/\/v1\/session/])
    await page.goto(linkOf(words))
    await page.getByLabel('设一个密码').fill(PASSWORD)
    await page.getByLabel('再输一遍密码').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/office/board')
    await page.getByRole('link', { name: account }).waitFor()
    complaints.none()
    await context.close()
  })
