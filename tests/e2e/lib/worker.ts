/* A grid worker with a phone: enrols, goes to doors, signs, sends; as a hand would, on the real pages. */
import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { Browser, BrowserContext, Page } from 'playwright-core'
import { COUNTY, Site } from '../../integration/lib/site'
import { until } from '../../integration/lib/until'
import { root } from '../../integration/lib/where'
import { Complaints, open, PHONE } from './browser'

/** Words that are not for the screen (they mean nothing to a worker, or shame). */
export const FORBIDDEN = /哈希|默克尔|检查点|签名校验|同步冲突|拒不配合|重点人员|排名垫底/

/** Texts and targets of the sample township. */
export async function siteFill(site: Site): Promise<void> {
  for (const kind of ['texts', 'targets'])
    await site.admin(kind, 'set', join(root, 'deploy', 'sample', `${kind}.json`), '--county', COUNTY, '--by', 'C0001')
}

export class WorkerPhone {
  private constructor(
    readonly site: Site,
    readonly context: BrowserContext,
    public page: Page,
    readonly complaints: Complaints,
  ) {}

  /** A phone whose own server has kept the app. */
  static async start(browser: Browser, site: Site, device = PHONE): Promise<WorkerPhone> {
    const { context, page, complaints } = await open(browser, device, [/ERR_INTERNET_DISCONNECTED/])
    return new WorkerPhone(site, context, page, complaints)
  }

  async enrol(account: string, name: string, pin = ''): Promise<void> {
    const { page } = this
    await page.goto(`${this.site.url}/app/#enrol=${await this.site.code(account)}`)
    await page.locator('input[name=worker]').fill(name)
    if (pin !== '') await page.locator('input[name=pin]').fill(pin)
    await page.getByRole('button', { name: '登记这部手机' }).click()
    await page.waitForURL('**/app/doors')
    await page.locator('.door').first().waitFor()
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready
      while (!navigator.serviceWorker.controller) await new Promise((r) => setTimeout(r, 20))
    })
  }

  async noForbiddenWords(): Promise<void> {
    assert.doesNotMatch(await this.page.locator('body').innerText(), FORBIDDEN)
  }

  tab(name: string): Promise<void> {
    return this.page.getByRole('navigation', { name: '主要页面' }).getByRole('link', { name, exact: true }).click()
  }

  /** Finds a door by its number and opens it. */
  async door(label: string): Promise<void> {
    const { page } = this
    await this.tab('我的门')
    await page.getByRole('button', { name: '全部', exact: true }).click()
    await page.getByRole('searchbox').fill(label)
    await page.locator('.door', { hasText: new RegExp(`^${label} `) }).first().click()
    await page.locator('[data-outcome=met]').waitFor()
    // What was said about the door before covers nothing of this one.
    await page.locator('[data-undo]').waitFor({ state: 'detached' })
  }

  async save(): Promise<void> {
    await this.page.locator('[data-save]').click()
    await this.page.waitForURL('**/app/doors')
  }

  /** Forms as they are kept: opened with the key that this browser holds. */
  private forms(): Promise<unknown[]> {
    return this.page.evaluate(async () => {
      const asked = <T>(request: IDBRequest<T>): Promise<T> =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result)
          request.onerror = () => reject(request.error)
        })
      const found: unknown[] = []
      for (const { name } of await indexedDB.databases()) {
        if (!name?.startsWith('qm.draft.')) continue
        const db = await asked(indexedDB.open(name))
        const tx = db.transaction(['key', 'form'])
        const [key, forms] = await Promise.all([
          asked<CryptoKey>(tx.objectStore('key').get('key')),
          asked<{ nonce: BufferSource; bytes: BufferSource }[]>(tx.objectStore('form').getAll()),
        ])
        db.close()
        for (const f of forms)
          found.push(JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: f.nonce }, key, f.bytes))))
      }
      return found
    })
  }

  /** Waits until a form that is being filled in is kept as it stands on the screen. */
  kept(asItStands: (form: unknown) => boolean): Promise<void> {
    return until('the form is kept', async () => (await this.forms()).some(asItStands))
  }

  /** The tab is gone, whatever it was doing; another one takes its place. */
  async kill(): Promise<void> {
    await this.page.close()
    this.page = await this.context.newPage()
  }

  /** The tab's process dies, whatever it was doing; another one takes its place. */
  async crash(): Promise<void> {
    const dead = this.page
    const cdp = await this.context.newCDPSession(dead)
    const crashed = new Promise((resolve) => dead.once('crash', resolve))
    cdp.send('Page.crash').catch(() => undefined)
    await crashed
    await this.kill()
  }

  async outcome(label: string, outcome: string): Promise<void> {
    await this.door(label)
    const { page } = this
    if (!(await page.locator(`[data-outcome=${outcome}]`).isVisible())) await page.locator('[data-outcome=other]').click()
    await page.locator(`[data-outcome=${outcome}]`).click()
    await this.save()
  }

  /** Says in the open box of this part who signs, and how they belong to the head. */
  async signer(part: string, who: string): Promise<void> {
    const box = this.page.locator(`[data-part=${part}]`)
    await box.getByRole('button', { name: who, exact: true }).click()
    const spouse = box.getByRole('button', { name: '配偶', exact: true })
    if (await spouse.isVisible()) await spouse.click()
  }

  /** Signs in the open box of this part ("notice", "pledge"). */
  async sign(part: string, who: string): Promise<void> {
    const { page } = this
    const box = page.locator(`[data-part=${part}]`)
    await box.locator('[data-choice=signed]').click()
    await this.signer(part, who)
    await box.locator('[data-signed]').click()
    // Where it stays, not where it is while it slides in.
    await page.locator('canvas[data-sign]').hover()
    const pad = (await page.locator('canvas[data-sign]').boundingBox())!
    await page.mouse.move(pad.x + pad.width * 0.2, pad.y + pad.height * 0.5)
    await page.mouse.down()
    for (let i = 1; i <= 20; i++)
      await page.mouse.move(pad.x + pad.width * (0.2 + 0.03 * i), pad.y + pad.height * (0.5 + 0.3 * Math.sin(i)))
    await page.mouse.up()
    await page.getByRole('button', { name: '签好了' }).click()
    await box.locator('[data-signed=true]').waitFor()
  }

  /** The usual door: met, all explained, both signed, the app on every phone. */
  async usualDoor(label: string): Promise<void> {
    await this.door(label)
    await this.page.locator('[data-outcome=met]').click()
    await this.sign('notice', '王一')
    await this.sign('pledge', '王一')
    await this.page.getByRole('button', { name: '全家都开好了' }).click()
  }

  async count(state: 'confirmed' | 'waiting' | 'held' | 'flagged' | 'rejected', n: number): Promise<void> {
    await this.tab('我的门')
    await this.page.locator(`[data-count=${state}]`, { hasText: new RegExp(`^${n}$`) }).waitFor()
  }

  /** Puts the clock off, in the page and in the thread that sends; a new page has the right one. */
  async skew(ms: number): Promise<void> {
    const set = (by: number): void => {
      const at = globalThis as typeof globalThis & { rightNow?: () => number }
      const rightNow = (at.rightNow ??= Date.now.bind(Date))
      Date.now = () => rightNow() + by
    }
    await Promise.all([this.page.evaluate(set, ms), ...this.page.workers().map((w) => w.evaluate(set, ms))])
  }

  /** How much this phone may store; undefined: as much as it has.  Less than before holds only if it is said before the first use. */
  async quota(bytes?: number): Promise<void> {
    const cdp = await this.context.newCDPSession(this.page)
    await cdp.send('Storage.overrideQuotaForOrigin', { origin: this.site.url, ...(bytes === undefined ? {} : { quotaSize: bytes }) })
  }

  /** Something else takes all the room that is left. */
  async fill(): Promise<void> {
    await this.page.evaluate(async () => {
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        const asked = indexedDB.open('something-else', 1)
        asked.onupgradeneeded = () => asked.result.createObjectStore('thing', { autoIncrement: true })
        asked.onsuccess = () => resolve(asked.result)
        asked.onerror = () => reject(asked.error)
      })
      const put = (bytes: number): Promise<boolean> =>
        new Promise((resolve) => {
          const tx = db.transaction('thing', 'readwrite')
          tx.objectStore('thing').add(crypto.getRandomValues(new Uint8Array(bytes)))
          tx.oncomplete = () => resolve(true)
          tx.onabort = () => resolve(false)
        })
      for (const bytes of [65536, 8192, 1024, 128]) while (await put(bytes));
      db.close()
    })
  }

  offline(off: boolean): Promise<void> {
    return this.context.setOffline(off)
  }
}
