/* office.ts - how quick the pages of an office are: first and later load of the board, a board of many
 * villages, a long list that is scrolled, a large import. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { workbookBytes } from '../../../server/web/office/sheet/workbook_for_tests'
import { OFFICE_PC } from '../../e2e/lib/browser'
import { SLOW_4G } from './line'
import { cpuSlow, framesBegin, framesEnd, kB, median, print, seconds, seenAt, smooth, watchFor, WireBytes } from './measure'
import type { Bench } from './site'

const TOWNSHIP = '140522110'
const COUNTY = '140522'
const NUMBERS = '[data-metric=visited] [data-part=num]'
/** Time for what comes behind the numbers. */
const AFTER_MS = 3000
const CHART = /TrendChart/

async function boardLoad(bench: Bench): Promise<void> {
  const { context, page: first } = await bench.page(OFFICE_PC)
  await bench.signIn(context)
  const wire = await WireBytes.count(first)
  bench.line.slow(SLOW_4G)
  const load = async (page: Page): Promise<number> => {
    await cpuSlow(page)
    await watchFor(page, NUMBERS, '[0-9]')
    await page.goto(`${bench.url}/office/board/${TOWNSHIP}`, { waitUntil: 'commit' })
    return seenAt(page)
  }
  const ms = await load(first)
  await first.waitForTimeout(AFTER_MS)
  const files = wire.sum((url) => !url.includes('/v1/') && !CHART.test(url))
  const answers = wire.sum((url) => url.includes('/v1/'))
  print('office: first load of the board, before the chart', `${kB(files)}, answers of the API ${kB(answers)}, chart ${kB(wire.sum((url) => CHART.test(url)))}`, '180 kB')
  print('office: numbers readable on the first load, 1.44 Mbit/s, 560 ms, CPU / 4', seconds(ms), '4 s')
  const again: number[] = []
  for (let i = 0; i < 3; i++) {
    const page = await context.newPage()
    again.push(await load(page))
    await page.close()
  }
  print('office: the same on later loads', seconds(median(again)), '1.5 s')
  bench.line.slow(undefined)
  await context.close()
}

/** From the choice of villages to the frame with all of them. */
async function boardOfMany(bench: Bench, context: BrowserContext): Promise<void> {
  const page = await context.newPage()
  await page.goto(`${bench.url}/office/board/${COUNTY}`)
  const choice = page.locator('label.by select')
  const rows = Number(bench.text('villages'))
  const times: number[] = []
  for (let i = 0; i < 7; i++) {
    await choice.waitFor()
    if ((await choice.inputValue()) !== 'township') await choice.selectOption('township')
    await page.locator('[data-row]').first().waitFor()
    await page.waitForTimeout(300)
    times.push(
      await choice.evaluate((element, n) => {
        const select = element as HTMLSelectElement
        return new Promise<number>((resolve) => {
          const began = performance.now()
          const look = (): void => {
            if (document.querySelectorAll('[data-row]').length >= n) resolve(performance.now() - began)
            else requestAnimationFrame(look)
          }
          select.value = 'village'
          select.dispatchEvent(new Event('change'))
          requestAnimationFrame(look)
        })
      }, rows),
    )
  }
  print(`office: board of ${rows} villages, click to numbers`, `${median(times).toFixed(0)} ms (${Math.min(...times).toFixed(0)}-${Math.max(...times).toFixed(0)})`, '100 ms')
  await page.close()
}

const ROWS_A_FRAME = 25
const ROW_PX = 40

async function longList(bench: Bench, context: BrowserContext): Promise<void> {
  const page = await context.newPage()
  await page.goto(`${bench.url}/office/residents?within=${COUNTY}&part=all`)
  const region = page.getByRole('region')
  await page.getByRole('row').nth(5).waitFor()
  const total = page.locator('[data-part=total]')
  while (!/^[0-9,]+行$/.test(await total.innerText())) {
    await region.evaluate((e) => e.scrollTo(0, e.scrollHeight))
    await page.waitForTimeout(20)
  }
  const rows = await total.innerText()
  const cdp = await context.newCDPSession(page)
  await cdp.send('Performance.enable')
  const busy = async (): Promise<number> => (await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration')!.value
  for (const [way, step] of [['up', -ROWS_A_FRAME], ['down', ROWS_A_FRAME]] as const) {
    const before = await busy()
    await framesBegin(page)
    await region.evaluate(
      (e, px) =>
        new Promise<void>((resolve) => {
          let frames = 0
          const move = (): void => {
            e.scrollTop += px
            if (++frames < 500) requestAnimationFrame(move)
            else resolve()
          }
          requestAnimationFrame(move)
        }),
      step * ROW_PX,
    )
    const got = await framesEnd(page)
    const share = Math.round((100 * (await busy() - before) * 1000) / got.ms)
    print(`office: list of ${rows}, ${ROWS_A_FRAME} rows a frame ${way}`, `${smooth(got)}; page busy ${share} %`, '50 frames/s')
  }
  await page.close()
}

const PEOPLE = 50_000

async function largeImport(bench: Bench, context: BrowserContext): Promise<void> {
  const households = bench.text('households.csv').split('\n').slice(1).map((line) => line.split(',')[0]!)
  const header = ['户代码', '姓名', '出生日期', '电话', '状态']
  const line = (i: number): string[] => [households[i % households.length]!, `张${i}`, `${1960 + (i % 50)}-03-${String((i % 28) + 1).padStart(2, '0')}`, '', '常住']
  const file = join(bench.dir, 'people.xlsx')
  writeFileSync(file, workbookBytes([header, ...Array.from({ length: PEOPLE }, (_, i) => line(i))]))
  const page = await context.newPage()
  await page.goto(`${bench.url}/office/register`)
  await page.locator('#kind').selectOption('residents')
  const began = Date.now()
  await page.getByLabel('选表格文件').setInputFiles(file)
  await page.getByRole('heading', { name: '对一对列' }).waitFor()
  const read = Date.now()
  await page.getByRole('button', { name: '检查一遍' }).click()
  await page.getByText(`检查通过,${PEOPLE}行都可以导入`).waitFor()
  const checked = Date.now()
  await page.getByRole('button', { name: `导入${PEOPLE}行` }).click()
  await page.getByText('请保存这个文件').waitFor()
  const stored = Date.now()
  const parts = `read ${seconds(read - began)}, checked ${seconds(checked - read)}, stored ${seconds(stored - checked)}`
  print(`office: ${PEOPLE} residents from an XLSX of ${kB(readFileSync(file).length)}`, `${seconds(stored - began)}: ${parts}`, '30 s')
  await page.close()
}

export async function office(bench: Bench): Promise<void> {
  await boardLoad(bench)
  const { context } = await bench.page(OFFICE_PC)
  await bench.signIn(context)
  await boardOfMany(bench, context)
  await longList(bench, context)
  await largeImport(bench, context)
  await context.close()
}
