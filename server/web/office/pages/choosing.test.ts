import { expect, it } from 'vitest'
import { CHOOSE_PAGE, useChoosing } from './choosing'

const numbers = (from: number, n: number) => Array.from({ length: n }, (_, i) => ({ id: `${from + i}` }))

it('pages come behind the last row, what is settled leaves, and an empty page is asked for again', async () => {
  const pages = [numbers(0, CHOOSE_PAGE), numbers(CHOOSE_PAGE, 2), numbers(500, 1)]
  const asked: (string | undefined)[] = []
  const { rows, full, chosen, picked, begin, more, settled } = useChoosing(
    (after?: { id: string }) => {
      asked.push(after?.id)
      return Promise.resolve(pages.shift()!)
    },
    (r) => r.id,
  )
  expect(rows.value).toBe(null)
  await begin()
  expect(full.value).toBe(true)
  chosen.value = ['7']
  expect(picked.value).toEqual([{ id: '7' }])
  await more()
  expect([rows.value!.length, full.value, chosen.value, picked.value]).toEqual([2, false, [], []])
  chosen.value = ['100', '101']
  await settled(['100'])
  expect([rows.value, chosen.value]).toEqual([[{ id: '101' }], ['101']])
  await settled(['101'])
  expect(rows.value).toEqual([{ id: '500' }])
  expect(asked).toEqual([undefined, '99', undefined])
})

it('a first page that is there already is not asked for', () => {
  const { rows, full } = useChoosing(() => Promise.reject(new Error('asked')), (r: { id: string }) => r.id, numbers(0, 3))
  expect([rows.value!.length, full.value]).toEqual([3, false])
})
