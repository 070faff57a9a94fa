/* A Monday in the browser: a roster with errors comes in, a phone is enrolled from the screen's QR link,
 * two people sign a village off, two others close and publish the week, and everybody can read it. */
import { strict as assert } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { must, run } from '../integration/lib/command'
import { COUNTY, fixedPseudonym, GRID, homes, HOST, Site } from '../integration/lib/site'
import { qiaomen, root } from '../integration/lib/where'
import { vkeyText } from '../integration/lib/wire'
import { accessible, launch, OFFICE_PC, open, PHONE, shot, web } from './lib/browser'
import { addPeople, fits, seat } from './lib/seat'

let site: Site
let browser: Browser
before(async () => {
  site = await Site.start([`web_dir = ${web}`])
  await addPeople(site)
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await site?.stop()
})

const HOSTILE = ['<img src=x onerror=alert(1)>', '=HYPERLINK("http://x";"y")', '\u202e倒着写', '𠮷田某']
const HEADER = '网格代码,村民小组,门牌号,户主姓名,联系电话,状态'
const roster = (grid: string): string =>
  [HEADER, ...HOSTILE.map((name, i) => `${i === 1 ? grid : GRID},九组,${i + 1}号,"${name.replaceAll('"', '""')}",1004300000${i},常住`)].join('\r\n')

/** The parts of GB18030 that the names need, by the converter that offices use. */
async function gb18030(text: string, name: string): Promise<Buffer> {
  const file = site.csv(name, text, [])
  await must('iconv', ['-f', 'UTF-8', '-t', 'GB18030', '-o', `${file}.gb`, file])
  return readFileSync(`${file}.gb`)
}

async function saved(page: Page, press: () => Promise<void>): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), press()])
  const path = join(site.dir, download.suggestedFilename())
  await download.saveAs(path)
  return readFileSync(path, 'utf8')
}

describe('a roster', () => {
  test('with errors is refused line by line, then mended and taken over as a whole', async () => {
    const { page, complaints, context } = await seat(browser, site, 'township', OFFICE_PC, [/status of 422/])
    const count = async (): Promise<number> => Number((await site.pg.sql('SELECT count(*) FROM qm.household'))[0])
    const before = await count()
    await page.goto(`${site.url}/office/register`)
    const choose = async (name: string, buffer: Buffer): Promise<void> => {
      await page.getByLabel('选表格文件').setInputFiles({ name, mimeType: 'text/csv', buffer })
      await page.getByRole('heading', { name: '对一对列' }).waitFor()
    }
    await choose('名册.csv', await gb18030(roster('140522'), 'bad'))
    assert.equal(await page.getByRole('combobox', { name: '网格代码' }).inputValue(), '0')
    await page.getByRole('button', { name: '检查一遍' }).click()
    await page.getByText('不是网格代码').waitFor()
    await accessible(page)
    await shot(page, 'register-faults')
    const faults = await saved(page, () => page.getByRole('button', { name: '下载全部问题' }).click())
    assert.match(faults, /\n3,网格代码,.*,140522,/)
    assert.match(faults, /'=HYPERLINK/)
    assert.equal(await count(), before)

    await choose('名册.csv', await gb18030(roster(GRID), 'good'))
    await page.getByRole('button', { name: '检查一遍' }).click()
    await page.getByText('检查通过,4行都可以导入').waitFor()
    assert.equal(await count(), before)
    await accessible(page)
    await shot(page, 'register')
    await page.getByRole('button', { name: '导入4行' }).click()
    await page.getByText('请保存这个文件').waitFor()
    assert.equal(await count(), before + 4)
    // The only copy of the codes stays while another part is looked at, and the page is not left without a question.
    await page.getByRole('button', { name: '改一户' }).click()
    await page.getByText('请保存这个文件').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: '导入', exact: true }).click()
    const asked = page.waitForEvent('dialog').then(async (dialog) => {
      await dialog.dismiss()
      return dialog.message()
    })
    await page.getByRole('link', { name: '看板' }).click()
    assert.match(await asked, /还没保存/)
    await page.getByText('请保存这个文件').waitFor()
    assert.ok(await page.getByRole('button', { name: '已保存,继续' }).isDisabled())
    const kept = await saved(page, () => page.getByRole('button', { name: '保存文件' }).click())
    assert.match(kept, /^\ufeff户代码,网格代码,/)
    for (const line of kept.trim().split('\r\n').slice(1)) assert.match(line, /^'?[A-Za-z0-9_-]{21}[AQgw],/)
    await page.getByRole('button', { name: '已保存,继续' }).click()
    assert.equal(await page.locator('img[src="x"]').count(), 0)
    complaints.none()
    await context.close()
  })

  test('a sheet of the village is compared line by line, here in the browser', async () => {
    const { page, complaints, context } = await seat(browser, site, 'secretary', PHONE)
    await page.goto(`${site.url}/office/register`)
    await page.getByRole('button', { name: '和自己的表对一对' }).click()
    const sheet = '组,街巷,门牌,户主,已入户\n1组,东街,1,王户主,是\n一组,东街,2号,王户主,否\n八组,北街,99号,<b>没有</b>,是\n'
    await page.getByLabel('选表格文件').setInputFiles({ name: '自己的.csv', mimeType: 'text/csv', buffer: Buffer.from(sheet) })
    await page.getByRole('button', { name: '开始对' }).click()
    await page.getByText('您表里有、这里没有(1)').waitFor()
    await page.getByText('1户两边一样').waitFor()
    await page.getByText('两边说得不一样(1)').waitFor()
    await page.getByText('<b>没有</b>').waitFor()
    await fits(page)
    await accessible(page)
    await shot(page, 'compare-phone')
    complaints.none()
    await context.close()
  })

  test('one household is changed after a question, its history says so, and it is taken back', async () => {
    const { page, complaints, context } = await seat(browser, site, 'township', OFFICE_PC)
    const home = homes[50]!
    const status = async (): Promise<string> => (await site.pg.sql(`SELECT status FROM qm.household WHERE household = '${Buffer.from(home.household, 'base64url').toString('hex')}'`))[0]!
    await page.goto(`${site.url}/office/register?household=${home.household}`)
    await page.getByRole('button', { name: '改状态', exact: true }).first().click()
    await page.getByRole('dialog').getByLabel('状态').selectOption('away')
    await page.getByRole('dialog').getByRole('button', { name: '改', exact: true }).click()
    await page.getByText('已改好').waitFor()
    await page.getByRole('button', { name: '改资料', exact: true }).first().click()
    await page.getByRole('dialog').getByLabel('门牌').fill('新门牌<b>')
    await accessible(page)
    await shot(page, 'card-edit')
    await page.getByRole('dialog').getByRole('button', { name: '保存' }).click()
    await page.getByText('新门牌<b>').waitFor()
    await page.getByText('先撤回后面的改动,才能撤这一次').waitFor()
    await accessible(page)
    await shot(page, 'card')
    for (const what of [/撤回这次改动 门牌/, /撤回这次改动 状态/]) {
      await page.getByRole('button', { name: what }).click()
      await page.getByRole('dialog').getByRole('button', { name: '撤回这次改动' }).click()
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
      await page.getByText('(已撤回)').last().waitFor()
    }
    await page.getByText('新门牌<b>').waitFor({ state: 'hidden' })
    assert.equal(await status(), '1')
    await page.getByRole('button', { name: '分户', exact: true }).click()
    await page.getByRole('dialog').getByRole('checkbox').first().press('Space')
    await page.getByRole('dialog').getByLabel('门牌').fill('51号东屋')
    await accessible(page)
    await shot(page, 'card-split')
    await page.getByRole('dialog').getByRole('button', { name: '把1人分出去' }).click()
    await page.getByText('51号东屋').waitFor()
    await page.getByRole('button', { name: /撤回这次改动/ }).waitFor()
    complaints.none()
    await context.close()
    await site.recount()
  })

  test('what a worker proposes is settled with the keyboard, some accepted, some not', async () => {
    const worker = await site.device('W0002')
    const at = [40, 41, 42].map((i) => homes[i]!)
    await worker.send(...at.map((h) => worker.visit(h.household, { outcome: 'vacant', grid: h.grid })))
    for (const [device, name] of [[OFFICE_PC, 'pc'], [PHONE, 'phone']] as const) {
      const { page, complaints, context } = await seat(browser, site, 'secretary', device)
      await page.goto(`${site.url}/office/register`)
      await page.getByRole('button', { name: '网格员提出的' }).press('Enter')
      await page.getByRole('heading', { name: '网格员提出的改动' }).waitFor()
      await page.getByRole('cell', { name: '空房', exact: true }).first().waitFor()
      await accessible(page)
      await fits(page)
      await shot(page, `proposals-${name}`)
      if (name === 'pc') {
        await page.getByRole('checkbox', { name: /^选/ }).first().press('Space')
        await page.getByRole('button', { name: '采纳1条', exact: true }).press('Enter')
        await page.getByText('已采纳1条').waitFor()
      } else {
        await page.getByRole('checkbox', { name: '全选' }).press('Space')
        await page.getByRole('button', { name: '不采纳2条' }).press('Enter')
        await page.getByText('没有要处理的').waitFor()
      }
      complaints.none()
      await context.close()
    }
    assert.deepEqual(await site.pg.sql('SELECT count(*), count(*) FILTER (WHERE accepted) FROM qm.register_proposal'), ['3|1'])
    await site.recount()
  })

  test('a split that a worker found is settled with those who go, on the list and at the card', async () => {
    const worker = await site.device('W0002')
    const found = [43, 44].map((i) => {
      const household = fixedPseudonym(`split-${i}`)
      return [
        worker.event('household', { household, place: 'home', why: 'split', from: homes[i]!.household }, { name: `分户${i}`, door: `${i}号东屋` }),
        worker.event('resident', { household, resident: fixedPseudonym(`split-${i}-p`), why: 'found' }, { name: '王一', born: '1970-01-01' }),
      ]
    })
    await worker.send(...found.flat())
    const fresh = (i: number): string => `'${Buffer.from(fixedPseudonym(`split-${i}`), 'base64url').toString('hex')}'`
    const livesIn = (i: number): Promise<string[]> => site.pg.sql(`SELECT count(*) FROM qm.resident WHERE household = ${fresh(i)}`)
    const { page, complaints, context } = await seat(browser, site, 'township', PHONE)
    await page.goto(`${site.url}/office/register`)
    await page.getByRole('button', { name: '网格员提出的' }).click()
    await page.getByRole('checkbox', { name: '全选' }).check()
    await page.getByText('分户要先定谁分出去').waitFor()
    assert.ok(await page.getByRole('button', { name: '采纳2条', exact: true }).isDisabled())
    await page.getByRole('button', { name: /^定谁分出去 分/ }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: '采纳分户,迁1人' }).waitFor()
    const people = dialog.getByRole('checkbox')
    assert.deepEqual([await people.first().isChecked(), await people.last().isChecked()], [true, false])
    await people.last().press('Space')
    await accessible(page)
    await fits(page)
    await shot(page, 'proposal-split')
    await dialog.getByRole('button', { name: '采纳分户,迁2人' }).press('Enter')
    await page.getByText('分户已采纳,迁了2人').waitFor()
    await page.getByText('同一个人出现两次的').waitFor()
    await page.getByRole('button', { name: /^定谁分出去/ }).waitFor()
    const left = (await livesIn(43))[0] === '3' ? 44 : 43
    await page.goto(`${site.url}/office/register?household=${homes[left]!.household}`)
    await page.getByText('网格员提出、还没有处理的').waitFor()
    await accessible(page)
    await fits(page)
    await shot(page, 'card-proposal')
    await page.getByRole('button', { name: '定谁分出去' }).click()
    await dialog.getByRole('checkbox').first().uncheck()
    await dialog.getByRole('button', { name: '采纳分户,迁0人' }).click()
    await page.getByText('分户已采纳,迁了0人').waitFor()
    await page.getByText('网格员提出、还没有处理的').waitFor({ state: 'detached' })
    assert.deepEqual([await livesIn(left), await livesIn(left === 43 ? 44 : 43)], [['1'], ['3']])
    assert.deepEqual(await site.pg.sql(`SELECT count(*) FROM qm.register_proposal WHERE accepted AND subject IN (${fresh(43)}, ${fresh(44)})`), ['2'])
    complaints.none()
    await context.close()
    await site.recount()
  })
})

describe('before the start', () => {
  const DONE = '组,街巷,门牌,户主,入户日期,告知书,承诺书,签字人,经办人'
  const GOOD = [
    DONE,
    '1组,东街,31,王户主,2026/3/5,2026-03-05,是,王一,孙干部',
    '一组,东街,32号,王户主,是,留置,,,"<img src=x onerror=alert(1)>"',
    '一组,东街,33号,王户主,未入户,,,,',
    '',
  ].join('\n')
  const BAD = GOOD.replace('2026/3/5', '2099/3/5').replace('33号', '999号')
  /** By kind: how many, with a day, from how many devices. */
  const carried = (): Promise<string[]> =>
    site.pg.sql(`SELECT kind, count(*), count(*) FILTER (WHERE position('"done"' IN convert_from(e, 'UTF8')) > 0), count(DISTINCT device)
                   FROM qm.event WHERE via = 5 GROUP BY kind ORDER BY kind`)

  test('an office enrols its browser, carries over a list as a whole, and the same list again makes nothing', async () => {
    await site.admin('texts', 'set', join(root, 'deploy', 'sample', 'texts.json'), '--county', COUNTY, '--by', 'A0001')
    const { page, complaints, context } = await seat(browser, site, 'deputy', OFFICE_PC, [/v1\/(changes|blobs|devices).* net::ERR_ABORTED/, /v1\/sync/])
    await page.goto(`${site.url}/office/paper`)
    await page.getByText('D0001还没有可以录入的网格').waitFor()
    await shot(page, 'paper-no-grid')
    await site.importCsv('accounts', 'account,role,name,phone,areas', [
      `D0001,deputy,文书,10040000022,140522110204`,
      `D0001,leader,文书,10040000022,${GRID}`,
    ])
    await page.reload()
    await page.getByLabel('设一个密码').fill('2468')
    await page.getByRole('button', { name: '登记这台电脑' }).click()
    await page.getByText('D0001的电脑已登记,管1个网格').waitFor()
    await accessible(page)

    const choose = (name: string, text: string): Promise<void> =>
      page.getByLabel('选表格文件').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })
    await choose('三月.csv', BAD)
    await page.getByRole('button', { name: '检查一遍' }).click()
    await page.getByText('“2099-03-05”是将来的日期').or(page.getByText('“2099/3/5”是将来的日期')).waitFor()
    await page.getByText('这个村的名册里没有“999号”').waitFor()
    await accessible(page)
    await shot(page, 'paper-faults')

    await choose('三月.csv', GOOD)
    await page.getByText('这个村的名册里没有“999号”').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: '检查一遍' }).click()
    await page.getByText('要结转:入户2户、告知书2份、承诺书1份。').waitFor()
    const go = page.getByRole('button', { name: '结转这5条' })
    assert.ok(await go.isDisabled(), 'pledges need a photo of the signatures')
    await page.getByLabel(/承诺书签名册的照片/).setInputFiles(join(root, 'tests', 'e2e', 'pictures', 'door.png'))
    await page.getByText('已有1张').waitFor()
    await accessible(page)
    await fits(page)
    await shot(page, 'paper-check')
    await page.setViewportSize({ width: 390, height: 844 })
    await fits(page)
    await shot(page, 'paper-check-phone')
    await page.setViewportSize(OFFICE_PC.viewport!)
    // The network goes just after all is signed and stored, and the page is closed.
    const sync = '**/v1/sync'
    await page.route(sync, (route) => route.abort())
    await go.click()
    await page.getByText('已上传0条,共5条').waitFor()
    assert.deepEqual(await carried(), [])
    await page.reload()
    await page.unroute(sync)
    await page.getByLabel('D0001在这台电脑上的密码').fill('2468')
    await page.getByRole('button', { name: '打开', exact: true }).click()
    await page.getByText('还有5条没有上传').waitFor()
    await page.getByText('还有5条没有上传').waitFor({ state: 'detached' })
    assert.deepEqual(await carried(), ['1|2|1|1', '2|2|1|1', '3|1|0|1'])
    const figures = await site.counters()
    assert.deepEqual([figures['visited'], figures['notice_delivered'], figures['pledge']], [2, 2, 1])
    await choose('三月.csv', GOOD)
    await page.getByRole('button', { name: '检查一遍' }).click()
    await page.getByText('没有要记的').waitFor()
    assert.equal(await page.locator('img[src="x"]').count(), 0)
    assert.equal(await page.getByRole('button', { name: /结转这/ }).count(), 0)

    const [paper] = await Promise.all([context.waitForEvent('page'), page.getByRole('link', { name: '打开补录页' }).click()])
    await paper.locator('input[name=pin]').fill('2468')
    await paper.getByRole('button', { name: '进入' }).click()
    await paper.getByText('正在补录').waitFor()
    await paper.getByRole('searchbox').fill('34号')
    await paper.locator('.door').first().click()
    assert.equal(await paper.getByRole('button', { name: '补录(照着纸填)' }).getAttribute('aria-pressed'), 'true')
    await paper.locator('[data-outcome=met]').click()
    await paper.locator('input[name=done]').fill('2026-03-08')
    await paper.locator('input[type=file]').setInputFiles(join(root, 'tests', 'e2e', 'pictures', 'door.png'))
    await paper.getByText('已有1张').waitFor()
    await shot(paper, 'paper-door')
    await paper.locator('[data-save]').click()
    await paper.locator('[data-count=waiting]', { hasText: /^0$/ }).waitFor()
    assert.deepEqual(await site.pg.sql('SELECT kind, count(*) FROM qm.event WHERE via = 4 GROUP BY kind'), ['1|1'])
    await paper.close()

    // Switched off: what it signed stays, the page says so and takes this computer in anew.
    const [own] = await site.pg.sql(`SELECT device FROM qm.device WHERE account = 'D0001'`)
    await site.admin('revoke', '--county', COUNTY, '--by', 'A0001', '--device', `${HOST}/d/${own!}`, '--lost', String(Date.now()))
    await page.reload()
    await page.getByLabel('D0001在这台电脑上的密码').fill('2468')
    await page.getByRole('button', { name: '打开', exact: true }).click()
    await page.getByText('这台电脑不能再上传:办公室已停用它').waitFor()
    assert.equal(await page.getByRole('heading', { name: '结转:启用以前做过的' }).count(), 0)
    await accessible(page)
    await fits(page)
    await shot(page, 'paper-off')
    await page.getByLabel('设一个密码').fill('1357')
    await page.getByRole('button', { name: '重新登记这台电脑' }).click()
    await page.getByText('D0001的电脑已登记,管1个网格').waitFor()
    await page.getByRole('heading', { name: '结转:启用以前做过的' }).waitFor()
    assert.deepEqual(await site.pg.sql(`SELECT count(*), count(revoked_idx) FROM qm.device WHERE account = 'D0001'`), ['2|1'])
    assert.equal((await site.counters())['visited'], 3, 'what it signed before counts')
    await page.reload()
    await page.getByLabel('D0001在这台电脑上的密码').fill('1357')
    await page.getByRole('button', { name: '打开', exact: true }).click()
    await page.getByText('D0001的电脑已登记,管1个网格').waitFor()
    complaints.none()
    await context.close()
  })

  test('the browser stands among the phones as what it is', async () => {
    const { page, complaints, context } = await seat(browser, site, 'township', OFFICE_PC)
    await page.goto(`${site.url}/office/people`)
    const own = page.getByRole('row', { name: /D0001.*本人登记/ })
    await own.filter({ hasText: '已停用' }).waitFor()
    await own.filter({ hasNotText: '已停用' }).waitFor()
    complaints.none()
    await context.close()
  })
})

describe('the week', () => {
  const home = join('phone', 'w1')

  test('the county puts a rule in force; the one that ranks installs carries the legal note', async () => {
    const { page, complaints, context } = await seat(browser, site, 'admin', OFFICE_PC, [/settings\/.* 404|status of 404/])
    await page.goto(`${site.url}/office/settings`)
    await page.getByText('2026年1月的国家规定').waitFor()
    await page.getByRole('button', { name: /选用 只排/ }).click()
    await page.getByRole('region', { name: '排名规则' }).getByRole('button', { name: '设定' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '设定' }).click()
    await page.getByText('M0001于').waitFor()
    await page.getByText('现在用的').waitFor()
    await page.getByRole('region', { name: '排名规则' }).getByText('以前的版本').click()
    await page.getByText('第一版。').waitFor()
    await accessible(page)
    await shot(page, 'settings')
    complaints.none()
    await context.close()
  })

  test('a village names its lecturer; who is missing is listed', async () => {
    const { page, complaints, context } = await seat(browser, site, 'township', OFFICE_PC)
    await page.goto(`${site.url}/office/people`)
    const box = page.getByRole('region', { name: '责任人和宣讲员' })
    const missing = box.getByRole('listitem').filter({ hasText: '还差1名宣讲员' })
    await missing.first().waitFor()
    const before = await missing.count()
    await box.getByText('加一个人').click()
    await box.getByLabel('地方').selectOption({ index: 1 })
    await box.getByLabel('职责').selectOption({ label: '宣讲员' })
    await box.getByLabel('姓名').fill('赵宣讲')
    await box.getByRole('button', { name: '加上' }).click()
    await box.getByText('已加上。').waitFor()
    await box.getByRole('listitem').filter({ hasText: '1名宣讲员还没培训' }).waitFor()
    assert.equal(await missing.count(), before - 1)
    await box.getByRole('row').nth(2).getByRole('button').click()
    await box.getByText('赵**').waitFor()
    await box.getByRole('button', { name: '记为已培训' }).click()
    await box.getByText('1名宣讲员还没培训').waitFor({ state: 'detached' })
    await accessible(page)
    await shot(page, 'duties')
    await page.setViewportSize({ width: 390, height: 844 })
    await fits(page)
    await shot(page, 'duties-phone')
    complaints.none()
    await context.close()
  })

  test('what is to be read is published, read in the village, and who has not is named', async () => {
    const office = await seat(browser, site, 'township', OFFICE_PC)
    await office.page.goto(`${site.url}/office/directives`)
    await office.page.getByLabel('标题').fill('入户安排')
    await office.page.getByLabel('内容').fill('本周请先走三组。')
    await office.page.getByRole('button', { name: '发布' }).click()
    await office.page.getByText('已发布,手机下次联网就能看到').waitFor()
    const village = await seat(browser, site, 'secretary', PHONE)
    await village.page.goto(`${site.url}/office/directives`)
    await village.page.getByRole('button', { name: '我已阅知' }).click()
    await village.page.getByText('您已阅知').waitFor()
    await accessible(village.page)
    await fits(village.page)
    await shot(village.page, 'directives-phone')
    await office.page.reload()
    await office.page.getByText('已阅知1人').waitFor()
    await office.page.getByRole('button', { name: '看谁还没有阅知: 入户安排' }).click()
    await office.page.getByRole('listitem').filter({ hasText: 'W0001' }).first().waitFor()
    await accessible(office.page)
    await shot(office.page, 'directives')
    for (const s of [office, village]) {
      s.complaints.none()
      await s.context.close()
    }
  })

  test('a phone is enrolled from the QR link, visits, and is seen', async () => {
    const { page, complaints, context } = await seat(browser, site, 'township', OFFICE_PC)
    await page.goto(`${site.url}/office/people`)
    await page.getByRole('button', { name: '发手机登记码 W0001' }).click()
    await page.getByRole('img', { name: '手机登记二维码' }).waitFor()
    const link = (await page.locator('[data-link]').textContent())!
    assert.match(link, new RegExp(`^https://${HOST}/app/#enrol=${COUNTY}\\.`))
    await accessible(page)
    await shot(page, 'people-code')
    const phone = async (...args: string[]): Promise<void> => {
      const got = await run(qiaomen, [...args, '--home', join(site.dir, home), '--lang', 'en'])
      assert.equal(got.code, 0, got.stdout + got.stderr)
    }
    await must('mkdir', ['-p', join(site.dir, 'phone')])
    await phone('enrol', '--server', site.url, '--host', HOST, '--code', link.split('#enrol=')[1]!)
    await phone('sync')
    for (const h of homes.slice(0, 6)) await phone('visit', h.household, '--outcome', 'met', '--topics', 'order-brushing', '--near', 'yes', '--secs', '300')
    await phone('sync')
    await page.reload()
    await page.getByRole('row', { name: /W0001.*今天有消息/ }).waitFor()
    await accessible(page)
    await shot(page, 'people')
    complaints.none()
    await context.close()
  })

  test('the deputy prepares and the secretary confirms, each on a phone', async () => {
    const deputy = await seat(browser, site, 'deputy', PHONE)
    await deputy.page.goto(`${site.url}/office/week`)
    await deputy.page.getByRole('button', { name: '数字看过了,送书记确认' }).click()
    await deputy.page.getByText('等书记在手机上确认').waitFor()
    deputy.complaints.none()
    const { page, complaints, context } = await seat(browser, site, 'secretary', PHONE)
    await page.goto(`${site.url}/office/week`)
    await page.getByText('我看过,数字属实;没做完的照实列着').waitFor()
    // 6 by the phone, 1 from paper, 2 carried over
    await page.getByText('9户 /').waitFor()
    await fits(page)
    await accessible(page)
    await shot(page, 'week-phone')
    await page.getByRole('button', { name: '确认本村数字' }).click()
    await page.getByText(/S0001于.*确认了/).waitFor()
    complaints.none()
    await context.close()
    await deputy.context.close()
  })

  test('one account closes it and cannot publish; another one does; everybody can read it and print it', async () => {
    const one = await seat(browser, site, 'township', OFFICE_PC)
    await one.page.goto(`${site.url}/office/week`)
    await one.page.getByText(/还有\d+个村没有确认/).waitFor()
    await accessible(one.page)
    await fits(one.page)
    await shot(one.page, 'week')
    await one.page.getByRole('button', { name: '锁定本周名册' }).click()
    await one.page.getByRole('dialog').getByRole('button', { name: '锁定本周名册' }).click()
    await one.page.waitForURL('**/office/bulletins/**')
    await one.page.getByText('请办公室另一位同事').waitFor()
    assert.ok(await one.page.getByRole('button', { name: '签发', exact: true }).isDisabled())
    // what was carried over is no news
    await one.page.getByText('新7').first().waitFor()

    const title = one.page.getByRole('textbox', { name: '标题' })
    assert.ok((await title.locator('.chip').count()) >= 1)
    await title.press('End')
    await title.pressSequentially('(试行)')
    await one.page.getByText('已保存', { exact: true }).waitFor()
    const preview = one.page.frameLocator('iframe[data-bulletin]')
    await preview.getByText('(试行)').first().waitFor()
    await accessible(one.page)
    await fits(one.page)
    await shot(one.page, 'bulletin')
    one.complaints.none()

    const two = await seat(browser, site, 'second', OFFICE_PC)
    await two.page.goto(one.page.url())
    await two.page.getByRole('button', { name: '签发', exact: true }).click()
    await two.page.getByRole('dialog').getByRole('button', { name: '签发' }).click()
    await two.page.getByText(/A0002于.*签发/).waitFor()
    await two.page.getByRole('button', { name: '生成文字' }).click()
    assert.match(await two.page.getByLabel('发群里的文字').inputValue(), /入户/)
    const [picture] = await Promise.all([two.page.waitForEvent('download'), two.page.getByRole('button', { name: '存为图片' }).click()])
    const png = join(site.dir, 'picture.png')
    await picture.saveAs(png)
    assert.equal(readFileSync(png).subarray(1, 4).toString('latin1'), 'PNG')
    const [book] = await Promise.all([two.page.waitForEvent('download'), two.page.getByRole('link', { name: '下载XLSX' }).click()])
    await book.saveAs(join(site.dir, 'sheet.xlsx'))
    assert.equal(readFileSync(join(site.dir, 'sheet.xlsx')).subarray(0, 2).toString('latin1'), 'PK')
    await accessible(two.page)
    const open_ = await two.page.getByRole('link', { name: '公开网页(不用登录)' }).getAttribute('href')
    two.complaints.none()

    const everybody = await open(browser, OFFICE_PC)
    const answer = await everybody.page.goto(site.url + open_!)
    assert.equal(answer!.status(), 200)
    await everybody.page.getByText('(试行)').first().waitFor()
    assert.doesNotMatch(await everybody.page.content(), /王户主|W0001|A0001/)
    const pdf = await everybody.page.pdf()
    assert.equal(pdf.subarray(0, 5).toString('latin1'), '%PDF-')
    for (const s of [one, two, everybody]) await s.context.close()
  })

  test('the scan of the sealed paper is noted, a correction shows both tables', async () => {
    const { page, complaints, context } = await seat(browser, site, 'township', OFFICE_PC)
    await page.goto(`${site.url}/office/week`)
    await page.getByRole('region', { name: '通报' }).getByRole('link').first().click()
    await page.getByLabel('选扫描件').setInputFiles({ name: 'scan.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF scan') })
    await page.getByText(/A0001于.*记下/).waitFor()
    await site.admin('status', 'set', '--county', COUNTY, '--by', 'A0001', '--household', homes[0]!.household, '--status', 'away')
    await page.getByRole('button', { name: '发更正通报' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '发更正通报' }).click()
    await page.getByRole('heading', { name: '原来的' }).waitFor()
    await page.getByRole('heading', { name: '更正后' }).waitFor()
    await accessible(page)
    await shot(page, 'correction')
    complaints.none()
    await context.close()
  })

  test('records of a lost phone wait, and are decided in bulk', async () => {
    const device = await site.device('W0004')
    await device.send(...homes.slice(20, 23).map((h) => device.visit(h.household, { grid: GRID })))
    const { page, complaints, context } = await seat(browser, site, 'township', OFFICE_PC)
    await page.goto(`${site.url}/office/people`)
    await page.getByLabel('全选这一页').check()
    await page.getByLabel('理由').selectOption('wrong-area')
    await page.getByRole('button', { name: '计入3条' }).click()
    await page.getByText('已决定3条').waitFor()
    await page.getByText('没有待核实的记录').waitFor()
    assert.equal(Number((await site.pg.sql(`SELECT count(*) FROM qm.decision WHERE county = ${COUNTY}`))[0]) > 0, true)
    await page.getByRole('button', { name: '停用 W0004' }).click()
    await page.getByLabel('什么时候丢的').fill('2026-01-01T08:00')
    await page.getByRole('dialog').getByRole('button', { name: '停用' }).click()
    await page.getByRole('row', { name: /W0004.*已停用/ }).waitFor()
    await accessible(page)
    complaints.none()
    await context.close()
  })

  test('all of it holds for whoever recomputes it, what the office signed and what the week says', async () => {
    writeFileSync(join(site.dir, 'token'), await site.token('U0001', 'auditor', COUNTY))
    const args = ['--server', site.url, '--token', join(site.dir, 'token'), '--key', vkeyText(site.logKey), '--spool', site.dir, '--lang', 'en']
    const got = await run(qiaomen, ['audit', ...args], { env: { TMPDIR: site.dir } })
    assert.equal(got.code, 0, got.stdout + got.stderr)
    assert.match(got.stdout, /Everything holds/)
  })

  test('the auditor sees the ledger\u2019s state and no names', async () => {
    const { page, complaints, context } = await seat(browser, site, 'auditor', OFFICE_PC)
    await page.goto(`${site.url}/office/access`)
    await page.getByText(/记到第/).waitFor()
    await page.getByRole('link', { name: '导出整本总账' }).waitFor()
    await accessible(page)
    await shot(page, 'access')
    complaints.none()
    await context.close()
  })
})

