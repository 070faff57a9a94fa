/* Board and lists in a real browser: figures that move while phones send, numbers that open their
 * lists, names as hostile as they come, and what happens when session or network go. */
import { strict as assert } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Browser, Page } from 'playwright-core'
import { must } from '../integration/lib/command'
import { Device } from '../integration/lib/device'
import { COUNTY, fixedPseudonym, GRID, GRID_FAR, homes, Site } from '../integration/lib/site'
import { until } from '../integration/lib/until'
import { long, root } from '../integration/lib/where'
import { Bytes } from './lib/bytes'
import { accessible, launch, OFFICE_PC, open, PHONE, picture, shot, web } from './lib/browser'
import { PASSWORD, signIn, tooWide, wordsFit } from './lib/screen'

const TOWNSHIP = '140522110'
const VILLAGE = '140522110204'
const VILLAGE_FAR = '140522110205'
const MANY = long ? 100_000 : 1500
const HOSTILE = ['<img src=x onerror=document.title=1>', '=HYPERLINK("http://x")', '\u202e\u2067王三', '𠮷野𠮷', '{{ 1 }}', "';--"]
/** Answers with an error status that the tests bring about. */
const EXPECTED = [/\/v1\//, /ERR_INTERNET_DISCONNECTED/]
const DAY_MS = 86_400_000

let site: Site
let browser: Browser
let device: Device
const day = (ago: number): string => new Date(Date.now() + 8 * 3_600_000 - ago * DAY_MS).toISOString().slice(0, 10)

async function closeDay(ago: number): Promise<void> {
  // In one transaction, and today is left behind: the server's own night must find nothing to close.
  await site.pg.sql(`UPDATE qm.log_head SET age_day = '${day(ago)}'; SELECT * FROM qm.birthdays(${COUNTY}, '${day(ago - 1)}');
    UPDATE qm.log_head SET age_day = '${day(0)}'`)
}

async function settings(): Promise<void> {
  const stage = (metric: string, threshold: number, ago: number): object => ({ metric, prefix: TOWNSHIP, basis: 'door', threshold, from: day(30), due: day(ago), assurance: 'reported' })
  const targets = [stage('visited', 5000, -10), stage('visited', 10000, -40), stage('pledge', 4000, -10), stage('app', 4000, -40), stage('app', 8000, -200)]
  writeFileSync(join(site.dir, 'targets.json'), JSON.stringify(targets))
  await site.admin('targets', 'set', join(site.dir, 'targets.json'), '--county', COUNTY, '--by', 'C0001')
  await site.admin('texts', 'set', join(root, 'deploy', 'sample', 'texts.json'), '--county', COUNTY, '--by', 'C0001')
}

/** A register that is long in the far village, and hostile in the near one. */
async function register(): Promise<void> {
  const header = 'household,grid,place,status,group,lane,door,head,phone,worker'
  const quoted = (s: string): string => `"${s.replace(/"/g, '""')}"`
  const hostile = HOSTILE.map((name, i) => `${fixedPseudonym(`h${i}`)},${GRID},home,counted,${quoted(name)},,9${i},${quoted(name)},10042000000,W0001`)
  const many = Array.from({ length: MANY }, (_, i) => `${fixedPseudonym(`m${i}`)},${GRID_FAR},home,counted,二组,西街,${i + 1}号,李户主,,W0004`)
  await site.importCsv('households', header, [...hostile, ...many])
}

/** How many rows the server has for the list of an address. */
const rowsBehind = (page: Page, href: string): Promise<number> =>
  page.evaluate(async (to) => {
    const { pathname, search } = new URL(to, location.href)
    const kind = pathname.replace('/office/', '')
    let n = 0
    for (let next: string | null = ''; next !== null; ) {
      const r: Response = await fetch(`/v1/lists/${kind}${search}&limit=500${next && `&after=${next}`}`)
      const got = (await r.json()) as { rows: unknown[]; next: string | null }
      n += got.rows.length
      next = got.next
    }
    return n
  }, href)

before(async () => {
  site = await Site.start([`web_dir = ${web}`])
  await settings()
  await register()
  device = await site.device('W0001')
  await device.send(...homes.slice(0, 8).map((h) => device.visit(h.household)))
  await closeDay(12)
  await device.send(...homes.slice(8, 14).map((h) => device.visit(h.household)), device.visit(homes[20]!.household, { outcome: 'absent' }))
  await closeDay(8)
  await device.send(
    ...homes.slice(14, 18).map((h) => device.visit(h.household)),
    ...homes.slice(0, 9).map((h) => device.event('notice', { household: h.household, text: 'notice-2026-1', evidence: [], state: 'signed' })),
    device.visit(homes[21]!.household, { outcome: 'refused' }),
  )
  await closeDay(1)
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await site?.stop()
})

const numberOf = async (page: Page, metric: string, part: string): Promise<number> =>
  Number((await page.locator(`[data-metric=${metric}] [data-part=${part}]`).innerText()).replace(/[^0-9]/g, ''))

/** Rows that a list says it has, once it knows all of them. */
async function rowsSaid(page: Page): Promise<number> {
  const total = page.locator('[data-part=total]').filter({ hasText: /^[0-9,]+行$/ })
  await total.waitFor()
  return Number((await total.innerText()).replace(/[^0-9]/g, ''))
}

describe('the board', () => {
  test('a secretary sees on a phone three numbers, who is silent, a text to forward; nothing is wider than the screen', async () => {
    const { context, page, complaints } = await open(browser, PHONE)
    await signIn(page, site, 'S0001')
    await page.locator('[data-metric=visited] [data-part=num]').waitFor()
    assert.equal(await page.locator('[data-metric]').count(), 3)
    await page.getByText('所有手机三天内都有消息。').waitFor()
    const text = await page.locator('textarea').inputValue()
    assert.match(text, /】数据截至\d{4}-\d\d-\d\d \d\d:\d\d\n入户宣传:18\/\d+户,\d+\.\d\d%,还差\d+户,每天\d+户/)
    assert.match(await page.locator('[data-part=as-of]').innerText(), /^数据截至 20/)
    await page.locator('svg').first().waitFor()
    assert.equal(await tooWide(page), false)
    await wordsFit(page)
    await shot(page, 'board-phone')
    await accessible(page)
    complaints.none()
    await context.close()
  })

  test('asks for no more than 180 kB before its numbers, and for the chart behind them', async () => {
    const { context, page } = await open(browser, OFFICE_PC)
    await signIn(page, site, 'A0001', '/account')
    await context.newCDPSession(page).then((cdp) => cdp.send('Network.clearBrowserCache'))
    const fresh = await context.newPage()
    const bytes = new Bytes(fresh)
    await fresh.goto(`${site.url}/office/`)
    await fresh.locator('[data-metric=visited] [data-part=num]').waitFor()
    await fresh.locator('svg').first().waitFor()
    const chart = await bytes.files((path) => path.includes('TrendChart'))
    assert.ok(chart.sum > 0, 'the chart is a file of its own')
    const before = await bytes.files((path) => !path.includes('TrendChart'))
    assert.ok(before.sum > 0 && before.sum <= 180_000, `${before.sum} bytes:\n${before.list}`)
    await context.close()
  })

  test('figures move while a phone sends, without a reload, and a pause costs no more than a 304', async () => {
    const { context, page, complaints } = await open(browser, OFFICE_PC)
    await signIn(page, site, 'A0001')
    await page.locator('[data-metric=visited] [data-part=num]').waitFor()
    await page.evaluate(() => Object.assign(window, { stayed: true }))
    await page.waitForResponse((r) => r.url().includes('/v1/coverage') && r.status() === 304)
    const before = await numberOf(page, 'visited', 'num')
    await device.send(...homes.slice(30, 33).map((h) => device.visit(h.household)))
    await page.waitForFunction(
      (n) => document.querySelector('[data-metric=visited] [data-part=num]')?.textContent?.replace(/[^0-9]/g, '') === String(n),
      before + 3,
    )
    await page.locator(`[data-row="${VILLAGE}"] [data-column=num]`, { hasText: String(before + 3) }).waitFor()
    assert.equal(await page.evaluate(() => (window as unknown as { stayed?: boolean }).stayed), true)
    complaints.none()
    await context.close()
  })

  test('from the township down to a grid and back, by the keyboard', async () => {
    const { context, page, complaints } = await open(browser, OFFICE_PC)
    await signIn(page, site, 'A0001')
    await page.locator('svg').first().waitFor()
    assert.equal(await page.locator('[data-metric]').count(), 10)
    await wordsFit(page)
    await shot(page, 'board-pc')
    await page.goto(`${site.url}/office/board/${VILLAGE}`)
    await page.locator('svg').first().waitFor()
    await picture(page, 'board')
    await page.goBack()
    await page.locator('svg').first().waitFor()
    await accessible(page)
    await page.locator(`[data-row="${VILLAGE}"] th a`).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/board/${VILLAGE}`)
    await page.locator(`[data-row="${GRID}"] th a`).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/board/${GRID}`)
    await page.locator('[data-metric=visited] [data-part=num]').waitFor()
    await accessible(page)
    await page.goBack()
    await page.waitForURL(`**/board/${VILLAGE}`)
    await page.getByRole('button', { name: '承诺书签订' }).click()
    await page.getByRole('heading', { name: '承诺书签订走势' }).waitFor()
    await page.getByRole('button', { name: '所有指标一览' }).click()
    await page.getByRole('columnheader', { name: '预警全开' }).waitFor()
    complaints.none()
    await context.close()
  })

  test('every number opens its list, with as many rows: of a village, the township and a grid, and of the rows below', async () => {
    const { context, page, complaints } = await open(browser, OFFICE_PC)
    await signIn(page, site, 'A0001', `/board/${VILLAGE}`)
    const shop = homes.find((h) => h.place === 'shop')!
    await device.send(
      device.visit(homes[22]!.household, { with: ['police'] }), device.visit(shop.household),
      device.event('app', { household: homes[22]!.household, resident: homes[22]!.people[0]!.resident, state: 'installed', real_name: true, call_alert: true, sms_alert: true, evidence: [] }),
    )
    const seen = new Set<string>()
    for (const area of [VILLAGE, TOWNSHIP, GRID]) {
      await page.goto(`${site.url}/office/board/${area}`)
      await page.locator('[data-metric=visited] [data-part=num]').waitFor()
      if (area !== GRID) await page.locator('.tiles [data-part=week]').first().waitFor()
      await page.locator('.more a').first().waitFor()
      const links = await page.locator('.tiles a, .more a, td a').evaluateAll((all) =>
        all.map((a) => ({ href: a.getAttribute('href') ?? '', n: /\d[\d,]*/.exec(a.textContent ?? '')?.[0]?.replace(/,/g, '') ?? null })),
      )
      const numbers = new Map(links.filter((l) => l.n !== null && l.href.includes('part=')).map((l) => [l.href, Number(l.n)]))
      assert.ok(numbers.size >= 30, `${numbers.size} numbers`)
      for (const [href, n] of numbers) {
        assert.equal(await rowsBehind(page, href), n, href)
        seen.add(/part=(.*)/.exec(href)![1]!)
      }
    }
    for (const part of ['residents', 'week:visited', 'shops', 'shops_visited', 'done:app', 'left:pledge', 'police']) assert.ok(seen.has(part), part)
    await page.goto(`${site.url}/office/visits?within=${VILLAGE}&part=all`)
    await rowsSaid(page)
    await shot(page, 'visits')
    await accessible(page)
    await page.goto(`${site.url}/office/households?within=${VILLAGE}&part=week:visited`)
    assert.ok((await rowsSaid(page)) > 0)
    await page.getByText('列的是上周日以来新办成').waitFor()
    await shot(page, 'week-list')
    complaints.none()
    await context.close()
  })
})

describe('areas', () => {
  test('a secretary sees no other village, on no page', async () => {
    const { context, page } = await open(browser, OFFICE_PC, EXPECTED)
    await signIn(page, site, 'S0001', `/board/${VILLAGE_FAR}`)
    await page.getByRole('alert').getByText('您没有看这一项的权限。').waitFor()
    for (const list of ['households', 'residents']) {
      await page.goto(`${site.url}/office/${list}?within=${VILLAGE_FAR}&part=all`)
      await page.getByRole('alert').getByText('您没有看这一项的权限。').waitFor()
      assert.equal(await page.getByText('李').count(), 0)
    }
    assert.equal(await page.getByRole('link', { name: '查看记录' }).count(), 0)
    await context.close()
  })

  test('an auditor reads numbers and no names', async () => {
    const { context, page, complaints } = await open(browser, OFFICE_PC)
    await signIn(page, site, 'U0001', `/households?within=${VILLAGE}&part=homes`)
    await rowsSaid(page)
    assert.equal(await page.getByRole('columnheader', { name: '户主' }).count(), 0)
    assert.equal(await page.getByText('王').count(), 0)
    complaints.none()
    await context.close()
  })
})

describe('lists', () => {
  test('hostile names are text: in the list, on the card, in full, in the file', async () => {
    const { context, page, complaints } = await open(browser, OFFICE_PC)
    await signIn(page, site, 'S0001', `/households?within=${GRID}&part=left:visited`)
    await rowsSaid(page)
    const region = page.getByRole('region', { name: '住户名单' })
    await region.evaluate((e) => e.scrollTo(0, e.scrollHeight))
    for (const name of HOSTILE) await page.getByRole('cell', { name: `${name} 9`, exact: false }).first().waitFor()
    assert.equal(await page.locator('img').count(), 0)
    assert.notEqual(await page.title(), '1')
    await page.getByRole('row').filter({ hasText: '<img' }).getByRole('button').click()
    const card = page.getByRole('dialog')
    await card.getByRole('heading', { name: '记录和改动' }).waitFor()
    await shot(page, 'card')
    await accessible(page)
    await card.getByRole('button', { name: '全名和电话' }).first().click()
    await card.getByRole('button', { name: '记下并查看' }).click()
    await card.getByText('请写明原因').waitFor()
    await card.getByLabel('为什么要看').fill('核对户主姓名')
    await card.getByRole('button', { name: '记下并查看' }).click()
    await card.getByText('10042000000').waitFor()
    assert.equal(await card.locator('.told bdi').innerText(), HOSTILE[0])
    assert.equal(await page.locator('img').count(), 0)
    await page.keyboard.press('Escape')
    await card.waitFor({ state: 'detached' })
    assert.deepEqual(await site.pg.sql(`SELECT reason FROM qm.access ORDER BY at DESC LIMIT 1`), ['核对户主姓名'])

    await page.getByRole('button', { name: '导出', exact: true }).click()
    await page.getByLabel('“户主”的表头').fill('户主姓名')
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '导出 CSV' }).click()])
    const csv = readFileSync((await file.path())!, 'utf8')
    assert.match(csv, /^\ufeff组,街巷,门牌,户主姓名,/)
    assert.match(csv, /\r\n共\d+行\r\n$/)
    assert.match(csv, /\r\n"'=HYPERLINK\(""http:\/\/x""\)",/)
    assert.ok(csv.includes('𠮷野𠮷'))
    const rows = await rowsSaid(page)
    assert.equal(csv.trimEnd().split('\r\n').length, rows + 2)
    const [book] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '导出 XLSX' }).click()])
    assert.equal(readFileSync((await book.path())!).subarray(0, 2).toString(), 'PK')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: '导出', exact: true }).click()
    assert.equal(await page.getByLabel('“户主”的表头').inputValue(), '户主姓名')
    complaints.none()
    await context.close()
  })

  test('a long list goes to its end and back', async () => {
    const { context, page, complaints } = await open(browser, OFFICE_PC)
    await signIn(page, site, 'A0001', `/households?within=${VILLAGE_FAR}&part=homes`)
    const region = page.getByRole('region', { name: '住户名单' })
    // The names of workers and grids come behind the rows.
    for (const name of [/W\d+ \S/, /网格\d+/]) await page.getByRole('row').nth(5).getByText(name).waitFor()
    const first = await page.getByRole('row').nth(1).innerText()
    await picture(page, 'list')
    await accessible(page)
    await wordsFit(page)
    await until('the end of the list', async () => {
      await region.evaluate((e) => e.scrollTo(0, e.scrollHeight))
      return /^[0-9,]+行$/.test(await page.locator('[data-part=total]').innerText())
    })
    assert.equal(await rowsSaid(page), MANY + 5)
    await region.evaluate((e) => e.scrollTo(0, e.scrollHeight))
    await page.locator(`[role=row][aria-rowindex="${MANY + 6}"] [data-column=address]`).waitFor()
    assert.ok((await page.getByRole('row').count()) < 100, 'only what is on the screen is in the page')
    await region.evaluate((e) => e.scrollTo(0, 0))
    await page.locator('[role=row][aria-rowindex="2"] [data-column=address]').waitFor()
    assert.equal(await page.getByRole('row').nth(1).innerText(), first)
    complaints.none()
    await context.close()
  })

  test('a door is found by group and initials, the list put in order, and the looking noted', async () => {
    const { context, page, complaints } = await open(browser, OFFICE_PC)
    await signIn(page, site, 'A0001', `/households?within=${TOWNSHIP}&part=all`)
    await page.getByLabel('查找', { exact: true }).fill('二组 lhz 77号')
    await page.keyboard.press('Enter')
    await page.getByRole('row').filter({ hasText: '二组 西街 77号' }).waitFor()
    assert.ok((await rowsSaid(page)) >= 1)
    assert.ok(!page.url().includes('lhz'), 'what is looked for stands in no address')
    await page.getByLabel('排列').selectOption({ label: '住址' })
    await page.locator('[role=row][aria-rowindex="2"]').filter({ hasText: '77号' }).waitFor()
    await accessible(page)
    await wordsFit(page)
    await shot(page, 'list-found')
    await page.getByRole('button', { name: '显示全部' }).click()
    await page.getByLabel('排列').selectOption({ label: '按网格' })
    await page.getByRole('row').nth(20).waitFor()
    const noted = await site.pg.sql(`SELECT DISTINCT what, subject, reason FROM qm.access WHERE what LIKE 'find%'`)
    assert.deepEqual(noted, [`find_households|${TOWNSHIP}|`])
    complaints.none()
    await context.close()
  })

  test('fits a phone', async () => {
    const { context, page, complaints } = await open(browser, PHONE)
    await signIn(page, site, 'S0001', `/households?within=${VILLAGE}&part=left:visited`)
    await rowsSaid(page)
    assert.equal(await tooWide(page), false)
    await shot(page, 'list-phone')
    await accessible(page)
    complaints.none()
    await context.close()
  })

  test('what is ticked is printed, two to a sheet of A4', async () => {
    const { context, page, complaints } = await open(browser, OFFICE_PC)
    await signIn(page, site, 'S0001', `/households?within=${VILLAGE}&part=left:visited`)
    await rowsSaid(page)
    for (const i of [0, 1, 2]) await page.getByRole('checkbox').nth(i).check()
    await page.getByRole('link', { name: '打印选中的 3 户' }).click()
    for (const [form, path, pages] of [['入户登记表', 'visit', 2], ['告知书回执', 'slip', 2], ['承诺书(一式两份)', 'pledge', 3]] as const) {
      await page.getByRole('link', { name: form }).click()
      await page.waitForURL(`**/print/${path}`)
      await page.locator('.half h2').first().waitFor()
      await accessible(page)
      const pdf = join(site.dir, 'print.pdf')
      await page.pdf({ path: pdf, preferCSSPageSize: true })
      const info = await must('pdfinfo', [pdf])
      assert.match(info, new RegExp(`^Pages: +${pages}$`, 'm'), form)
      assert.match(info, /A4/)
    }
    await shot(page, 'print-pledge')
    complaints.none()
    await context.close()
  })
})

describe('no dead ends', () => {
  test('a session that ends is begun again above the page, which stays as it is', async () => {
    const { context, page } = await open(browser, OFFICE_PC, EXPECTED)
    await signIn(page, site, 'A0001', `/households?within=${VILLAGE}&part=left:visited`)
    await rowsSaid(page)
    await page.getByRole('checkbox').first().check()
    await context.clearCookies()
    await page.getByLabel('哪些').selectOption('left:pledge')
    const box = page.getByRole('dialog', { name: '登录已过期' })
    await box.waitFor()
    await shot(page, 'session-ended')
    await accessible(page)
    assert.equal(await box.getByLabel('账号').inputValue(), 'A0001')
    await box.getByLabel('密码', { exact: true }).fill(PASSWORD)
    await page.keyboard.press('Enter')
    await box.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: '再试一次' }).click()
    await rowsSaid(page)
    await page.getByText('打印选中的 1 户').waitFor()
    await context.close()
  })

  test('whoever is not signed in comes back to where they wanted to go', async () => {
    const { context, page } = await open(browser, OFFICE_PC, EXPECTED)
    await page.goto(`${site.url}/office/board/${VILLAGE}`)
    await page.getByLabel('账号').fill('A0001')
    await page.getByLabel('密码', { exact: true }).fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/office/board/${VILLAGE}`)
    await page.locator('[data-metric=visited] [data-part=num]').waitFor()
    await context.close()
  })

  test('a later start waits for figures alone, a part that is gone opens the page anew from the server, and signing out drops what was kept', async () => {
    const { context, page } = await open(browser, OFFICE_PC, EXPECTED)
    const kept = (of: Page): Promise<string[]> =>
      of.evaluate(async () => {
        const found: string[] = []
        for (const name of await caches.keys()) for (const r of await (await caches.open(name)).keys()) found.push(new URL(r.url).pathname)
        return found
      })
    await signIn(page, site, 'A0001')
    await page.evaluate(() => navigator.serviceWorker.ready)
    const again = await context.newPage()
    const start = await again.goto(`${site.url}/office/board/${VILLAGE}`)
    assert.equal(start?.fromServiceWorker(), true)
    await again.locator('[data-metric=visited] [data-part=num]').waitFor()
    for (const path of await kept(again)) assert.match(path, /^\/office\/(index\.html|assets\/[^/]+\.(js|css))$/)
    let gone = true
    await again.route(/\/office\/assets\/AccountPage/, (r) => (gone ? r.fulfill({ status: 404 }) : r.continue()))
    const reopened = again.waitForResponse((r) => r.request().isNavigationRequest())
    again.once('framenavigated', () => (gone = false))
    await again.getByRole('link', { name: 'A0001' }).click()
    assert.equal((await reopened).fromServiceWorker(), false)
    await again.getByRole('button', { name: '退出', exact: true }).click()
    await again.waitForURL('**/office/sign-in')
    await again.waitForFunction(async () => (await navigator.serviceWorker.getRegistrations()).length === 0)
    await until('nothing is kept', async () => (await kept(again)).length === 0)
    assert.equal(await again.evaluate(() => localStorage.getItem('qm.last_area')), null)
    await context.close()
  })

  test('without a network the figures stay, the page says so and goes on by itself', async () => {
    const { context, page } = await open(browser, OFFICE_PC, EXPECTED)
    await signIn(page, site, 'A0001')
    await page.locator('[data-metric=visited] [data-part=num]').waitFor()
    await context.setOffline(true)
    await page.getByText('连不上服务器,正在重试').waitFor()
    assert.ok((await numberOf(page, 'visited', 'num')) > 0)
    await shot(page, 'board-offline')
    await context.setOffline(false)
    await page.getByText('连不上服务器,正在重试').waitFor({ state: 'detached' })
    await context.close()
  })

  test('failed, not computed and nobody are said in words and are no 0', async () => {
    const { context, page, complaints } = await open(browser, OFFICE_PC)
    const states = ['failed', 'not_computed', 'empty']
    await page.route('**/v1/coverage*', async (route) => {
      const answer = await route.fetch()
      if (answer.status() !== 200) return route.fulfill({ response: answer })
      const body = (await answer.json()) as { rows: { figures: Record<string, Record<string, unknown>> }[] }
      for (const row of body.rows)
        ['visited', 'reached', 'pledge'].forEach((m, i) => {
          const none = { num: null, evidenced: null, den: null, refused: null, percent: null, percent_evidenced: null }
          row.figures[m] = { ...row.figures[m], ...none, state: states[i] }
        })
      return route.fulfill({ response: answer, json: body })
    })
    await signIn(page, site, 'A0001')
    for (const [metric, words] of [['visited', '统计出错'], ['reached', '还没统计'], ['pledge', '没有应办对象']] as const) {
      assert.equal(await page.locator(`[data-metric=${metric}] [data-part=percent]`).innerText(), words)
    }
    complaints.none()
    await page.unrouteAll({ behavior: 'ignoreErrors' }) // the board goes on asking
    await context.close()
  })
})

test('English is complete on the board and the lists', async () => {
  const { context, page, complaints } = await open(browser, { ...OFFICE_PC, locale: 'en-GB' })
  await signIn(page, site, 'A0001')
  await page.getByRole('heading', { name: 'Visited at the door', exact: true }).waitFor()
  await wordsFit(page)
  await page.goto(`${site.url}/office/households?within=${VILLAGE}&part=homes`)
  await page.getByText(/^\d+ rows$/).waitFor()
  await wordsFit(page)
  complaints.none()
  await context.close()
})
