/* Monday's first room, the register: a roster with errors comes in as a whole once it is mended, is compared,
 * corrected, and what workers propose is settled.
 */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { must } from '../../integration/lib/command'
import { fixedPseudonym, GRID, homes } from '../../integration/lib/site'
import { accessible, OFFICE_PC, PHONE, shot } from '../lib/browser'
import { fits, seat } from '../lib/seat'
import { browser, site } from './day'

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

export function rosterRoom(): void {
  describe('a roster', () => {
    test('with errors is refused line by line, then mended and taken over as a whole', async () => {
      const { page, complaints, context } = await seat(browser, site, 'township', OFFICE_PC, [/status of 422/])
      const count = async (): Promise<number> => Number((await site.pg.sql('SELECT count(*) FROM qm.household'))[0])
      const before = await count()
      await page.goto(`${site.url}/office/register`)
      // The browser's own line, in its own language, is not shown; the button still shows where the keyboard is.
      await page.getByLabel('选表格文件').focus()
      const drawn = await page.getByLabel('选表格文件').evaluate((e) => [getComputedStyle(e).opacity, getComputedStyle(e.parentElement!).outlineStyle])
      assert.deepEqual(drawn, ['0', 'solid'])
      const choose = async (name: string, buffer: Buffer): Promise<void> => {
        await page.getByLabel('选表格文件').setInputFiles({ name, mimeType: 'text/csv', buffer })
        await page.getByText(`${name} · `).waitFor()
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

      await choose('名册改好.csv', await gb18030(roster(GRID), 'good'))
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

    test('a household is found by what people say and goes into another one that is found the same way', async () => {
      const { page, complaints, context } = await seat(browser, site, 'township', OFFICE_PC)
      const other = homes[56]!
      await page.goto(`${site.url}/office/register`)
      await page.getByRole('button', { name: '改一户' }).click()
      await page.getByLabel('找哪一户').last().fill('whz 5')
      await page.getByLabel('找哪一户').last().press('Enter')
      await page.getByText(/找到\d+户,请选一户/).waitFor()
      await accessible(page)
      await shot(page, 'card-find')
      await page.getByLabel('找哪一户').last().fill('whz 56号')
      await page.getByRole('button', { name: '查找', exact: true }).press('Enter')
      await page.getByRole('button', { name: /一组 东街 56号/ }).press('Enter')
      await page.getByRole('button', { name: '并入别的户' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('并入哪一户').last().fill('东街 56号')
      await dialog.getByRole('button', { name: '查找', exact: true }).click()
      await dialog.getByText('没有找到').waitFor()
      assert.ok(await dialog.getByRole('button', { name: '改', exact: true }).isDisabled())
      await dialog.getByLabel('并入哪一户').last().fill(other.household)
      await dialog.getByLabel('并入哪一户').last().press('Enter')
      await dialog.getByRole('button', { name: /一组 东街 57号 .*网格001/ }).press('Enter')
      await dialog.getByText('并入王** 一组 东街 57号?').waitFor()
      await accessible(page)
      await shot(page, 'card-merge')
      await dialog.getByRole('button', { name: '改', exact: true }).click()
      await page.getByText('已改好').waitFor()
      await page.getByText('已并户', { exact: true }).first().waitFor()
      await page.getByRole('button', { name: /撤回这次改动/ }).first().click()
      await dialog.getByRole('button', { name: '撤回这次改动' }).click()
      await page.getByRole('button', { name: '换责任人' }).click()
      await dialog.getByLabel('责任人').selectOption('W0003')
      await dialog.getByText('责任人改成W0003 网**?').waitFor()
      await dialog.getByRole('button', { name: '改', exact: true }).click()
      await page.getByText('已改好').waitFor()
      await page.getByText(/责任人 W0003 网\*\*/).waitFor()
      const looked = await site.pg.sql(`SELECT count(*) > 2 AND bool_and(subject !~ '[^0-9]' AND reason = '') FROM qm.access WHERE what = 'find_households' AND account = 'A0001'`)
      assert.deepEqual(looked, ['t'])
      assert.equal(new URL(page.url()).search, '')
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
}
