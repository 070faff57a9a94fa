/* What was sent and what was not, on the real pages and a real server: a record that was not taken, from the list to the
 * form that is filled in again; photos that wait; what is undone before it is sent; own figures, table and text. */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Browser, Page } from 'playwright-core'
import { GRID, GRID_OTHER, homes, Site } from '../integration/lib/site'
import { uuid } from '../integration/lib/wire'
import { accessible, launch, PHONE, readableInSun, shot, web } from './lib/browser'
import { unusable } from './lib/screen'
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

/** What waits is written anew as the office will not take it, or hold it: of another county, or at somebody else's door. */
async function rewrite(phone: WorkerPhone, from: string, to: string): Promise<void> {
  const n = await phone.page.evaluate(
    async ([before_, after_]) => {
      const asked = <T>(request: IDBRequest<T>): Promise<T> =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result)
          request.onerror = () => reject(request.error)
        })
      const { name } = (await indexedDB.databases()).find((db) => db.name?.startsWith('qm.worker.'))!
      const db = await asked(indexedDB.open(name!))
      const events = db.transaction('event', 'readwrite').objectStore('event')
      let changed = 0
      for (const row of (await asked(events.getAll())) as { state: string; e: Uint8Array }[]) {
        const e = new TextDecoder().decode(row.e)
        if (row.state !== 'waiting' || !e.includes(before_!)) continue
        await asked(events.put({ ...row, e: new TextEncoder().encode(e.replace(before_!, after_!)) }))
        changed++
      }
      db.close()
      return changed
    },
    [from, to],
  )
  assert.ok(n > 0, 'something was rewritten')
}
/** The narrowest screen, with the largest letters. */
async function started(): Promise<WorkerPhone> {
  const phone = await WorkerPhone.start(browser, site, { ...PHONE, viewport: { width: 320, height: 640 } })
  await phone.page.goto(`${site.url}/app/`)
  await phone.page.evaluate(() => localStorage.setItem('qm.font', '150'))
  await phone.page.goto('about:blank')
  return phone
}
async function fine(page: Page, name: string): Promise<void> {
  await accessible(page)
  await readableInSun(page)
  await shot(page, name)
  assert.deepEqual(await unusable(page), [], name)
}
const FAR_COUNTY = '110101001001001'

test('what was not taken is counted, says why, is filled in again with all that was there, or put away', async () => {
  const phone = await started()
  const { page } = phone
  await phone.enrol('W0001', '老王')
  await phone.offline(true)
  await phone.usualDoor('2号')
  await phone.save()
  await phone.outcome('4号', 'absent')
  await phone.count('waiting', 6)
  await rewrite(phone, GRID, FAR_COUNTY)
  await phone.offline(false)
  await phone.count('rejected', 6)
  await page.locator('[data-state]', { hasText: '未收下 6' }).waitFor()
  await page.getByRole('searchbox').fill('4号')
  await page.locator('.door', { hasText: /^4号 / }).getByText('未收下 1').waitFor()
  const row = page.locator('.door:visible', { hasText: '未收下' }).first()
  assert.ok(await row.evaluate((el) => el.scrollHeight <= el.clientHeight), 'name and state fit the row')
  await fine(page, 'phone-rejected-list')
  await page.locator('[data-rejected]').click()
  await page.locator('[data-state-chip=rejected][aria-pressed=true]').waitFor()
  await page.locator('.line:visible', { hasText: '告知书' }).getByText('网格不在本县').waitFor()
  await fine(page, 'phone-rejected')
  // All of the door is there again, the signatures too.
  await page.locator('.line:visible', { hasText: '告知书' }).locator('[data-refill]').click()
  await page.getByText('上次没填完的还在').waitFor()
  for (const part of ['notice', 'pledge']) await page.locator(`[data-part=${part}] [data-signed=true]`).waitFor()
  await phone.save()
  await phone.count('confirmed', 5)
  await phone.count('rejected', 1)
  // What is given up is put away, by one tap and back.
  await page.locator('[data-rejected]').click()
  const line = page.locator('.line:visible')
  await line.locator('[data-put-away]').click()
  await line.first().waitFor({ state: 'detached' })
  await page.locator('[data-undo]').click()
  await line.locator('[data-put-away]').click()
  await line.first().waitFor({ state: 'detached' })
  await page.locator('[data-state-chip=done]', { hasText: '6' }).click()
  await page.locator('.line:visible', { hasText: '家' }).first().getByText('已处理').waitFor()
  await phone.tab('我的门')
  await page.locator('[data-count=rejected]').waitFor({ state: 'detached' })
  await page.locator('[data-state]', { hasText: '都已上传' }).waitFor()
  // A door that is done is found while those to do are chosen, and they are back when nothing is looked for.
  await page.getByRole('button', { name: '待办', exact: true }).click()
  await page.locator('.door', { hasText: /^2号 / }).waitFor({ state: 'detached' })
  await page.getByRole('searchbox').fill('2号')
  await page.locator('.door', { hasText: /^2号 / }).getByText('办好了').waitFor()
  await page.getByRole('searchbox').fill('')
  await page.locator('.door', { hasText: /^2号 / }).waitFor({ state: 'detached' })
  await phone.noForbiddenWords()
  await phone.context.close()
})

test('undone before it is sent; why a record is held; photos that wait; own figures, table and text', async () => {
  const phone = await started()
  const { page } = phone
  const token = await site.token('A0001', 'township', '140522110')
  const body = JSON.stringify({ directive: uuid(7), scope: '140522110', title: '关于抓紧入户的通知', body: '请各网格员本周内走完。' })
  const posted = await fetch(`${site.url}/v1/directives`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body })
  assert.ok(posted.ok, await posted.text())
  await phone.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await phone.enrol('W0001', '老王')
  await phone.outcome('8号', 'absent')
  await phone.count('confirmed', 1)
  await phone.offline(true)

  await page.locator('.tabs a', { hasText: '文书' }).click()
  await page.locator('[data-directive=open] summary').click()
  await page.getByRole('button', { name: '我已阅知' }).click()
  await page.locator('[data-directive=read]').waitFor()
  await page.locator('[data-undo]').click()
  await page.locator('[data-directive=open]').waitFor()

  const line = page.locator('.line:visible', { hasText: '没人在家' })
  const takeBack = async (): Promise<void> => {
    await phone.tab('去向')
    await page.locator('[data-state-chip=confirmed]').click()
    await line.waitFor()
    if ((await line.locator('[aria-expanded=false]').count()) > 0) await line.locator('.row').click()
    await line.getByRole('button', { name: '作废(留痕)' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '作废(留痕)' }).click()
    await line.getByText('已作废').waitFor()
  }
  await takeBack()
  await page.locator('[data-undo]').click()
  await line.getByText('已入账').waitFor()
  await takeBack()
  await page.locator('[data-state-chip=waiting]').click()
  const correction = page.locator('[data-kind=void]:visible')
  await correction.locator('.row').click()
  await correction.getByRole('button', { name: '撤销' }).click()
  await correction.waitFor({ state: 'detached' })
  await page.locator('[data-state-chip=confirmed]').click()
  await line.getByText('已入账').waitFor()

  // Somebody else's door: held, with its reason; the signature's picture waits meanwhile.
  await page.route('**/v1/blobs/**', (route) => route.abort())
  await phone.outcome('10号', 'absent')
  await rewrite(phone, homes[9]!.household, homes.find((h) => h.grid === GRID_OTHER)!.household)
  await phone.door('12号')
  await page.locator('[data-outcome=met]').click()
  await phone.sign('notice', '王一')
  await phone.save()
  await phone.offline(false)
  await phone.count('held', 1)
  await page.locator('[data-state]', { hasText: '照片待上传 1张' }).waitFor()
  await phone.tab('去向')
  await page.locator('[data-state-chip=held]').click()
  await page.locator('.line:visible').getByText('这户已转到别的网格,先不计数').waitFor()

  // The office's server takes no more photos today; records go on.
  await page.unroute('**/v1/blobs/**')
  await page.route('**/v1/blobs/**', (route) => route.fulfill({ status: 429, headers: { 'retry-after': '7200' } }))
  await page.getByRole('button', { name: '现在上传' }).click()
  await page.getByText('记录都已上传,照片以后再传。').waitFor()
  await page.locator('.card:visible', { hasText: '照片:1张待上传' }).getByText(/今天能传的照片已传满,\d\d:\d\d以后再传/).waitFor()

  await phone.tab('我的')
  await page.locator('[data-photos]:visible').getByText('照片待上传1张').waitFor()
  await page.locator('[data-metric=visited]').getByText('前要达到').waitFor()
  await fine(page, 'phone-photos-wait')
  await page.getByRole('button', { name: '我的清单' }).click()
  const out = page.locator('form[data-out]')
  await out.locator('input').fill('当面说的八字口令')
  const file = page.waitForEvent('download')
  await out.getByRole('button', { name: '存成文件' }).click()
  await file
  await page.getByText('已存好:1张照片。').waitFor()
  const table = page.waitForEvent('download')
  await page.locator('[data-csv]').click()
  const path = join(site.dir, 'list.csv')
  await (await table).saveAs(path)
  const rows = readFileSync(path, 'utf8').split('\r\n')
  assert.match(rows[0]!, /^\ufeff组,街巷,门牌,户主,/)
  assert.match(rows.find((row) => row.includes(',12号,'))!, /已签收/)
  await page.getByRole('button', { name: '复制成文字' }).click()
  await page.getByRole('button', { name: '已复制' }).waitFor()
  const text = await page.evaluate(() => navigator.clipboard.readText())
  assert.match(text, /老王入户宣传进度\n入户 \d+\/\d+ /)
  assert.doesNotMatch(text, /王一/)
  await phone.context.close()
})
