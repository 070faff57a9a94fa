/* Monday's second room: what was done before the start is carried over by the office's own browser. */
import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { COUNTY, GRID, HOST } from '../../integration/lib/site'
import { until } from '../../integration/lib/until'
import { root } from '../../integration/lib/where'
import { accessible, OFFICE_PC, shot } from '../lib/browser'
import { fits, seat } from '../lib/seat'
import { browser, site } from './day'

export function carriedRoom(): void {
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
      await site.admin('texts', 'set', join(root, 'deploy', 'sample', 'texts.json'), '--county', COUNTY, '--by', 'C0001')
      const { page, complaints, context } = await seat(browser, site, 'deputy', OFFICE_PC, [/v1\/sync/])
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
      await paper.locator('.door', { hasText: /^34号 / }).click()
      await paper.getByRole('button', { name: '补录(照着纸填)', pressed: true }).waitFor()
      await paper.locator('[data-outcome=met]').click()
      await paper.locator('input[name=done]').fill('2026-03-08')
      await paper.locator('[data-album]').setInputFiles(join(root, 'tests', 'e2e', 'pictures', 'door.png'))
      await paper.getByText('已有1张').waitFor()
      await shot(paper, 'paper-door')
      await paper.locator('[data-save]').click()
      const written = (): Promise<string[]> => site.pg.sql('SELECT kind, count(*) FROM qm.event WHERE via = 4 GROUP BY kind')
      await until('the record from paper', async () => (await written()).length > 0)
      assert.deepEqual(await written(), ['1|1'])
      await paper.locator('[data-count=waiting]', { hasText: /^0$/ }).waitFor()
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
}
