// The pages of a long list, by keyset: page k can be asked for once page k - 1 has said what it ends
// with.  Cursors are kept for good (some bytes a page), rows only near what is on the screen: a list of
// 100,000 rows can be scrolled to its end and back on a phone.
//
// Happy path: want(first, last) → missing pages are asked for one after the other → changed().
// A page that fails stops the queue; `error` says why and retry() goes on from there.
import type { Page } from '@shared/api/lists'

export const PAGE_ROWS = 100
const KEPT_PAGES_AROUND = 15
const AHEAD_PAGES = 2

export type Ask<T> = (after: string | null, limit: number) => Promise<Page<T>>

/** A whole page out of answers that may be short although there is more behind them. */
export async function filled<T>(ask: Ask<T>, after: string | null, limit: number): Promise<Page<T>> {
  const rows: T[] = []
  for (let at = after; ; ) {
    const got = await ask(at, limit - rows.length)
    rows.push(...got.rows)
    if (got.next === null || rows.length >= limit) return { rows, next: got.next }
    at = got.next
  }
}

export const SORTED_MAX = 5000
const ASKED_ROWS = 500

export class TooLong extends Error {}

/** The pages of the whole list in another order than the server's: read once, kept, numbered.
 * @throws TooLong above SORTED_MAX rows. */
export function sortedPages<T>(ask: Ask<T>, key: (row: T) => string | number): Ask<T> {
  const order = new Intl.Collator('zh-Hans-u-co-pinyin', { numeric: true })
  const compare = (a: string | number, b: string | number) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : order.compare(String(a), String(b))
  async function all(): Promise<T[]> {
    const rows: T[] = []
    for (let at: string | null = null; ; ) {
      const got: Page<T> = await ask(at, ASKED_ROWS)
      rows.push(...got.rows)
      if (rows.length > SORTED_MAX) throw new TooLong()
      if (got.next === null) break
      at = got.next
    }
    return rows.map((row) => ({ row, by: key(row) })).sort((a, b) => compare(a.by, b.by)).map((r) => r.row)
  }
  let kept: Promise<T[]> | null = null
  return async (after, limit) => {
    kept ??= all()
    const rows = await kept.catch((e: unknown) => {
      kept = null
      throw e
    })
    const from = Number(after ?? 0)
    return { rows: rows.slice(from, from + limit), next: from + limit < rows.length ? String(from + limit) : null }
  }
}

export class PagedList<T> {
  private readonly pages = new Map<number, T[]>()
  /** cursors[k] opens page k. */
  private readonly cursors: (string | null)[] = [null]
  private ended = false
  private lastRows = 0
  private wanted: [number, number] = [0, 0]
  private running = false
  private stopped = false
  error: unknown = null

  constructor(
    private readonly ask: (after: string | null) => Promise<Page<T>>,
    private readonly changed: () => void,
  ) {}

  /** Rows that are known to be there; all of them once `complete`. */
  get known(): number {
    if (this.ended) return (this.cursors.length - 1) * PAGE_ROWS + this.lastRows
    return (this.cursors.length - 1) * PAGE_ROWS
  }

  get complete(): boolean {
    return this.ended
  }

  row(index: number): T | undefined {
    return this.pages.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS]
  }

  /** Says which rows are on the screen. */
  want(first: number, last: number): void {
    this.wanted = [Math.floor(first / PAGE_ROWS), Math.floor(last / PAGE_ROWS) + AHEAD_PAGES]
    this.drop()
    void this.run()
  }

  retry(): void {
    this.error = null
    void this.run()
  }

  stop(): void {
    this.stopped = true
  }

  private drop(): void {
    const [from, to] = this.wanted
    for (const k of this.pages.keys())
      if (k < from - KEPT_PAGES_AROUND || k > to + KEPT_PAGES_AROUND) this.pages.delete(k)
  }

  /** The first page that is wanted, can be asked for and is not there; what is on the screen first. */
  private missing(): number | null {
    const [from, to] = this.wanted
    const end = Math.min(to, this.cursors.length - 1)
    for (let k = Math.min(from, end); k <= end; k++) if (!this.pages.has(k)) return k
    return null
  }

  private async run(): Promise<void> {
    if (this.running) return
    this.running = true
    for (let k = this.missing(); k !== null && this.error === null && !this.stopped; k = this.missing()) {
      try {
        this.take(k, await this.ask(this.cursors[k] ?? null))
      } catch (e) {
        this.error = e
      }
      if (!this.stopped) this.changed()
    }
    this.running = false
  }

  private take(k: number, page: Page<T>): void {
    this.pages.set(k, page.rows)
    if (k + 1 < this.cursors.length) return
    if (page.next === null) {
      this.ended = true
      this.lastRows = page.rows.length
    } else {
      this.cursors.push(page.next)
    }
  }
}
