/* The form of one door on the real pages: nobody signs twice, whatever is tapped, taken back or pressed by a palm. */
import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Browser, Page } from 'playwright-core'
import { homes, Site } from '../integration/lib/site'
import { root } from '../integration/lib/where'
import { accessible, launch, shot, web } from './lib/browser'
import { siteFill, WorkerPhone } from './lib/worker'

const PAPER = join(root, 'tests', 'e2e', 'pictures', 'door.png')
let site: Site
let browser: Browser
let phone: WorkerPhone
let page: Page
before(async () => {
  site = await Site.start([`web_dir = ${web}`])
  await siteFill(site)
  browser = await launch()
  phone = await WorkerPhone.start(browser, site)
  ;({ page } = phone)
  await phone.enrol('W0001', '老王')
})
after(async () => {
  await browser?.close()
  await site?.stop()
})

const part = (name: string) => page.locator(`[data-part=${name}]`)
/** Kinds of the records of a household that count, or that were taken back, in their order. */
const kindsOf = (door: number, voided: boolean): Promise<string[]> =>
  site.pg.sql(`SELECT convert_from(e.e, 'UTF8')::json ->> 'kind' FROM qm.event e
    WHERE convert_from(e.e, 'UTF8')::json ->> 'household' = '${homes[door - 1]!.household}' AND ${voided ? '' : 'NOT'} EXISTS
      (SELECT FROM qm.event v WHERE convert_from(v.e, 'UTF8')::json ->> 'target' = e.id::text) ORDER BY e.seq`)
const DOOR = ['visit', 'notice', 'pledge', 'app', 'app']

describe('what was filled in and signed is there again when the door is taken back', () => {
  test('before it was sent: without a trace, and without a network', async () => {
    await phone.offline(true)
    await phone.usualDoor('2号')
    await phone.save()
    await page.locator('[data-undo]').click()
    await page.getByText('已撤销').waitFor()
    await page.waitForURL(`**/app/door/${homes[1]!.household}`)
    await page.locator('[data-restored]').waitFor()
    for (const name of ['notice', 'pledge']) await part(name).locator('[data-signed=true]').waitFor()
    // Also if the tab dies now, and the door is saved only then.
    await page.reload()
    for (const name of ['notice', 'pledge']) await part(name).locator('[data-signed=true]').waitFor()
    await page.locator('[data-today]').waitFor({ state: 'detached' })
    await phone.save()
    await phone.count('waiting', 5)
    await phone.offline(false)
    await phone.count('confirmed', 5)
    assert.deepEqual([await kindsOf(2, false), await kindsOf(2, true)], [DOOR, []])
    // The signatures that its records name are there.
    const photos = await site.pg.sql(`SELECT count(*) FROM qm.evidence x JOIN qm.blob b ON b.county = x.county AND b.sha256 = x.sha256`)
    assert.deepEqual(photos, ['2'])
  })

  test('after it was sent: it says that a trace stays', async () => {
    await phone.usualDoor('4号')
    // However slow the machine is, the way back is there until it is tapped.
    await page.evaluate(() => {
      const later = window.setTimeout.bind(window)
      Reflect.set(window, 'setTimeout', (run: () => void, ms?: number) => later(run, ms === 8000 ? 60_000 : ms))
    })
    const sent = page.waitForResponse(/\/v1\/sync$/)
    await phone.save()
    await sent
    await page.locator('[data-undo]').click()
    await page.getByText('已作废(留痕)').waitFor()
    for (const name of ['notice', 'pledge']) await part(name).locator('[data-signed=true]').waitFor()
    await phone.save()
    await phone.count('waiting', 0)
    assert.deepEqual([await kindsOf(4, false), await kindsOf(4, true)], [DOOR, DOOR])
    await site.recount()
  })
})

test('nobody can sign before it is said who: the name stands in the picture', async () => {
  await phone.offline(true)
  await phone.door('6号')
  await page.locator('[data-outcome=met]').click()
  const box = part('notice')
  await box.locator('[data-choice=signed]').click()
  await box.getByRole('button', { name: '先点谁来签' }).waitFor()
  assert.equal(await box.locator('[data-signed]').isDisabled(), true)
  // Somebody who is not on the list may sign as soon as a name is being typed.
  await box.locator('input[name=signer]').pressSequentially('赵六')
  await box.locator('[data-signed]', { hasText: '手指签名' }).click()
  await page.locator('canvas[data-sign]').waitFor()
  await page.getByRole('button', { name: '取消' }).click()
})

test('a fingerprint is on paper: its photo is taken or chosen, and who taps it by mistake keeps the signature', async () => {
  await phone.door('8号')
  await page.locator('[data-outcome=met]').click()
  const box = part('notice')
  await phone.sign('notice', '王一')
  await box.getByRole('button', { name: '不会写字,按手印' }).click()
  await box.getByText('请在纸上按手印,拍下这张纸').waitFor()
  assert.equal(await box.getByRole('button', { name: '手指签名' }).count(), 0)
  // One way opens the camera, the other one the photos that are there.
  assert.deepEqual(await box.locator('input[type=file]').evaluateAll((all) => all.map((el) => el.getAttribute('capture'))), ['environment', null])
  await page.getByText('还缺:告知书按手印的见证人').waitFor()
  await box.locator('input[name=witness]').fill('李四')
  await page.getByText('还缺:告知书按手印的照片').waitFor()
  await shot(page, 'phone-print')
  await accessible(page)
  await box.locator('[data-album]').setInputFiles(PAPER)
  await box.getByText('已有1张(最多1张)').waitFor()
  assert.equal(await page.locator('[data-save]').isEnabled(), true)
  await box.getByRole('button', { name: '不会写字,按手印' }).click()
  await box.locator('[data-signed=true]').waitFor()
  await phone.save()
  await phone.count('waiting', 2)
})

describe('a hand that shakes, in a glove, with its palm on the glass', () => {
  test('a second tap at once takes nothing back, and one on what is chosen clears nobody', async () => {
    await phone.door('10号')
    await page.locator('[data-outcome=met]').dblclick()
    const [first, second] = await page.locator('.person').all()
    await first!.getByRole('button', { name: '不愿办理' }).dblclick()
    const pressed = (who: typeof first, name: string) => who!.getByRole('button', { name, pressed: true }).waitFor()
    await pressed(first, '不愿办理')
    await page.getByRole('button', { name: '全家都开好了' }).dblclick()
    await pressed(first, '不愿办理')
    await pressed(second, '已安装')
    await second!.locator('[data-said]').click()
    // By a key, because it is no second tap that comes too soon.
    await second!.getByRole('button', { name: '已安装' }).press('Enter')
    await second!.locator('[data-said][aria-pressed=true]').waitFor()
    await second!.locator('[data-drop]').click()
    await second!.locator('.switches').waitFor({ state: 'detached' })
    await accessible(page)
  })

  test('a dot is no signature, a palm draws nothing, and the way back closes the pad alone', async () => {
    await part('notice').locator('[data-choice=signed]').click()
    await phone.signer('notice', '王一')
    // Who signs is who was there, without a tap more.
    await part('here').getByRole('button', { name: '王一', pressed: true }).waitFor()
    await part('notice').locator('[data-signed]').click()
    const pad = page.locator('canvas[data-sign]')
    await pad.hover()
    const box = (await pad.boundingBox())!
    const touch = await phone.context.newCDPSession(page)
    const fingers = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...at: [id: number, x: number, y: number][]): Promise<unknown> =>
      touch.send('Input.dispatchTouchEvent', { type, touchPoints: at.map(([id, x, y]) => ({ id, x: box.x + box.width * x, y: box.y + box.height * y })) })
    const done = page.getByRole('button', { name: '签好了' })
    await fingers('touchStart', [1, 0.5, 0.5])
    await fingers('touchEnd')
    assert.equal(await done.isDisabled(), true)
    await page.getByRole('button', { name: '重写' }).click()
    // The palm lies in the lower right corner before the finger writes at the top, and after it.
    const palm = [2, 0.9, 0.9] as [number, number, number]
    await fingers('touchStart', palm)
    await fingers('touchStart', palm, [3, 0.1, 0.1])
    for (let x = 0.1; x <= 0.6; x += 0.1) await fingers('touchMove', palm, [3, x, 0.1])
    await fingers('touchEnd', palm)
    await fingers('touchEnd')
    await fingers('touchStart', [4, 0.1, 0.2])
    await fingers('touchMove', [4, 0.3, 0.2])
    await fingers('touchStart', [4, 0.3, 0.2], palm)
    await fingers('touchMove', [4, 0.5, 0.2], [2, 0.8, 0.8])
    await fingers('touchEnd')
    const inked = await pad.evaluate((el) => {
      const { width, height } = el as HTMLCanvasElement
      const alpha = (el as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height).data.filter((_, i) => i % 4 === 3)
      return [0, 1].map((half) => alpha.slice((half * alpha.length) / 2, ((half + 1) * alpha.length) / 2).some((a) => a > 0))
    })
    assert.deepEqual(inked, [true, false], 'written above, and nothing below')
    assert.equal(await done.isEnabled(), true)
    await page.goBack()
    await pad.waitFor({ state: 'detached' })
    await part('notice').getByRole('button', { name: '王一', pressed: true }).waitFor()
    await phone.sign('pledge', '王一')
  })
})

test('when one is to come again stands at the door until somebody was there; a pile of papers keeps its day', async () => {
  await phone.door('12号')
  await page.locator('[data-outcome=appointed]').click()
  await page.locator('input[name=appointed]').fill('明天下午三点')
  await phone.save()
  await phone.door('12号')
  await page.locator('[data-appointed]', { hasText: '明天下午三点' }).waitFor()
  await shot(page, 'phone-appointed')
  await accessible(page)
  await page.locator('[data-outcome=absent]').click()
  await phone.save()
  await phone.door('12号')
  await page.locator('[data-today] [data-kind=visit]').nth(1).waitFor()
  await page.locator('[data-appointed]').waitFor({ state: 'detached' })

  await page.goto(`${site.url}/app/doors?via=paper`)
  const day = page.locator('input[name=done]')
  await phone.door('14号')
  await page.locator('[data-outcome=absent]').click()
  await day.fill('2026-03-05')
  await phone.save()
  await phone.door('16号')
  assert.equal(await day.inputValue(), '2026-03-05')
  await phone.tab('我的门')
  await page.locator('.warn', { hasText: '正在补录' }).getByRole('button').click()
  await phone.door('18号')
  await page.getByRole('button', { name: '补录(照着纸填)' }).click()
  assert.equal(await day.inputValue(), '')
})
