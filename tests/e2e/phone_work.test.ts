/* A grid worker's day on the real pages and a real server: enrol, doors without a network, send,
 * the board moves, the household's receipt, corrections, drafts, two workers on one phone. */
import { strict as assert } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Browser } from 'playwright-core'
import { run } from '../integration/lib/command'
import { COUNTY, GRID, homes, Site } from '../integration/lib/site'
import { until } from '../integration/lib/until'
import { qiaomen, root } from '../integration/lib/where'
import { uuid, vkeyText } from '../integration/lib/wire'
import { accessible, launch, open, PHONE, shot, web } from './lib/browser'
import { siteFill, WorkerPhone } from './lib/worker'

/** Of a door's form as it is kept. */
interface DoorForm {
  noticeBy?: { picture: string }
  pledges?: { name: string }[]
}
const DAY_MS = 86_400_000
/** As a camera writes where it was. */
const PLACE = 'GPSLatitude=35.4812 GPSLongitude=112.4134'
const SCREEN = join(root, 'tests', 'e2e', 'pictures', 'door.png')
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

interface Coverage {
  rows: { code: string; figures: Record<string, { num: number }> }[]
}
async function board(token: string): Promise<Record<string, number>> {
  const r = await fetch(`${site.url}/v1/coverage?within=${GRID}&level=grid`, { headers: { authorization: `Bearer ${token}` } })
  assert.equal(r.status, 200, await r.clone().text())
  const { rows } = (await r.json()) as Coverage
  return Object.fromEntries(Object.entries(rows[0]!.figures).map(([metric, f]) => [metric, f.num]))
}

describe('a newcomer', () => {
  let phone: WorkerPhone
  before(async () => {
    phone = await WorkerPhone.start(browser, site)
  })
  after(() => phone?.context.close())

  test('enrols from the link and sees the list', async () => {
    await phone.enrol('W0001', '老王')
    await phone.page.getByText('已入账').waitFor()
    assert.ok((await phone.page.locator('.door').count()) < 60, 'only the rows on the screen are there')
    await phone.noForbiddenWords()
    await shot(phone.page, 'phone-doors')
    await accessible(phone.page)
  })

  test('does three doors without a network, goes online, and the board moves', async () => {
    const token = await site.token('A0001', 'township', '140522110')
    const before_ = await board(token)
    await phone.offline(true)
    await phone.usualDoor('2号')
    await shot(phone.page, 'phone-door')
    await accessible(phone.page)
    await phone.noForbiddenWords()
    await phone.save()
    await phone.outcome('4号', 'absent')
    await phone.outcome('6号', 'gone')
    // The tab dies and comes back, still without a network.
    await phone.page.reload()
    await phone.count('waiting', 7)
    await phone.count('confirmed', 0)
    await phone.offline(false)
    await phone.count('confirmed', 7)
    await phone.count('waiting', 0)
    const now = await board(token)
    const moved = ['visited', 'notice_signed', 'pledge', 'app', 'app_all'].map((m) => now[m]! - before_[m]!)
    assert.deepEqual(moved, [1, 1, 1, 2, 2])
    await site.recount()
    phone.complaints.none()
  })

  test('the household gets a receipt that the C command verifies and the public page shows', async () => {
    const { page } = phone
    await phone.door('2号')
    await page.getByRole('link', { name: '入账凭证' }).click()
    await page.getByText('总账第').first().waitFor()
    const link = (await page.locator('[data-link]').first().getAttribute('data-link'))!
    assert.match(link, /^https:\/\/qm\.test\.example\/r\/#[0-9a-f-]{36}\.[A-Za-z0-9_-]{22}$/)
    await shot(page, 'phone-receipt')
    await accessible(page)
    const saved = page.waitForEvent('download')
    await page.locator('[data-file]').click()
    const file = join(site.dir, 'saved.receipt')
    await (await saved).saveAs(file)
    const verify = async (): Promise<string> => {
      const got = await run(qiaomen, ['verify', '--key', vkeyText(site.logKey), file, '--json'])
      return (JSON.parse(got.stdout) as { result: string }).result
    }
    assert.equal(await verify(), 'holds')
    // The same receipt with one digit changed does not hold.
    const text = await (await import('node:fs/promises')).readFile(file, 'utf8')
    writeFileSync(file, text.replace(/^index \d+$/m, 'index 1000000'))
    assert.notEqual(await verify(), 'holds')

    const reader = await open(browser, PHONE)
    await reader.page.goto(`${site.url}/r/#${link.split('#')[1]!}`)
    await reader.page.getByText('总账里有这一条').first().waitFor()
    await reader.context.close()
  })

  test('the receipt is printed two on one A4', async () => {
    const { page } = phone
    const pdf = join(site.dir, 'receipt.pdf')
    await page.emulateMedia({ media: 'print' })
    assert.equal(await page.locator('[data-slip]:visible').count(), 2)
    assert.equal(await page.getByRole('navigation', { name: '主要页面' }).isVisible(), false)
    await page.pdf({ path: pdf, preferCSSPageSize: true })
    await page.emulateMedia({ media: null })
    const info = await run('pdfinfo', [pdf])
    assert.match(info.stdout, /^Pages:\s+1$/m)
    assert.match(info.stdout, /A4/)
  })

  test('who comes back from a door finds the list where it stood, and behind it no form that is done', async () => {
    const { page } = phone
    await phone.offline(true)
    await phone.tab('我的门')
    await page.getByRole('button', { name: '全部', exact: true }).click()
    await page.evaluate(() => window.scrollTo(0, 500))
    const middle = await page.evaluate(() => document.elementFromPoint(195, 420)?.closest('.door')?.getAttribute('href'))
    await page.locator(`.door[href="${middle}"]`).click()
    await page.locator('[data-outcome=absent]').click()
    await phone.save()
    await until('the list stands where it stood', () => page.evaluate(() => window.scrollY === 500))
    assert.equal(await page.evaluate(() => document.elementFromPoint(195, 420)?.closest('.door')?.getAttribute('href')), middle)
    await page.locator('[data-undo]').click()
    await page.getByText('已撤销').waitFor()
    await page.goBack()
    assert.equal(page.url(), `${site.url}/app/doors`)
    await phone.offline(false)
  })

  test('a record is undone until it is sent, and taken back with a trace after', async () => {
    await phone.offline(true)
    await phone.outcome('8号', 'refused')
    await phone.page.locator('[data-undo]').click()
    await phone.page.getByText('已撤销').waitFor()
    await phone.count('waiting', 0)
    await phone.outcome('8号', 'no_entry')
    await phone.count('waiting', 1)
    // Longer than it takes until a record goes out.
    await phone.page.waitForTimeout(2500)
    await phone.door('8号')
    await phone.page.locator('[data-today]').getByRole('button', { name: '撤销' }).click()
    await phone.page.locator('[data-today]').waitFor({ state: 'detached' })
    await phone.count('waiting', 0)
    await phone.offline(false)

    await phone.door('4号')
    await phone.page.locator('[data-today]').getByRole('button', { name: '作废' }).click()
    await phone.page.getByRole('dialog').getByRole('button', { name: '作废' }).click()
    await phone.page.getByText('已作废').first().waitFor()
    await phone.count('confirmed', 8)
    await site.recount()
  })
})

/** The rule that ranks installs, too, by what is reported or by what is evidenced. */
async function ruleBy(assurance: 'reported' | 'evidenced'): Promise<void> {
  const rule = JSON.parse(readFileSync(join(root, 'deploy', 'sample', 'rule-plan.json'), 'utf8')) as object
  const file = join(site.dir, 'rule.json')
  writeFileSync(file, JSON.stringify({ ...rule, assurance }))
  await site.admin('rule', 'set', file, '--county', COUNTY, '--by', 'C0001')
}

test('the network comes and goes at each step of a door: the same records in the end; photos where the rule asks', async () => {
  await ruleBy('evidenced')
  const phone = await WorkerPhone.start(browser, site)
  await phone.enrol('W0002', '小李')
  const { page } = phone
  await phone.offline(true)
  await phone.door('11号')
  await phone.offline(false)
  await page.locator('[data-outcome=met]').click()
  await phone.offline(true)
  await phone.sign('notice', '王二')
  await phone.offline(false)
  // What was begun, with its signature, survives the death of the tab and a new version.
  await phone.kept((form) => ((form as DoorForm).noticeBy?.picture ?? '') !== '')
  await page.reload()
  await page.getByText('上次没填完的还在').waitFor()
  await page.locator('[data-part=notice] [data-signed=true]').waitFor()
  await phone.offline(true)
  await page.locator('[data-part=pledge] [data-choice=refused]').click()
  await phone.offline(false)
  const [first, second] = await page.locator('.person').all()
  await first!.getByRole('button', { name: '老年机' }).click()
  await second!.getByRole('button', { name: '已安装' }).click()
  await second!.locator('[data-said]').click()
  // Without the photo that the rule asks for it could be saved, and that is said.
  const unproved = page.locator('[data-unproved]')
  await unproved.getByText('反诈App').waitFor()
  assert.equal(await page.locator('[data-save]').isEnabled(), true)
  await second!.locator('[data-album]').setInputFiles(SCREEN)
  await second!.getByText('已有1张').waitFor()
  await unproved.waitFor({ state: 'detached' })
  await accessible(page)
  await shot(page, 'phone-app')
  await phone.offline(true)
  await phone.save()
  await phone.count('waiting', 5)
  await phone.offline(false)
  await phone.count('confirmed', 5)
  await phone.tab('去向')
  await page.locator('[data-state-chip=confirmed]').click()
  for (const word of ['见到大人', '已签收', '不愿办理', '老年机', '已安装']) await page.locator('.line', { hasText: word }).waitFor()
  await phone.noForbiddenWords()
  await shot(page, 'phone-sent')
  await accessible(page)
  // The photo of the screen makes it evidenced as soon as the log lists it.
  await until('the evidence in the log', async () => (await site.pg.sql('SELECT count(*) FROM qm.resident WHERE evidenced'))[0] === '1')
  await site.recount()

  // A notice that is left is photographed; as soon as the rule asks no more, nothing is.
  await phone.door('13号')
  await page.locator('[data-outcome=met]').click()
  await page.locator('[data-part=notice] [data-choice=left]').click()
  await unproved.getByText('告知书').first().waitFor()
  // What is read of pictures from now on goes into the record.
  await page.evaluate((place) => {
    const seen: string[] = []
    const read = Reflect.get(Blob.prototype, 'arrayBuffer') as () => Promise<ArrayBuffer>
    Blob.prototype.arrayBuffer = async function (this: Blob) {
      const bytes = await read.call(this)
      seen.push(`${this.type} ${bytes.byteLength <= 1_048_576} ${new TextDecoder('latin1').decode(bytes).includes(place)}`)
      return bytes
    }
    Reflect.set(window, 'seen', seen)
  }, PLACE)
  const placed = Buffer.concat([readFileSync(SCREEN), Buffer.from(PLACE)])
  await page.locator('[data-part=notice] [data-album]').setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer: placed })
  await page.locator('[data-part=notice]').getByText('已有1张').waitFor()
  await unproved.waitFor({ state: 'detached' })
  // What the camera wrote beside the picture has stayed behind.
  const seen = await page.evaluate(() => Reflect.get(window, 'seen') as string[])
  assert.deepEqual([...new Set(seen)], ['image/jpeg true false'])
  await shot(page, 'phone-left')
  await phone.save()
  await phone.count('confirmed', 7)
  const left = await site.pg.sql(`SELECT count(*) FROM qm.evidence x JOIN qm.event e ON e.county = x.county AND e.id = x.event WHERE convert_from(e.e, 'UTF8')::json ->> 'state' = 'left'`)
  assert.deepEqual(left, ['1'])
  // One's own figures say how many of them have what the rule asks for, and lead to the doors that lack it.
  await phone.outcome('17号', 'met')
  await phone.count('confirmed', 8)
  await phone.tab('我的')
  const visited = page.locator('[data-metric=visited]')
  await visited.getByText('其中2户有照片或签名').waitFor()
  await visited.locator('[data-lack]').click()
  await shot(page, 'phone-lack')
  await accessible(page)
  await visited.getByRole('link', { name: '17号' }).click()
  await page.locator('[data-today]', { hasText: '见到大人' }).waitFor()
  // Whom a resident complains to stands in the notice.
  await phone.tab('我的')
  await page.getByRole('button', { name: '意见投诉' }).click()
  await page.getByText('咨询、意见和投诉:本村村委会').waitFor()
  await accessible(page)
  await phone.noForbiddenWords()
  await ruleBy('reported')
  await phone.tab('去向')
  await page.locator('[data-send]').click()
  await page.getByText('都已上传。').waitFor()
  await phone.door('15号')
  await page.locator('[data-outcome=met]').click()
  await page.locator('[data-part=notice] [data-choice=left]').click()
  await page.getByRole('button', { name: '全家都开好了' }).click()
  assert.deepEqual(await Promise.all([page.locator('input[type=file]').count(), page.locator('[data-photo-counts]').count(), unproved.count()]), [0, 0, 0])
  await phone.context.close()
})

test('a directive is read and acknowledged without a network; the office sees it', async () => {
  const token = await site.token('A0001', 'township', '140522110')
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const directive = uuid(7)
  const body = JSON.stringify({ directive, scope: '140522110', title: '关于抓紧入户的通知', body: '请各网格员本周内走完。' })
  const posted = await fetch(`${site.url}/v1/directives`, { method: 'POST', headers, body })
  assert.ok(posted.ok, await posted.text())
  const phone = await WorkerPhone.start(browser, site)
  await phone.enrol('W0001', '老王')
  await phone.offline(true)
  await phone.page.locator('.tabs a', { hasText: '文书' }).click()
  await phone.page.locator('[data-directive=open] summary').click()
  await phone.page.getByRole('button', { name: '我已阅知' }).click()
  await phone.page.locator('[data-directive=read]').waitFor()
  await phone.noForbiddenWords()
  await phone.offline(false)
  const rows = async (): Promise<{ acknowledged: number }[]> =>
    ((await (await fetch(`${site.url}/v1/directives`, { headers })).json()) as { rows: { acknowledged: number }[] }).rows
  await until('what was read is known', async () => (await rows())[0]!.acknowledged === 1)
  await phone.context.close()
})

test('two workers on one phone: a PIN and a list each; the queue moves as a file', async () => {
  const phone = await WorkerPhone.start(browser, site)
  const { page } = phone
  await phone.enrol('W0003', '老张', '2468')
  await phone.offline(true)
  await phone.outcome('61号', 'met')
  await phone.count('waiting', 1)
  await phone.tab('我的')
  await shot(page, 'phone-me')
  await accessible(page)
  await phone.noForbiddenWords()
  await page.getByRole('button', { name: '我的清单' }).click()
  const form = page.locator('form[data-out]')
  await form.locator('input').fill('当面说的八字口令')
  const saved = page.waitForEvent('download')
  await form.getByRole('button', { name: '存成文件' }).click()
  const file = join(site.dir, 'queue.qmq')
  await (await saved).saveAs(file)
  await phone.noForbiddenWords()
  await accessible(page)

  const other = await WorkerPhone.start(browser, site)
  await other.enrol('W0004', '小赵')
  await other.page.goto(`${site.url}/app/queue`)
  const into = other.page.locator('form[data-in]')
  await into.locator('input[type=file]').setInputFiles(file)
  await into.locator('input[name=pass-in]').fill('说错了的八字口令')
  await into.getByRole('button', { name: '收下' }).click()
  await other.page.locator('.fault').waitFor()
  await into.locator('input[name=pass-in]').fill('当面说的八字口令')
  await into.getByRole('button', { name: '收下' }).click()
  await other.page.getByText('已收下1条').waitFor()
  await other.tab('去向')
  await other.page.locator('[data-send]').click()
  await other.page.getByText('1条已发出').waitFor()
  await other.context.close()

  await phone.offline(false)
  await page.goto(`${site.url}/app/workers`)
  await page.getByRole('button', { name: '老张' }).click()
  await page.locator('input[name=pin]').fill('0000')
  await page.getByRole('button', { name: '进入' }).click()
  await page.getByText('密码不对').waitFor()
  await page.locator('input[name=pin]').fill('2468')
  await page.getByRole('button', { name: '进入' }).click()
  await phone.count('confirmed', 1)
  const counters = await site.counters('140522110204002')
  assert.equal(counters['visited'], 1)
  await phone.context.close()
})

describe('hard days', () => {
  test('the phone is full: it says so, the form and its signature stay, and it is saved when there is room', async () => {
    const phone = await WorkerPhone.start(browser, site)
    const { page } = phone
    await phone.quota(5_000_000)
    await phone.enrol('W0001', '老王')
    await phone.offline(true)
    await phone.outcome('18号', 'absent')
    await phone.door('20号')
    await page.locator('[data-outcome=met]').click()
    await phone.fill()
    await phone.sign('notice', '王一')
    await page.locator('[data-unkept]').waitFor()
    await page.locator('[data-part=pledge] [data-choice=later]').click()
    await page.locator('[data-part=pledge]').getByRole('button', { name: '王一', exact: true }).click()
    await page.locator('[data-save]').click()
    await page.getByText('手机存满了,没有存下').waitFor()
    await shot(page, 'phone-full')
    await accessible(page)
    await phone.noForbiddenWords()
    await page.locator('[data-part=notice] [data-signed=true]').waitFor()

    await phone.quota()
    await phone.save()
    await phone.count('waiting', 4)
    await phone.offline(false)
    await phone.count('confirmed', 4)
    const [photo] = await site.pg.sql(`SELECT count(*) FROM qm.event e JOIN qm.evidence x ON x.county = e.county AND x.event = e.id JOIN qm.blob b ON b.county = x.county AND b.sha256 = x.sha256 WHERE convert_from(e.e, 'UTF8')::json ->> 'household' = '${homes[19]!.household}'`)
    assert.equal(photo, '1')
    await site.recount()

    // Then it cannot be read at all: said with what to do, and gone when it reads again.
    await page.evaluate(() => {
      const whole = IDBDatabase.prototype.transaction
      IDBDatabase.prototype.transaction = () => {
        throw new DOMException('broken', 'UnknownError')
      }
      addEventListener('mended', () => (IDBDatabase.prototype.transaction = whole))
    })
    await phone.tab('去向')
    await page.locator('[data-send]').click()
    const told = page.locator('[data-fault]', { hasText: '不要清除浏览器的数据' })
    await told.waitFor()
    await shot(page, 'phone-unread')
    await accessible(page)
    await told.getByRole('button', { name: '再读一次' }).click()
    await told.waitFor()
    await page.evaluate(() => dispatchEvent(new Event('mended')))
    await told.getByRole('button', { name: '再读一次' }).click()
    await told.waitFor({ state: 'detached' })
    await page.locator('[data-state-chip=confirmed]', { hasText: '4' }).waitFor()
    phone.complaints.none()
    await phone.context.close()
  })

  test('a clock two days ahead and two days back, and 31 days without a network: told, marked, counted', async () => {
    const phone = await WorkerPhone.start(browser, site)
    const { page } = phone
    const away = async (ms: number, door: string): Promise<void> => {
      await phone.offline(true)
      await phone.skew(ms)
      await phone.outcome(door, 'absent')
    }
    await phone.enrol('W0002', '小李')
    await away(-31 * DAY_MS, '13号')
    await phone.skew(0)
    await phone.tab('去向')
    await page.getByText('最早一条没上传的').waitFor()
    await phone.offline(false)
    await phone.count('flagged', 1)
    assert.equal(await page.locator('[data-clock]').count(), 0)

    await away(2 * DAY_MS, '15号')
    await phone.offline(false)
    await phone.count('flagged', 2)
    await page.locator('[data-clock]', { hasText: '快了2天' }).waitFor()
    await shot(page, 'phone-clock')
    await accessible(page)
    await phone.tab('去向')
    await page.locator('[data-state-chip=flagged]').click()
    for (const words of ['请打开自动设置时间', '三十天以上']) await page.getByText(words).first().waitFor()

    await away(-2 * DAY_MS, '17号')
    await phone.offline(false)
    await phone.count('waiting', 0)
    await page.locator('[data-clock]', { hasText: '慢了2天' }).waitFor()
    await phone.skew(0)
    await phone.tab('去向')
    await page.locator('[data-send]').click()
    await page.locator('[data-clock]:visible').waitFor({ state: 'detached' })

    // 14 days after its receipt the private part is gone from the phone, and with it the household's code.
    await phone.door('13号')
    await page.getByRole('link', { name: '入账凭证' }).click()
    await page.locator('[data-link]').first().waitFor()
    await phone.skew(15 * DAY_MS)
    await phone.tab('去向')
    await page.locator('[data-send]').click()
    await page.getByText('都已上传。').waitFor()
    await phone.door('13号')
    await page.getByRole('link', { name: '入账凭证' }).click()
    await page.locator('[data-no-code]').first().waitFor()
    assert.equal(await page.locator('[data-link]').count(), 0)
    await site.recount()
    phone.complaints.none()
    await phone.context.close()
  })

  test('one door in two tabs at once: both are kept, each sees what the other did, it counts once', async () => {
    const phone = await WorkerPhone.start(browser, site)
    await phone.enrol('W0001', '老王')
    const one = phone.page
    const two = await phone.context.newPage()
    await two.goto(`${site.url}/app/doors`)
    await phone.offline(true)
    for (const [page, outcome] of [[one, 'met'], [two, 'absent']] as const) {
      phone.page = page
      await phone.door('22号')
      // The second tab goes on with what the first one began.
      await page.locator(`[data-outcome=${outcome}]:not([aria-pressed=true])`).click()
    }
    await Promise.all([one, two].map((page) => page.locator('[data-save]').click()))
    for (const page of [one, two]) {
      phone.page = page
      await page.waitForURL('**/app/doors')
      await phone.count('waiting', 2)
    }
    await phone.offline(false)
    for (const page of [one, two]) {
      phone.page = page
      await phone.count('confirmed', 2)
    }
    const seqs = await site.pg.sql(`SELECT DISTINCT seq FROM qm.event WHERE convert_from(e, 'UTF8')::json ->> 'household' = '${homes[21]!.household}'`)
    assert.equal(seqs.length, 2)
    await site.recount()
    await phone.context.close()
  })

  test('the tab dies in the middle of a save and of a sync: the door is there whole or its form is', async () => {
    const phone = await WorkerPhone.start(browser, site)
    await phone.enrol('W0002', '小李')
    await phone.offline(true)
    await phone.door('19号')
    await phone.page.locator('[data-outcome=met]').click()
    await phone.sign('notice', '王一')
    await phone.page.locator('[data-part=pledge] [data-choice=later]').click()
    await phone.page.locator('[data-part=pledge]').getByRole('button', { name: '王一', exact: true }).click()
    await phone.kept((form) => (form as DoorForm).pledges?.[0]?.name === '王一')
    await phone.page.locator('[data-save]').dispatchEvent('click')
    await phone.crash()
    await phone.page.goto(`${site.url}/app/doors`)
    await phone.door('19号')
    const [waiting] = await phone.page.locator('[data-state]').allInnerTexts()
    if (waiting!.startsWith('待上传')) assert.match(waiting!, / 3$/)
    else {
      await phone.page.locator('[data-part=notice] [data-signed=true]').waitFor()
      await phone.save()
    }
    await phone.count('waiting', 3)
    const posted = phone.page.waitForRequest(/\/v1\/sync$/)
    await phone.offline(false)
    await posted
    await phone.crash()
    await phone.page.goto(`${site.url}/app/doors`)
    await phone.count('confirmed', 3)
    const sent = await site.pg.sql(`SELECT convert_from(e, 'UTF8')::json ->> 'kind' FROM qm.event WHERE convert_from(e, 'UTF8')::json ->> 'household' = '${homes[18]!.household}' ORDER BY seq`)
    assert.deepEqual(sent, ['visit', 'notice', 'pledge'])
    await site.recount()
    await phone.context.close()
  })
})
