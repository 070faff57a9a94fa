/* The phone's page in a browser: what it finds out about the browser, WeChat, no network. */
import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { join } from 'node:path'
import { Browser, Page } from 'playwright-core'
import { Site } from '../integration/lib/site'
import { until } from '../integration/lib/until'
import { Bytes } from './lib/bytes'
import { accessible, launch, launchPromising, open, PHONE, shot, web } from './lib/browser'
import { cameraArgs, filmOfCode } from './lib/fake_camera'

const CODE = '140522.AAAAAAAAAAAAAAAAAAAAAA'
const WECHAT =
  'Mozilla/5.0 (Linux; Android 12; M2101K7AG) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/107.0.5304.141 ' +
  'Mobile Safari/537.36 XWEB/5023 MMWEBSDK/20221206 MicroMessenger/8.0.32.2300 WeChat/arm64 Language/zh_CN'

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

const verdict = (page: Page, text: string): Promise<void> => page.locator('.verdict', { hasText: text }).waitFor()
const ability = async (page: Page, name: string): Promise<string> => (await page.locator('li', { hasText: name }).textContent()) ?? ''

describe('the check of the phone', () => {
  test('a good browser is told so; the code leaves the address', async () => {
    const { context, page, complaints } = await open(browser, PHONE)
    await page.goto(`${site.url}/app/#enrol=${CODE}`)
    await verdict(page, '这部手机可以用')
    // What was found is opened by a tap: the way to begin stands above it on a small screen.
    await page.locator('summary', { hasText: '检查了什么' }).click()
    await page.getByText('给记录盖章').waitFor()
    assert.match(await ability(page, '给记录盖章'), /可以/)
    assert.match(await ability(page, '存放记录'), /可以/)
    await page.getByRole('heading', { name: '登记码已收到' }).waitFor()
    assert.equal(page.url(), `${site.url}/app/`)
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth), false)
    const bases = (): Promise<(string | undefined)[]> => page.evaluate(async () => (await indexedDB.databases()).map((d) => d.name))
    await until('nothing of the check is left', async () => !(await bases()).includes('qm.try'))
    await shot(page, 'phone-start')
    await accessible(page)
    complaints.none()
    await context.close()
  })

  test('the first load asks for no more than 250 kB', async () => {
    const { context, page } = await open(browser, PHONE)
    const bytes = new Bytes(page)
    await page.goto(`${site.url}/app/#enrol=${CODE}`)
    await verdict(page, '这部手机可以用')
    const { sum, list } = await bytes.files((path) => path !== '/app/sw.js')
    assert.ok(sum > 50_000 && sum <= 250_000, `${sum} bytes:\n${list}`)
    await context.close()
  })

  test('inside WeChat the way out comes first, with the whole link to copy', async () => {
    const { context, page, complaints } = await open(browser, { ...PHONE, userAgent: WECHAT, permissions: ['clipboard-read', 'clipboard-write'] })
    await page.goto(`${site.url}/app/#enrol=${CODE}`)
    await page.getByText('点右上角…,选择在浏览器打开').waitFor()
    await verdict(page, '请换到浏览器里打开')
    await page.getByRole('button', { name: '复制' }).click()
    await page.getByRole('button', { name: '已复制' }).waitFor()
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${site.url}/app/#enrol=${CODE}`)
    // Filled in here, the code would be used up: that is asked for, and said before.
    await page.getByText('登记码只能用一次').waitFor()
    assert.equal(await page.locator('input[name=worker]').count(), 0)
    await shot(page, 'phone-wechat')
    await accessible(page)
    await page.getByRole('button', { name: '就在微信里登记' }).click()
    await page.locator('input[name=worker]').waitFor()
    await page.getByText('登记码只能用一次').waitFor()
    complaints.none()
    await context.close()
  })

  test('a browser without Ed25519 will do, one without storage will not', async () => {
    const soft = await open(browser, PHONE)
    await soft.page.addInitScript(() => {
      const generate = crypto.subtle.generateKey.bind(crypto.subtle) as (...a: unknown[]) => Promise<unknown>
      SubtleCrypto.prototype.generateKey = ((how: unknown, ...more: unknown[]) =>
        how === 'Ed25519'
          ? Promise.reject(new DOMException('no', 'NotSupportedError'))
          : generate(how, ...more)) as typeof crypto.subtle.generateKey
    })
    await soft.page.goto(`${site.url}/app/`)
    await verdict(soft.page, '这部手机可以用')
    assert.match(await ability(soft.page, '给记录盖章'), /勉强可以/)
    await soft.context.close()

    const bad = await open(browser, PHONE)
    await bad.page.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('private', 'InvalidStateError')
      }
    })
    await bad.page.goto(`${site.url}/app/#enrol=${CODE}`)
    await verdict(bad.page, '这个浏览器不能用')
    assert.match(await ability(bad.page, '存放记录'), /不行/)
    await shot(bad.page, 'phone-not-possible')
    await accessible(bad.page)
    await bad.context.close()
  })
})

describe('the camera', () => {
  test('scans the code of the office inside the page, and only such a code', async () => {
    const film = join(site.dir, 'code.y4m')
    for (const [text, heard] of [
      [`https://qm.test.example/app/#enrol=${CODE}`, '登记码已收到'],
      ['https://qm.test.example/r/', '这不是登记用的二维码'],
    ] as const) {
      filmOfCode(film, text)
      const seeing = await launch(cameraArgs(film))
      const { page, complaints } = await open(seeing, { ...PHONE, permissions: ['camera'] })
      await page.goto(`${site.url}/app/`)
      await page.locator('[data-scan]').click()
      await page.getByText(heard).waitFor()
      if (heard === '登记码已收到') await page.locator('video').waitFor({ state: 'detached' })
      else {
        await shot(page, 'phone-scan')
        await accessible(page)
      }
      complaints.none()
      await seeing.close()
    }
  })

  test('refused, or not there: it says what to do, and a pasted link is enough', async () => {
    const seeing = await launch(['--use-fake-device-for-media-stream', '--deny-permission-prompts'])
    const refused = await open(seeing, PHONE)
    await refused.page.goto(`${site.url}/app/`)
    await refused.page.locator('[data-scan]').click()
    await refused.page.getByText('没有允许本页用相机').waitFor()
    await shot(refused.page, 'phone-scan-refused')
    await accessible(refused.page)
    await refused.page.getByRole('textbox', { name: '链接' }).fill(`https://qm.test.example/app/#enrol=${CODE}`)
    await refused.page.getByRole('heading', { name: '登记码已收到' }).waitFor()
    await seeing.close()

    const none = await open(browser, { ...PHONE, permissions: ['camera'] })
    await none.page.goto(`${site.url}/app/`)
    await none.page.locator('[data-scan]').click()
    await none.page.getByText('没有找到相机').waitFor()
    await none.context.close()
  })
})

/** What the browsers of build/build.js (2021) do not have and newer code likes to call. */
function asIn2021(): void {
  const drop = (from: object, ...names: string[]): void => names.forEach((n) => Reflect.deleteProperty(from, n))
  drop(Array.prototype, 'at', 'findLast', 'findLastIndex', 'toSorted', 'toReversed', 'with')
  drop(String.prototype, 'at', 'isWellFormed')
  drop(Object, 'hasOwn', 'groupBy')
  drop(Promise, 'withResolvers')
  drop(AbortSignal, 'timeout', 'any')
  drop(window, 'structuredClone', 'CSSLayerBlockRule')
  drop(crypto, 'randomUUID')
}

test('all pages start in a browser of 2021', async () => {
  for (const [path, sign] of [
    ['/app/', '检查这部手机'],
    ['/office/sign-in', '登录'],
    ['/r/', '入账凭证'],
  ] as const) {
    const { context, page, complaints } = await open(browser, PHONE, [/\/v1\/session/])
    await page.addInitScript(asIn2021)
    await page.goto(site.url + path)
    await page.getByRole('heading', { name: sign }).first().waitFor()
    complaints.none()
    await context.close()
  }
})

test('it starts again without a network', async () => {
  const { context, page } = await open(browser, PHONE)
  await page.goto(`${site.url}/app/`)
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready
    while (!navigator.serviceWorker.controller) await new Promise((r) => setTimeout(r, 20))
  })
  await context.setOffline(true)
  await page.goto(`${site.url}/app/some/route`)
  await verdict(page, '这部手机可以用')
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByRole('heading', { name: 'Checking this phone' }).waitFor()
  await context.close()
})

test('it may be put on the home screen', async () => {
  const manifest = (await (await fetch(`${site.url}/app/app.webmanifest`)).json()) as {
    start_url: string
    scope: string
    icons: { src: string; sizes: string }[]
  }
  assert.equal(manifest.scope, '/app/')
  for (const icon of manifest.icons) {
    const bytes = Buffer.from(await (await fetch(site.url + icon.src)).arrayBuffer())
    assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, icon.sizes)
  }
})

/** Enrols, and opens what the phone keeps. */
async function enrolled(page: Page): Promise<void> {
  await page.goto(`${site.url}/app/#enrol=${await site.code('W0001')}`)
  await page.locator('input[name=worker]').fill('老王')
  await page.getByRole('button', { name: '登记这部手机' }).click()
  await page.waitForURL('**/app/doors')
  await page.getByRole('link', { name: '我的', exact: true }).click()
}

test('enrolling asks the browser to keep everything for long; one that does not promise it is named, and asked again', async () => {
  const persisted = (page: Page): Promise<boolean> => page.evaluate(() => navigator.storage.persisted())
  const promising = await launchPromising(site.url, join(site.dir, 'profile'), PHONE)
  const kept = await promising.newPage()
  await enrolled(kept)
  await kept.getByText('浏览器已答应长期保存').waitFor()
  assert.equal(await kept.getByRole('button', { name: '请浏览器长期保存' }).count(), 0)
  assert.equal(await persisted(kept), true)
  await promising.close()

  const { context, page } = await open(browser, PHONE)
  await enrolled(page)
  await page.locator('.warn', { hasText: '浏览器没有答应长期保存' }).waitFor()
  // Whoever is refused may ask again, and is not told what is not so.
  await page.getByRole('button', { name: '请浏览器长期保存' }).click()
  await page.locator('.warn', { hasText: '浏览器没有答应长期保存' }).waitFor()
  assert.equal(await persisted(page), false)
  await context.close()
})
