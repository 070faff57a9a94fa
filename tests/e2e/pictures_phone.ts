/* Makes the pictures of the phone in tests/e2e/pictures again: my doors, one door, the receipt.
 *
 * Compiled with the tests (tests/e2e/tsconfig.json); run as `node OUT/e2e/pictures_phone.js` with the
 * settings that deploy/test gives to the part e2e: QM_ROOT, QM_BUILD, QM_WEB, NODE_PATH. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Site } from '../integration/lib/site'
import { root } from '../integration/lib/where'
import { launch, web } from './lib/browser'
import { siteFill, WorkerPhone } from './lib/worker'

const LARGEST_BYTES = 200_000

async function main(): Promise<void> {
  const site = await Site.start([`web_dir = ${web}`])
  const browser = await launch()
  try {
    await siteFill(site)
    const phone = await WorkerPhone.start(browser, site)
    const picture = async (name: string): Promise<void> => {
      const path = join(root, 'tests', 'e2e', 'pictures', `${name}.png`)
      await phone.page.evaluate(() => window.scrollTo(0, 0))
      await phone.page.screenshot({ path, scale: 'css' })
      const bytes = statSync(path).size
      console.log(`${path}: ${bytes} bytes`)
      if (bytes > LARGEST_BYTES) throw new Error(`${name} is too large`)
    }
    await phone.enrol('W0001', '老王')
    await phone.usualDoor('2号')
    await picture('door')
    await phone.save()
    await phone.count('confirmed', 5)
    await phone.offline(true)
    await phone.outcome('1号', 'absent')
    await phone.outcome('3号', 'appointed')
    await phone.outcome('4号', 'gone')
    await phone.count('waiting', 3)
    await phone.page.getByRole('searchbox').fill('')
    await phone.page.locator('.snack').waitFor({ state: 'detached' })
    await picture('doors')
    await phone.door('2号')
    await phone.page.getByRole('link', { name: '入账凭证' }).click()
    await phone.page.locator('[data-link]').first().waitFor()
    await picture('receipt')
    await phone.context.close()
  } finally {
    await browser.close()
    await site.stop()
  }
}

void main()
