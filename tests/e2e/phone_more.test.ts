/* What a grid worker does less often, on the real pages: paper caught up, visits by phone and video,
 * families that change, photos that got lost, large letters on a narrow screen, two workers on one
 * phone, and a new version of the app in the middle of a form. */
import { strict as assert } from 'node:assert'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Browser } from 'playwright-core'
import { COUNTY, homes, Site } from '../integration/lib/site'
import { until } from '../integration/lib/until'
import { root } from '../integration/lib/where'
import { accessible, launch, PHONE, readableInSun, shot, web } from './lib/browser'
import { buildOf, isBuild, nextBuild } from './lib/next_build'
import { unusable } from './lib/screen'
import { siteFill, WorkerPhone } from './lib/worker'

const PAPER = join(root, 'tests', 'e2e', 'pictures', 'door.png')
const PAPER_AGAIN = join(root, 'tests', 'e2e', 'pictures', 'doors.png')
let site: Site
let browser: Browser
let served: string

const FIRST_PORT = 20_000
const PORTS = 10_000
/** The app's address must stay when the server is started again: a port of those that the kernel gives to nobody
 * by itself (ip_local_port_range), so that no other test has it meanwhile. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS)
    const probe = createServer()
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => resolve(true))
    })
    await new Promise((resolve) => probe.close(resolve))
    if (free) return port
  }
}
const settings: string[] = []
before(async () => {
  settings.push(`listen = 127.0.0.1:${await freePort()}`, `web_dir = ${web}`)
  site = await Site.start(settings)
  await siteFill(site)
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await site?.stop()
  if (served) rmSync(served, { recursive: true, force: true })
})

const day = (back: number): string => new Date(Date.now() + 8 * 3_600_000 - back * 86_400_000).toISOString().slice(0, 10)
/** E of the records of a household, oldest first. */
async function recordsOf(household: string): Promise<Record<string, unknown>[]> {
  const rows = await site.pg.sql(`SELECT convert_from(e, 'UTF8') FROM qm.event WHERE convert_from(e, 'UTF8')::json ->> 'household' = '${household}' ORDER BY seq`)
  return rows.map((e) => JSON.parse(e) as Record<string, unknown>)
}

describe('one worker', () => {
  let phone: WorkerPhone
  before(async () => {
    phone = await WorkerPhone.start(browser, site)
    await phone.enrol('W0001', '老王')
  })
  after(() => phone?.context.close())

  test('catches up paper from a photo, for the day on it', async () => {
    const { page } = phone
    await phone.offline(true)
    await phone.door('10号')
    await page.getByRole('button', { name: '补录(照着纸填)' }).click()
    await page.locator('[data-outcome=met]').click()
    await page.locator('input[name=done]').fill(day(3))
    await page.locator('[data-album]').setInputFiles(PAPER)
    await page.getByText('已有1张').waitFor()
    // Where nobody was met a photo has no record to go with: that is said, and it is kept till then.
    await page.locator('[data-outcome=absent]').click()
    await page.locator('[data-no-photos]').waitFor()
    await page.locator('[data-outcome=met]').click()
    await page.getByText('已有1张').waitFor()
    await page.locator('[data-part=notice] [data-choice=signed]').click()
    // A photo of the paper alone does not say who signed.
    await page.getByText('还缺:告知书谁签').waitFor()
    await phone.signer('notice', '王二')
    await page.locator('[data-part=pledge] [data-choice=signed]').click()
    await shot(page, 'phone-paper')
    await accessible(page)
    await phone.save()
    await phone.offline(false)
    await phone.count('confirmed', 3)
    const records = await recordsOf(homes[9]!.household)
    assert.deepEqual(records.map((e) => [e['kind'], e['via'], e['done']]), ['visit', 'notice', 'pledge'].map((kind) => [kind, 'paper', day(3).replaceAll('-', '')]))
    const photos = await site.pg.sql(`SELECT encode(sha256, 'hex') FROM qm.blob`)
    assert.deepEqual(records.slice(1).map((e) => e['evidence']), [photos, photos])
  })

  test('calls a family that is away, by phone and by video', async () => {
    const { page } = phone
    const away = homes.findIndex((h) => h.status === 'away')
    for (const [button, n] of [['电话', 1], ['视频', 2]] as const) {
      await phone.door(`${away + 1}号`)
      await page.getByRole('button', { name: button, exact: true }).click()
      await page.locator('[data-outcome=met]').click()
      await page.getByText('还缺:接电话的号码').waitFor()
      await page.locator('input[name=answered]').fill('13900000001')
      await phone.save()
      await phone.count('confirmed', 3 + n)
    }
    assert.deepEqual((await recordsOf(homes[away]!.household)).map((e) => [e['kind'], e['via']]), [['visit', 'phone'], ['visit', 'video']])
  })

  test('a household splits and somebody moves away: the new door is worked on at once', async () => {
    let { page } = phone
    await phone.door('12号')
    await page.getByRole('link', { name: '家里人有变化' }).click()
    await page.getByRole('button', { name: /王二/ }).click()
    await page.locator('[data-why=moved_out]').click()
    await page.getByText('已记在手机里').waitFor()
    await page.getByRole('button', { name: '回到这一家' }).click()
    // Somebody new at home is half typed in when the phone rings.
    await page.getByRole('link', { name: '家里人有变化' }).click()
    await page.locator('input[name=name]').fill('王小三')
    await page.getByRole('button', { name: '回到这一家' }).click()
    await page.getByRole('link', { name: '家里人有变化 · 没填完' }).waitFor()
    await page.getByRole('link', { name: '分户' }).click()
    await page.locator('input[name=head]').fill('王小二')
    await page.locator('input[name=door]').fill('东街12号东')
    await page.locator('input[name=person-0]').fill('王小二')
    await page.locator('input[name=born-0]').fill('1999-01-01')
    // The tab dies: the list says where something was begun, and all of it is there.
    await phone.kept((form) => JSON.stringify(form).includes('1999-01-01'))
    await phone.crash()
    ;({ page } = phone)
    await page.goto(`${site.url}/app/doors`)
    await page.locator('.door', { hasText: '12号' }).getByText('没填完').waitFor()
    await phone.door('12号')
    await page.getByRole('link', { name: '家里人有变化 · 没填完' }).click()
    await page.locator('[data-restored]').waitFor()
    assert.equal(await page.locator('input[name=name]').inputValue(), '王小三')
    await page.getByRole('button', { name: '清空重填' }).click()
    await page.getByRole('button', { name: '回到这一家' }).click()
    await page.getByRole('link', { name: '分户 · 没填完' }).click()
    await page.locator('[data-restored]').waitFor()
    assert.equal(await page.locator('input[name=born-0]').inputValue(), '1999-01-01')
    await shot(page, 'phone-split')
    await accessible(page)
    await page.getByRole('button', { name: '保存' }).click()
    await page.locator('[data-outcome=met]').click()
    await page.getByRole('button', { name: '全家都开好了' }).click()
    await phone.save()
    await phone.count('confirmed', 10)
    const made = await site.pg.sql(`SELECT convert_from(e, 'UTF8') FROM qm.event WHERE kind IN (5, 6) ORDER BY seq`)
    assert.deepEqual(made.map((e) => JSON.parse(e) as Record<string, string>).map((e) => [e['kind'], e['why'], e['from'] ?? '']), [
      ['resident', 'moved_out', ''],
      ['household', 'split', homes[11]!.household],
      ['resident', 'found', ''],
    ])
    await site.recount()
  })

  test('a photo that nobody has any more is named with its door, and taken again', async () => {
    const { page } = phone
    // As after a restore of the server, more than 14 days later: both have dropped it.
    await site.pg.sql(`INSERT INTO qm.want (county, sha256, event, account) SELECT x.county, x.sha256, x.event, 'W0001' FROM qm.evidence x; DELETE FROM qm.blob`)
    await page.evaluate(async () => {
      const name = (await indexedDB.databases()).map((d) => d.name!).find((n) => n.startsWith('qm.worker.'))!
      const db = await new Promise<IDBDatabase>((resolve) => {
        const asked = indexedDB.open(name)
        asked.onsuccess = () => resolve(asked.result)
      })
      const tx = db.transaction(['photo', 'picture'], 'readwrite')
      tx.objectStore('photo').clear()
      tx.objectStore('picture').clear()
      await new Promise((resolve) => (tx.oncomplete = resolve))
      db.close()
    })
    await phone.tab('去向')
    await page.locator('[data-send]').click()
    await page.getByText('都已上传。').waitFor()
    await phone.tab('我的门')
    await page.locator('[data-photos]', { hasText: '2张' }).click()
    const first = page.locator('[data-photo]').first()
    await first.getByRole('heading', { name: '10号' }).waitFor()
    await shot(page, 'phone-photos')
    await accessible(page)
    await phone.noForbiddenWords()
    // Taken, and the tab dies before it is saved.
    await first.locator('[data-album]').setInputFiles(PAPER_AGAIN)
    await first.getByText('已有1张').waitFor()
    await phone.kept((form) => Object.values((form as { taken?: object }).taken ?? {}).length === 1)
    await page.reload()
    await first.getByText('已有1张').waitFor()
    await first.getByRole('button', { name: '保存' }).click()
    await page.waitForFunction(() => document.querySelectorAll('[data-photo]').length === 1)
    await first.locator('[data-album]').setInputFiles(PAPER_AGAIN)
    await first.getByRole('button', { name: '保存' }).click()
    await page.locator('[data-none]').waitFor()
    await phone.count('confirmed', 12)
    await page.locator('[data-photos]').waitFor({ state: 'detached' })
    // Photos go after the records that name them, and into the log a little later.
    await until('the photo in the log', async () => (await site.pg.sql('SELECT count(*) FROM qm.blob WHERE listed_idx IS NOT NULL'))[0] === '1')
    const again = (await recordsOf(homes[9]!.household)).slice(3)
    assert.deepEqual(again.map((e) => [e['kind'], e['via'], e['done']]), ['notice', 'pledge'].map((kind) => [kind, 'paper', day(3).replaceAll('-', '')]))
    await site.recount()
  })

  test('a photo that can never be given is asked for no more, here or of another phone, until it is found', async () => {
    const { page } = phone
    // The server still misses the first photo, and one of a phone that is gone.
    const [first] = await site.pg.sql(`SELECT count(*) FROM qm.want WHERE account = 'W0001'`)
    assert.equal(first, '2')
    const other = await WorkerPhone.start(browser, site)
    await other.enrol('W0001', '老王的旧手机')
    await other.usualDoor('24号')
    await other.save()
    await other.count('confirmed', 5)
    await other.context.close()
    await site.pg.sql(`INSERT INTO qm.want (county, sha256, event, account)
      SELECT x.county, x.sha256, x.event, 'W0001' FROM qm.evidence x JOIN qm.event e ON e.county = x.county AND e.id = x.event
       WHERE convert_from(e.e, 'UTF8')::json ->> 'household' = '${homes[23]!.household}'`)
    await phone.tab('去向')
    await page.locator('[data-send]').click()
    await page.getByText('2张照片在别的手机里').waitFor()
    await page.getByRole('button', { name: '看看是哪一家' }).click()
    await page.locator('[data-far]').click()
    await page.getByRole('dialog').getByRole('button', { name: '不再提醒' }).click()
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.locator('[data-lost-n]', { hasText: '2张' }).waitFor()
    await shot(page, 'phone-photos-lost')
    await accessible(page)
    await page.reload()
    await page.locator('[data-lost-n]', { hasText: '2张' }).waitFor()
    await phone.tab('去向')
    await page.locator('[data-send]').click()
    await page.getByText('都已上传。').waitFor()
    await page.getByRole('button', { name: '看看是哪一家' }).waitFor({ state: 'detached' })
    await phone.tab('我的门')
    await page.goto(`${site.url}/app/photos`)
    await page.getByRole('button', { name: '又找到了' }).click()
    await page.locator('[data-far]').waitFor()
  })

  test('stopped in the middle of the work: it says so, keeps everything, and goes on recording', async () => {
    const { page } = phone
    const [device] = await site.pg.sql(`SELECT device FROM qm.device WHERE county = ${COUNTY} AND account = 'W0001'`)
    await phone.offline(true)
    await phone.outcome('14号', 'absent')
    await site.admin('revoke', '--county', COUNTY, '--by', 'A0001', '--device', device!, '--lost', String(Date.now() - 1000))
    await phone.offline(false)
    await phone.count('held', 1)
    await phone.tab('去向')
    await page.getByText('本机已停用').waitFor()
    await shot(page, 'phone-stopped')
    await accessible(page)
    await phone.outcome('16号', 'absent')
    await phone.count('waiting', 1)
    await phone.count('confirmed', 12)
  })
})

test('letters of 150 % on 320 pixels, by the setting and by the browser, in the sun: all is there and can be tapped', async () => {
  const phone = await WorkerPhone.start(browser, site, { ...PHONE, viewport: { width: 320, height: 640 } })
  const { page } = phone
  const fine = async (name: string, ready = page.locator('main h1, main h2').first()): Promise<void> => {
    await ready.waitFor()
    await shot(page, `phone-150-${name}`)
    assert.deepEqual(await unusable(page), [], name)
    await readableInSun(page)
  }
  const tab = async (name: string, from: string): Promise<void> => {
    await phone.tab(from)
    await page.locator('details').evaluateAll((all) => all.forEach((d) => ((d as HTMLDetailsElement).open = true)))
    await fine(name)
  }
  await page.goto(`${site.url}/app/`)
  await page.evaluate(() => localStorage.setItem('qm.font', '150'))
  await page.goto('about:blank')
  await phone.enrol('W0003', '老张', '2468')
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize), '24px')
  await fine('doors')
  await phone.usualDoor('61号')
  await fine('door')
  await page.locator('[data-part=notice] [data-signed]').click()
  await fine('sign', page.locator('canvas[data-sign]'))
  await page.getByRole('button', { name: '取消' }).click()
  await phone.save()
  await phone.count('confirmed', 4)
  await phone.door('61号')
  await page.locator('[data-today]').getByRole('button', { name: '作废' }).first().click()
  await fine('dialog', page.getByRole('dialog'))
  await page.getByRole('dialog').getByRole('button', { name: '取消' }).click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await page.getByRole('link', { name: '入账凭证' }).click()
  await fine('receipt', page.locator('[data-link]').first())
  await phone.door('61号')
  await page.getByRole('link', { name: '家里人有变化' }).click()
  await page.locator('.person button').first().click()
  await fine('people')
  await tab('sent', '去向')
  await tab('texts', '文书')
  await tab('me', '我的')
  await page.getByRole('button', { name: '我的清单' }).click()
  await fine('queue', page.locator('form[data-out]'))
  await phone.tab('我的门')
  await page.getByRole('button', { name: '新增一户' }).click()
  await fine('new', page.locator('input[name=head]'))

  // English is longer.
  await page.evaluate(() => localStorage.setItem('qm.language', 'en'))
  await page.setViewportSize({ width: 360, height: 740 })
  await page.goto(`${site.url}/app/door/${homes[60]!.household}`)
  await page.locator('input[name=pin]').fill('2468')
  await page.getByRole('button', { name: 'Enter' }).click()
  await page.locator('[data-today] .row').first().waitFor()
  await page.locator('[data-outcome=met]').click()
  await page.locator('[data-part=notice] [data-choice=left]').click()
  await fine('english-door')
  await page.getByRole('link', { name: 'Receipt' }).click()
  await fine('english-receipt', page.locator('[data-link]').first())
  for (const name of ['My doors', 'Sent?', 'Me']) {
    await page.locator('.tabs').getByRole('link', { name }).click()
    await page.locator('.tabs .on', { hasText: name }).waitFor()
    await fine(`english-${name.split(' ').pop()!.replace('?', '')}`)
  }
  await page.evaluate(() => localStorage.setItem('qm.language', 'zh'))

  // The browser enlarges the page itself: fewer pixels of CSS, letters of 16.
  await page.evaluate(() => localStorage.setItem('qm.font', '100'))
  await page.setViewportSize({ width: 240, height: 493 })
  await page.goto(`${site.url}/app/workers`)
  await fine('zoom-workers', page.locator('input[name=pin]'))
  await page.locator('input[name=pin]').fill('2468')
  await page.getByRole('button', { name: '进入' }).click()
  await fine('zoom-doors', page.locator('.door').first())
  await phone.door('63号')
  await page.locator('[data-outcome=met]').click()
  await fine('zoom-door')
  await tab('zoom-sent', '去向')
  await tab('zoom-me', '我的')
  await phone.context.close()
})

test('two workers on one phone: a PIN, a key, a list and an outbox each', async () => {
  const phone = await WorkerPhone.start(browser, site)
  const { page } = phone
  const change = async (name: string, pin: string): Promise<void> => {
    await page.goto(`${site.url}/app/workers`)
    await page.getByRole('button', { name }).click()
    await page.locator('input[name=pin]').fill(pin)
    await page.getByRole('button', { name: '进入' }).click()
    await page.waitForURL('**/app/doors')
  }
  await phone.enrol('W0003', '老张')
  await phone.offline(true)
  await phone.outcome('61号', 'absent')
  // Whoever comes second has a PIN, and the first one sets one, too, before the code is used.  The link is opened as
  // a camera opens it.
  await phone.offline(false)
  await page.goto('about:blank')
  await page.goto(`${site.url}/app/#enrol=${await site.code('W0004')}`)
  const firstPin = page.locator('[data-first-pin]', { hasText: '请把手机交给老张本人' }).locator('input')
  await firstPin.waitFor()
  await page.locator('input[name=worker]').fill('小孙')
  await page.locator('input[name=pin]').fill('1357')
  await page.getByRole('button', { name: '登记这部手机' }).click()
  assert.equal(await firstPin.evaluate((el) => (el as HTMLInputElement).validity.valueMissing), true, 'not without it')
  await firstPin.fill('2468')
  await shot(page, 'phone-first-pin')
  await accessible(page)
  await page.getByRole('button', { name: '登记这部手机' }).click()
  await page.waitForURL('**/app/doors')
  await page.getByText('共5户').waitFor()
  // Nobody sees the first one's list without the PIN, and what was recorded is there with it.
  await page.goto(`${site.url}/app/workers`)
  await page.getByRole('button', { name: '老张' }).click()
  await page.locator('input[name=pin]').waitFor()
  assert.equal(await page.locator('.door').count(), 0)
  await change('老张', '2468')
  await page.getByText('共10户').waitFor()
  await phone.count('confirmed', 1)
  // By whom it was set is said until it is answered; who did not do it is led to where it is changed.
  const given = page.locator('[data-given]', { hasText: '小孙登记这部手机时,给您设了密码' })
  await given.waitFor()
  await shot(page, 'phone-pin-given')
  await accessible(page)
  await given.getByRole('link', { name: '换密码' }).click()
  await page.locator('[data-pin][open] input[name=pin-old]').waitFor()
  await given.getByRole('button', { name: '是我自己设的' }).click()
  await given.waitFor({ state: 'detached' })
  // It cannot be taken away while two share the phone.
  await phone.tab('我的')
  await page.locator('input[name=pin-old]').fill('2468')
  await page.getByRole('button', { name: '改', exact: true }).click()
  await page.getByText('每人都要有密码,不能取消').waitFor()
  await change('小孙', '1357')
  await phone.offline(true)
  await phone.outcome('71号', 'absent')
  await phone.count('waiting', 1)
  await change('老张', '2468')
  await page.getByText('共10户').waitFor()
  await phone.count('waiting', 0)
  await phone.outcome('62号', 'absent')
  await phone.count('waiting', 1)
  await phone.offline(false)
  await phone.count('confirmed', 2)
  const sent = (account: string): Promise<string[]> =>
    site.pg.sql(`SELECT count(*) FROM qm.event e JOIN qm.device d ON d.county = e.county AND d.device = e.device WHERE e.county = ${COUNTY} AND d.account = '${account}' AND convert_from(e.e, 'UTF8')::json ->> 'outcome' = 'absent'`)
  assert.deepEqual(await sent('W0004'), ['0'], 'nobody sends for who is not there')
  // The other one's PIN opens nothing.
  await page.goto(`${site.url}/app/workers`)
  await page.getByRole('button', { name: '小孙' }).click()
  await page.locator('input[name=pin]').fill('2468')
  await page.getByRole('button', { name: '进入' }).click()
  await page.getByText('密码不对').waitFor()
  await change('小孙', '1357')
  await phone.count('confirmed', 1)

  // 小孙 keeps a spare code on paper, forgets the PIN with something unsent, and is back.
  await phone.tab('我的')
  await page.locator('input[name=pin-now]').fill('1357')
  await page.getByRole('button', { name: '做一个备用码' }).click()
  const paper = await page.locator('[data-code]').innerText()
  assert.match(paper, /^(\d{4} ){3}\d{4}$/)
  await shot(page, 'phone-spare')
  await accessible(page)
  await phone.offline(true)
  await phone.outcome('72号', 'absent')
  await page.goto(`${site.url}/app/workers`)
  await page.getByRole('button', { name: '小孙' }).click()
  // Each wrong one makes the next wait longer, until it is longer than this page takes.
  const wait = page.getByText(/错得太多,请等\d+秒再试/)
  await until('it has to be waited', async () => {
    await page.locator('input[name=pin]').fill('0000')
    await page.getByRole('button', { name: '进入' }).click()
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('input[name=pin]')?.value === '')
    return wait.isVisible()
  })
  await page.locator('[data-forgot] summary').click()
  await page.getByText('这里还有1条没上传,锁着,一条没丢').waitFor()
  await shot(page, 'phone-forgot')
  await accessible(page)
  await page.locator('input[name=spare]').fill(paper.replace(/^./, (d) => String((Number(d) + 1) % 10)))
  await page.locator('input[name=fresh]').fill('8642')
  await page.getByRole('button', { name: '用备用码打开' }).click()
  await page.getByText('备用码不对').waitFor()
  await page.locator('input[name=spare]').fill(paper)
  await page.getByRole('button', { name: '用备用码打开' }).click()
  await page.waitForURL('**/app/doors')
  await phone.count('waiting', 1)
  await phone.offline(false)
  await phone.count('confirmed', 2)

  // 老张 does not know the PIN that was typed for him any more: the office's code for his account sets another one.
  // 小孙's own does not.
  await change('老张', '2468')
  await phone.offline(true)
  await phone.outcome('63号', 'absent')
  await phone.count('waiting', 1)
  await page.goto(`${site.url}/app/workers`)
  await page.getByRole('button', { name: '老张' }).click()
  await page.locator('[data-forgot] summary').click()
  await page.getByText('这里还有1条没上传').waitFor()
  const office = page.locator('[data-office-code]')
  await phone.offline(false)
  for (const [account, heard] of [['W0004', '这个登记码不是您的账号的'], ['W0003', '']] as const) {
    await office.locator('input[name=office-link]').fill(`${site.url}/app/#enrol=${await site.code(account)}`)
    await office.locator('input[name=office-pin]').fill('9753')
    await shot(page, 'phone-office-code')
    await accessible(page)
    await office.getByRole('button', { name: '换成新密码' }).click()
    if (heard !== '') await office.getByText(heard).waitFor()
  }
  await page.waitForURL('**/app/doors')
  await phone.count('confirmed', 3)
  await page.goto(`${site.url}/app/workers`)
  await change('老张', '9753')
  const keys = await site.pg.sql(`SELECT DISTINCT key FROM qm.device WHERE county = ${COUNTY} AND account IN ('W0003', 'W0004')`)
  assert.ok(keys.length >= 2)
  await phone.context.close()
})

test('a new version in the middle of a form: it waits, comes at a quiet moment, and nothing is lost', async () => {
  served = join(site.dir, '..', `qm-builds-${process.pid}`)
  const build = async (number: number): Promise<void> => {
    const folder = join(served, String(number))
    nextBuild(web, folder, number)
    await site.end('SIGTERM')
    site.writeConfig([settings[0]!, `web_dir = ${folder}`])
    await site.serve()
  }
  const ask = (): Promise<unknown> => phone.page.evaluate(async () => (await navigator.serviceWorker.getRegistration())!.update().catch(() => undefined))
  const phone = await WorkerPhone.start(browser, site)
  await phone.enrol('W0002', '小李')
  await phone.door('21号')
  await phone.page.locator('[data-outcome=met]').click()
  await phone.sign('notice', '王一')
  await build(2)
  await ask()
  await phone.page.getByText('有新版本').waitFor()
  // The screen goes dark in the middle of the form: not now.
  const dark = (): Promise<void> =>
    phone.page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    })
  await dark()
  assert.equal(await buildOf(phone.page), '')
  await phone.tab('我的门')
  await isBuild(phone.page, 2)
  await phone.door('21号')
  await phone.page.getByText('上次没填完的还在').waitFor()
  await phone.page.locator('[data-part=notice] [data-signed=true]').waitFor()

  // The tab dies while the next one takes over.
  await build(3)
  await ask()
  await phone.page.getByRole('button', { name: '现在更新' }).click()
  await phone.kill()
  await phone.page.goto(`${site.url}/app/doors`)
  await isBuild(phone.page, 3)
  await phone.door('21号')
  await phone.page.locator('[data-part=notice] [data-signed=true]').waitFor()
  await phone.page.locator('[data-part=pledge] [data-choice=later]').click()
  await phone.save()
  await phone.count('confirmed', 3)
  await site.recount()
  await phone.context.close()
})
