/* The one site and the one browser of a Monday: its rooms follow each other and build on what was done in the
 * one before.
 */
import type { Browser } from 'playwright-core'
import { Site } from '../../integration/lib/site'
import { launch, web } from '../lib/browser'
import { addPeople } from '../lib/seat'

export let site: Site
export let browser: Browser

export async function dayBegin(): Promise<void> {
  site = await Site.start([`web_dir = ${web}`])
  await addPeople(site)
  browser = await launch()
}

export async function dayEnd(): Promise<void> {
  await browser?.close()
  await site?.stop()
}
