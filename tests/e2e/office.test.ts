/* The office in a browser: it starts, can be used with the keyboard and in both languages. */
import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { Browser } from 'playwright-core'
import { COUNTY, Site } from '../integration/lib/site'
import { accessible, launch, OFFICE_PC, open, PHONE, shot, web } from './lib/browser'
import { signIn } from './lib/screen'
import { VILLAGE } from './lib/seat'

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

/** Asking who is signed in is answered with an error status when nobody is. */
const NOBODY = [/\/v1\/session/]

describe('sign-in', () => {
  test('whoever is not signed in gets the form, on a PC and on a phone, without a complaint', async () => {
    for (const [name, device] of [['pc', OFFICE_PC], ['phone', PHONE]] as const) {
      const { context, page, complaints } = await open(browser, device, NOBODY)
      await page.goto(`${site.url}/`)
      await page.waitForURL('**/office/sign-in?to=/board')
      await page.getByRole('heading', { name: '登录' }).waitFor()
      await page.waitForFunction(() => document.title === '登录 · 敲门 · 办公室')
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth), false)
      await shot(page, `office-sign-in-${name}`)
      await accessible(page)
      complaints.none()
      await context.close()
    }
  })

  test('the keyboard is enough, and what is missing is said beside its field', async () => {
    const { context, page, complaints } = await open(browser, OFFICE_PC, NOBODY)
    await page.goto(`${site.url}/office/sign-in`)
    await page.getByLabel('账号').focus()
    await page.keyboard.press('Enter')
    await page.getByText('请填账号').waitFor()
    await page.getByText('请填密码').waitFor()
    await page.keyboard.type('1234')
    await page.getByText('账号是一个字母加数字').waitFor()
    await shot(page, 'office-sign-in-faults')
    await accessible(page)
    complaints.none()
    await context.close()
  })

  test('the first sign-in asks for the code and the password twice', async () => {
    const { context, page, complaints } = await open(browser, OFFICE_PC, NOBODY)
    await page.goto(`${site.url}/office/sign-in`)
    await page.getByRole('button', { name: '第一次登录' }).click()
    await page.getByLabel('一次性登录码').fill('x')
    await page.getByLabel('设一个密码').fill('村里反诈宣传要做好')
    await page.getByLabel('再输一遍密码').fill('另一个')
    await page.getByRole('button', { name: '登录', exact: true }).click()
    await page.getByText('密码至少10个字', { exact: true }).waitFor()
    await page.getByText('两次输入的密码不一样').waitFor()
    await shot(page, 'office-first-sign-in')
    await accessible(page)
    complaints.none()
    await context.close()
  })

  test('with a code and a password of one\u2019s own one is in, stays in, and goes out everywhere', async () => {
    const made = await site.adminJson('login', 'code', '--county', COUNTY, '--account', 'S0001', '--by', 'A0001')
    const { context, page, complaints } = await open(browser, OFFICE_PC, NOBODY)
    await page.goto(`${site.url}/office/sign-in`)
    await page.getByRole('button', { name: '第一次登录' }).click()
    await page.getByLabel('账号').fill('s0001')
    await page.getByLabel('一次性登录码').fill(made['code'] as string)
    await page.getByLabel('设一个密码').fill('村里反诈宣传要做好了')
    await page.getByLabel('再输一遍密码').fill('村里反诈宣传要做好了')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/office/board')
    await page.getByRole('link', { name: 'S0001' }).click()
    await page.getByRole('heading', { name: '您已登录' }).waitFor()
    await page.getByRole('cell', { name: '村(社区)书记' }).waitFor()
    await page.reload()
    await page.getByText('账号: S0001').waitFor()
    await shot(page, 'office-signed-in')
    await page.getByText('改密码', { exact: true }).click()
    for (const [old, says] of [['nicht das Passwort', '现在的密码不对'], ['村里反诈宣传要做好了', '密码改好了']] as const) {
      await page.getByLabel('现在的密码').fill(old)
      await page.getByLabel('新密码').fill('村里反诈又换一个新的')
      await page.getByLabel('再输一遍密码').fill('村里反诈又换一个新的')
      await page.getByRole('button', { name: '改成新密码' }).click()
      await page.getByText(says).waitFor()
    }
    await accessible(page)
    complaints.none()
    await page.getByRole('button', { name: '在所有电脑和手机上退出' }).click()
    await page.getByRole('heading', { name: '登录' }).waitFor()
    await page.getByLabel('账号').fill('S0001')
    await page.getByLabel('密码', { exact: true }).fill('nicht das Passwort')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('账号或密码不对').waitFor()
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('input[type=password]')?.value === '')
    await context.close()
  })

  test('the printed link fills in code and account, and no address holds the code', async () => {
    const made = await site.adminJson('login', 'code', '--county', COUNTY, '--account', 'S0001', '--by', 'A0001')
    const { context, page, complaints } = await open(browser, OFFICE_PC, NOBODY)
    const addresses: string[] = []
    page.on('request', (r) => addresses.push(r.url()))
    const link = new URL(made['link'] as string)
    await page.goto(`${site.url}${link.pathname}${link.hash}`)
    await page.getByRole('heading', { name: '第一次登录' }).waitFor()
    assert.equal(new URL(page.url()).pathname + new URL(page.url()).hash, '/office/sign-in')
    await shot(page, 'office-first-link')
    await page.getByLabel('设一个密码').fill('村里反诈宣传要做好了')
    await page.getByLabel('再输一遍密码').fill('村里反诈宣传要做好了')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/office/board')
    assert.equal(addresses.filter((url) => url.includes(made['code'] as string)).length, 0)
    complaints.none()
    await context.close()
  })

  test('without a network the page says so and keeps what was typed', async () => {
    const { context, page } = await open(browser, OFFICE_PC)
    await page.goto(`${site.url}/office/sign-in`)
    await page.getByLabel('账号').fill('S0001')
    await page.getByLabel('密码', { exact: true }).fill('ein Satz, der lang genug ist')
    await context.setOffline(true)
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('连不上服务器').waitFor()
    assert.equal(await page.getByLabel('账号').inputValue(), 'S0001')
    assert.equal(await page.getByLabel('密码', { exact: true }).inputValue(), 'ein Satz, der lang genug ist')
    await shot(page, 'office-offline')
    await context.close()
  })
})

test('an account is opened and given a grid without a spreadsheet, and keeps its name', async () => {
  const { context, page, complaints } = await open(browser, OFFICE_PC, NOBODY)
  await signIn(page, site, 'A0001', '/people')
  const form = page.locator('details', { hasText: '新来的人在这里开账号' })
  await form.locator('summary').click()
  await form.locator('select').nth(1).selectOption(VILLAGE)
  await form.getByLabel('全村网格').check()
  await form.getByLabel('姓名').fill('<b>王新来')
  await form.getByLabel('电话').fill('13800000099')
  await form.getByRole('button', { name: '开账号' }).click()
  await form.getByText('W0005开好了').waitFor()
  await page.getByRole('button', { name: '身份、停用、期限 S0001' }).click()
  const box = page.getByRole('dialog')
  await box.getByText('再加一个身份或网格').click()
  await box.getByLabel('全村网格').check()
  await accessible(page)
  await shot(page, 'office-roles')
  await box.getByRole('button', { name: '加上' }).click()
  await box.getByText('已改好').waitFor()
  await box.getByRole('button', { name: `去掉 网格长 网格002` }).click()
  await box.getByRole('button', { name: `去掉 网格长 网格002` }).waitFor({ state: 'detached' })
  const roles = await site.pg.sql(`SELECT account || ' ' || role || ' ' || right(prefix, 3) FROM qm.account_role WHERE account IN ('S0001', 'W0005') ORDER BY 1`)
  assert.deepEqual(roles, ['S0001 leader 001', 'S0001 secretary 204', 'W0005 worker 001', 'W0005 worker 002'])
  await page.keyboard.press('Escape')
  assert.match(await page.getByRole('row').filter({ hasText: 'S0001' }).first().innerText(), /书\* 100\*{4}0006/)
  complaints.none()
  await context.close()
})

test('English is one click away and stays', async () => {
  const { context, page, complaints } = await open(browser, OFFICE_PC, NOBODY)
  await page.goto(`${site.url}/office/sign-in`)
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.locator('html[lang=en]').waitFor({ state: 'attached' })
  await page.reload()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await shot(page, 'office-sign-in-en')
  await accessible(page)
  complaints.none()
  await context.close()
})

test('an address that is no page says so and leads back', async () => {
  const { context, page, complaints } = await open(browser, OFFICE_PC, NOBODY)
  await page.goto(`${site.url}/office/no/such/page`)
  await page.getByRole('heading', { name: '没有这一页' }).waitFor()
  await accessible(page)
  await page.getByRole('link', { name: '回到首页' }).click()
  await page.waitForURL('**/office/sign-in**')
  complaints.none()
  await context.close()
})
