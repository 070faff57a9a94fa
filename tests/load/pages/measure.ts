/* measure.ts - how the figures are taken: bytes on the wire by the browser's own count, times by the
 * page's clock, frames by requestAnimationFrame; printed with their aims.
 */
import type { CDPSession, Page } from 'playwright-core'

export const CPU_SLOWDOWN = 4

export function print(what: string, measured: string, aim = ''): void {
  console.log(`${what}: ${measured}${aim === '' ? '' : ` (aim: ${aim})`}`)
}

export const kB = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
export const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)]!

export async function cpuSlow(page: Page, rate = CPU_SLOWDOWN): Promise<CDPSession> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate })
  return cdp
}

/** What came over the wire for this page: heads and bodies, compressed as they came. */
export class WireBytes {
  private readonly of = new Map<string, string>()
  readonly files: { url: string; bytes: number }[] = []

  static async count(page: Page): Promise<WireBytes> {
    const wire = new WireBytes()
    const cdp = await page.context().newCDPSession(page)
    cdp.on('Network.requestWillBeSent', (e) => wire.of.set(e.requestId, e.request.url))
    cdp.on('Network.loadingFinished', (e) => wire.files.push({ url: wire.of.get(e.requestId) ?? '', bytes: e.encodedDataLength }))
    await cdp.send('Network.enable')
    return wire
  }
  sum(which: (url: string) => boolean = () => true): number {
    return this.files.reduce((n, f) => n + (which(f.url) ? f.bytes : 0), 0)
  }
}

/** Page's clock at the first frame on which this is seen; call before the navigation.  Also works where
 * nobody asks: the time stands in the page. */
export async function watchFor(page: Page, selector: string, pattern = '.'): Promise<void> {
  await page.addInitScript(
    ([wanted, text]) => {
      const fits = new RegExp(text!)
      const look = (): void => {
        const found = [...document.querySelectorAll(wanted!)].some((e) => fits.test(e.textContent ?? ''))
        if (found) Object.assign(window, { seenAt: performance.now() })
        else requestAnimationFrame(look)
      }
      requestAnimationFrame(look)
    },
    [selector, pattern] as const,
  )
}
export async function seenAt(page: Page, timeoutMs = 120_000): Promise<number> {
  const handle = await page.waitForFunction(() => (window as unknown as { seenAt?: number }).seenAt, undefined, { timeout: timeoutMs })
  return (await handle.jsonValue())!
}

export interface Frames {
  ms: number
  frames: number
  /** longest time from one frame to the next */
  worstMs: number
  /** frames that came more than 50 ms after the one before */
  late: number
  /** of those that 60 a second would have been */
  dropped: number
  /** tasks of more than 50 ms */
  longTasks: number
  longestTaskMs: number
}
interface Recorder {
  stop: () => Frames
}

/** Counts frames until framesEnd. */
export function framesBegin(page: Page): Promise<void> {
  return page.evaluate(() => {
    const began = performance.now()
    const out = { ms: 0, frames: 0, worstMs: 0, late: 0, dropped: 0, longTasks: 0, longestTaskMs: 0 }
    let last = began
    let on = true
    const tick = (now: number): void => {
      const gap = now - last
      last = now
      out.frames++
      out.worstMs = Math.max(out.worstMs, gap)
      if (gap > 50) out.late++
      out.dropped += Math.max(0, Math.round((gap * 60) / 1000) - 1)
      if (on) requestAnimationFrame(tick)
    }
    requestAnimationFrame((now) => {
      last = now
      requestAnimationFrame(tick)
    })
    const seen = (list: PerformanceObserverEntryList): void => {
      for (const task of list.getEntries()) {
        out.longTasks++
        out.longestTaskMs = Math.max(out.longestTaskMs, task.duration)
      }
    }
    const observer = new PerformanceObserver(seen)
    observer.observe({ entryTypes: ['longtask'] })
    const stop = (): Frames => {
      on = false
      observer.disconnect()
      return { ...out, ms: performance.now() - began }
    }
    Object.assign(window, { recorder: { stop } })
  })
}
export function framesEnd(page: Page): Promise<Frames> {
  return page.evaluate(() => (window as unknown as { recorder: Recorder }).recorder.stop())
}
export const perSecond = (f: Frames): string => ((f.frames * 1000) / f.ms).toFixed(0)
export const smooth = (f: Frames): string =>
  `${perSecond(f)} frames/s, worst gap ${f.worstMs.toFixed(0)} ms, ${f.late} gaps above 50 ms, ${f.dropped} of ${f.frames + f.dropped} dropped, longest task ${f.longestTaskMs.toFixed(0)} ms`
