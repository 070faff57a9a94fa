import { expect, it } from 'vitest'
import { filled, PAGE_ROWS, PagedList, SORTED_MAX, sortedPages, TooLong } from './pages'

/** A server with n rows, which counts what it is asked. */
function server(n: number) {
  const asked: (string | null)[] = []
  let broken = false
  const ask = (after: string | null) => {
    asked.push(after)
    if (broken) return Promise.reject(new Error('cut'))
    const start = after === null ? 0 : Number(after)
    const rows = Array.from({ length: Math.min(PAGE_ROWS, n - start) }, (_, i) => start + i)
    const next = start + PAGE_ROWS < n ? String(start + PAGE_ROWS) : null
    return Promise.resolve({ rows, next })
  }
  return { ask, asked, breakUp: (b: boolean) => (broken = b) }
}

const settled = () => new Promise((r) => setTimeout(r, 0))

it('loads what is on the screen and a little ahead, and each page once', async () => {
  const s = server(1000)
  const list = new PagedList<number>(s.ask, () => undefined)
  list.want(0, 20)
  await settled()
  expect(s.asked).toEqual([null, '100', '200'])
  expect(list.row(299)).toBe(299)
  list.want(5, 25)
  await settled()
  expect(s.asked.length).toBe(3)
  expect(list.complete).toBe(false)
  expect(list.known).toBe(300)
})

it('goes to the end and back: rows far away are dropped and asked for again', async () => {
  const s = server(5050)
  const list = new PagedList<number>(s.ask, () => undefined)
  for (let at = 0; at < 5100; at += 100) {
    list.want(at, at + 20)
    await settled()
  }
  expect([list.complete, list.known]).toEqual([true, 5050])
  expect(list.row(5049)).toBe(5049)
  expect(list.row(0)).toBeUndefined()
  list.want(0, 20)
  await settled()
  expect(list.row(0)).toBe(0)
  expect(list.known).toBe(5050)
})

it.each([0, 1, 100, 101])('knows the end of %i rows', async (n) => {
  const s = server(n)
  const list = new PagedList<number>(s.ask, () => undefined)
  list.want(0, 20)
  await settled()
  expect([list.complete, list.known]).toEqual([true, n])
})

it('stops at a failure and goes on from there when asked to', async () => {
  const s = server(300)
  const list = new PagedList<number>(s.ask, () => undefined)
  s.breakUp(true)
  list.want(0, 20)
  await settled()
  expect(list.error).toEqual(new Error('cut'))
  expect(s.asked.length).toBe(1)
  s.breakUp(false)
  list.retry()
  await settled()
  expect([list.error, list.complete, list.known]).toEqual([null, true, 300])
})

it('makes a whole page out of short answers', async () => {
  const asked: [string | null, number][] = []
  const short = (after: string | null, limit: number) => {
    asked.push([after, limit])
    const start = Number(after ?? 0)
    return Promise.resolve({ rows: start === 0 ? [] : [start, start + 1].slice(0, limit), next: start >= 6 ? null : String(start + 2) })
  }
  expect(await filled(short, null, 3)).toEqual({ rows: [2, 3, 4], next: '6' })
  expect(asked).toEqual([[null, 3], ['2', 3], ['4', 1]])
  expect(await filled(short, '6', 3)).toEqual({ rows: [6, 7], next: null })
})

it('puts a list in order, numbers as numbers and Chinese by sound, and asks for it once', async () => {
  const rows = ['10号', '9号', '张', '王', '']
  let asked = 0
  const pages = sortedPages((after: string | null) => {
    asked++
    const at = Number(after ?? 0)
    return Promise.resolve({ rows: rows.slice(at, at + 2), next: at + 2 < rows.length ? String(at + 2) : null })
  }, (r) => r)
  expect(await pages(null, 3)).toEqual({ rows: ['', '9号', '10号'], next: '3' })
  expect(await pages('3', 3)).toEqual({ rows: ['王', '张'], next: null })
  expect(asked).toBe(3)
})

it('does not put in order what is too long, and tries again when asked again', async () => {
  let large = true
  const pages = sortedPages(() => Promise.resolve({ rows: Array.from({ length: large ? SORTED_MAX + 1 : 2 }, (_, i) => -i), next: null }), (r) => r)
  await expect(pages(null, 10)).rejects.toBeInstanceOf(TooLong)
  large = false
  expect((await pages(null, 10)).rows).toEqual([-1, -0])
})
